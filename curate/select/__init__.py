"""Choosing k of n embedded items: one file a strategy, listed in `strategies.STRATEGIES`.

This file stays empty of imports: `curate.select` is also the name of the function that
does the whole job, and `curate/__init__.py` loads this package before it defines that.
"""
