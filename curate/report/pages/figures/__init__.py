"""Figures that show what a report holds."""
