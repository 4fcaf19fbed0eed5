"""Measures of selections and of spaces; each returns the model that a report stores."""
