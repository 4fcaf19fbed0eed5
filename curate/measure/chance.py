"""What chance gives: how many of the items that are drawn are marked (hypergeometric).

From the ratio of one probability to the one before, in logarithms. Not scipy.stats: loading
it takes as long as comparing two spaces of 600 items.
Cost: O(drawn).
"""

from __future__ import annotations

import numpy as np

from curate.distance import Float64Array


def chances(n: int, marked: int, drawn: int) -> Float64Array:
    """(drawn + 1,) probability of 0, 1, … marked items among `drawn` of n, `marked` in all."""
    least, most = max(0, drawn - (n - marked)), min(marked, drawn)
    one = np.arange(least, most, dtype=np.float64)
    ratios = (marked - one) * (drawn - one) / ((one + 1) * (n - marked - drawn + one + 1))
    logs = np.concatenate([[0.0], np.cumsum(np.log(ratios))])
    weights = np.exp(logs - logs.max())
    found = np.zeros(drawn + 1)
    found[least : most + 1] = weights / weights.sum()
    return found
