"""Reports about spaces: their models, their sentences and their pages."""
