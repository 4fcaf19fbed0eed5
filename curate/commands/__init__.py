"""Commands with a file of their own, listed in `curate.cli`, and what commands share."""
