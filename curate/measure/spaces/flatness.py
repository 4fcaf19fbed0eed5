"""What a map in two dimensions keeps of its space; without these numbers it is a picture only.

  trustworthiness  1 minus a penalty for neighbours on the map that are far in the space
  continuity       the same with both exchanged: neighbours in the space, far on the map
                   (Venna & Kaski 2001); both are defined for k < m/2
  preserved        mean fraction of the k nearest in the space that are so on the map
Cost: O(m² d) for m points; maps are of a few thousand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curate.core import IntArray
from curate.distance import Float64Array
from curate.measure.spaces.ranking import Space


@dataclass(frozen=True)
class Flatness:
    """Each in [0, 1], at k neighbours, over all m points of the map."""

    k: int
    trustworthiness: float
    continuity: float
    preserved: float


def flatness(points: Float64Array, flat: Float64Array, k: int) -> Flatness | None:
    """Of (m, d) points and their (m, 2) places on a map; None unless k < m/2."""
    m = len(points)
    if not 1 <= k < m / 2:
        return None
    rank_in, rank_on = _ranks(points), _ranks(flat)
    near_in, near_on = rank_in <= k, rank_on <= k
    scale = 2 / (m * k * (2 * m - 3 * k - 1))
    return Flatness(
        k=k,
        trustworthiness=float(1 - scale * (rank_in[near_on & ~near_in] - k).sum()),
        continuity=float(1 - scale * (rank_on[near_in & ~near_on] - k).sum()),
        preserved=float((near_in & near_on).sum() / (m * k)),
    )


def _ranks(points: Float64Array) -> IntArray:
    """(m, m) rank of each other point from each, 1 for the nearest, m for itself."""
    m = len(points)
    order = np.argsort(Space(points).squared_from(np.arange(m)), axis=1, kind="stable")
    ranks = np.empty((m, m), dtype=np.int64)
    np.put_along_axis(ranks, order, np.arange(1, m + 1)[None, :], axis=1)
    return ranks
