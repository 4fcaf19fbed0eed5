"""Is one space better than another, or was it luck? Paired bootstrap over queries.

The same queries are scored in both spaces; their differences are drawn again with
replacement DRAWS times, and the middle 95% of the means is the interval (Efron 1979).
Pairing matters: most of the spread is between queries, not between spaces. It speaks of
other queries of the same data, not of other data. Cost: DRAWS · q.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from curate.distance import Float64Array

DRAWS = 2_000
INTERVAL = (0.025, 0.975)
BLOCK_DRAWS = 100


class Difference(NamedTuple):
    """Mean of (a − b) and the middle 95% of its bootstrap."""

    mean: float
    low: float
    high: float


def paired_differences(
    a: Float64Array, b: Float64Array, seed: np.random.SeedSequence
) -> list[Difference]:
    """For each column of (q, m) scores `a` and `b` of the same queries."""
    apart = a - b
    rng = np.random.default_rng(seed)
    means = []
    for _ in range(DRAWS // BLOCK_DRAWS):
        # How often each query was drawn is all that a mean needs.
        drawn = rng.integers(0, len(apart), size=(BLOCK_DRAWS, len(apart)))
        times = np.array([np.bincount(rows, minlength=len(apart)) for rows in drawn])
        means.append(times @ apart / len(apart))
    low, high = np.quantile(np.concatenate(means), INTERVAL, axis=0)
    return [Difference(*map(float, one)) for one in zip(apart.mean(axis=0), low, high, strict=True)]
