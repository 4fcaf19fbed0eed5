"""Weights of the two embedders that ship; README.md tells their origin and licence."""
