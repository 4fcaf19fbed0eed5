"""The sentences of the reports."""
