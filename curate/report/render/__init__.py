"""Style, fonts, text, layout, tables and figures: everything that draws, for any report."""
