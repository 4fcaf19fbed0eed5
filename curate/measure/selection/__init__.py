"""Measures of a selection, one file a measure; `analysis` brings them together."""
