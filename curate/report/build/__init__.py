"""Rows become ids: the report and its side files, written and loaded."""
