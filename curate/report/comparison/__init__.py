"""Several selections of the same data side by side: one table, one page, one JSON file."""
