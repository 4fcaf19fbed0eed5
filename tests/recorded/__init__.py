"""What twelve jobs gave before the tree was restructured, and how it was recorded."""
