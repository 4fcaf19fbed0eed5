"""The two distances everything is measured by, from every member or from a sample.

diversity: from each member of a set to its nearest other member.
coverage:  from each input item to the nearest member of a set.
Where there are more members than `limit`, a uniform sample of them are the queries;
each is still measured against the full set, so each distance is exact.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from curate.core import FloatArray, IntArray, Metric
from curate.distance import Float64Array, k_nearest


class Measured(NamedTuple):
    """`distances` (q,) float64 in the metric; `rows` (q,) the nearest member's row of the set."""

    distances: Float64Array
    rows: IntArray
    exact: bool


def sample_queries(n: int, limit: int, seed: np.random.SeedSequence) -> IntArray:
    """All of n rows, or a sorted uniform sample of `limit` of them."""
    if n <= limit:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, size=limit, replace=False))


def to_nearest_other(members: FloatArray, metric: Metric, queries: IntArray) -> Measured | None:
    """Distance of the members in rows `queries` to their nearest other member.

    `members` (m, d) vectors. None if there is no other member.
    """
    if len(members) < 2:
        return None
    found = k_nearest(members[queries], members, 1, metric, own_rows=queries)
    return Measured(found.distances[:, 0], found.rows[:, 0], len(queries) == len(members))


def to_nearest_member(
    inputs: FloatArray, members: FloatArray, metric: Metric, queries: IntArray
) -> Measured:
    """Distance of the inputs in rows `queries` to the nearest of (m, d) `members`."""
    found = k_nearest(inputs[queries], members, 1, metric)
    return Measured(found.distances[:, 0], found.rows[:, 0], len(queries) == len(inputs))
