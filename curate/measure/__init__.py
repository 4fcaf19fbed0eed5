"""Numbers about a selection: one file a measure, brought together in `analysis`."""
