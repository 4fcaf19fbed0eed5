"""What a selection is worth: each measure returns the model that report.json stores."""
