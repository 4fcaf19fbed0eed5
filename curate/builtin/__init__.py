"""Columns that curate computes from the items themselves: one table of them for each kind."""
