"""The exact farthest-first traversal in compiled code."""
