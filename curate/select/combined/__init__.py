"""Strategies that combine: each pick has the largest product of factors."""
