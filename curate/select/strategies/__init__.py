"""Strategies that select alone: one file each."""
