"""Names for data sets, experiments and spaces, kept in one SQLite file."""
