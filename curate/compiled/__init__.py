"""Loops that numba compiles: vectors of numbers, threads, and what more than one room needs."""
