"""Judging spaces, comparing them, asking them: opened, measured, put into reports."""
