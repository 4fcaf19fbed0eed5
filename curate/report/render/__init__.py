"""Style, fonts, text, layout, tables and figures. Knows nothing of selections."""
