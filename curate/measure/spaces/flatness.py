"""What a map in two dimensions keeps of its space; without these numbers it is a picture only.

  trustworthiness  1 minus a penalty for neighbours on the map that are far in the space
  continuity       the same with both exchanged: neighbours in the space, far on the map
                   (Venna & Kaski 2001); both are defined for k < m/2
  preserved        mean fraction of the k nearest in the space that are so on the map
Cost: O(m² d) for m points, O(q m d) where only q of them are asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curate.core import IntArray
from curate.distance import Float64Array
from curate.measure.spaces.ranking import Space


@dataclass(frozen=True)
class Flatness:
    """Each in [0, 1], at k neighbours: means over `asked` points, among all of the map."""

    k: int
    asked: int
    trustworthiness: float
    continuity: float
    preserved: float


def flatness(
    points: Float64Array, flat: Float64Array, k: int, rows: IntArray | None = None
) -> Flatness | None:
    """Of (m, d) points and their (m, 2) places on a map; None unless k < m/2.

    rows  (q,) points whose neighbours are asked for; None for all
    """
    m = len(points)
    if not 1 <= k < m / 2:
        return None
    rows = np.arange(m) if rows is None else rows
    rank_in, rank_on = _ranks(points, rows), _ranks(flat, rows)
    near_in, near_on = rank_in <= k, rank_on <= k
    scale = 2 / (len(rows) * k * (2 * m - 3 * k - 1))
    return Flatness(
        k=k,
        asked=len(rows),
        trustworthiness=float(1 - scale * (rank_in[near_on & ~near_in] - k).sum()),
        continuity=float(1 - scale * (rank_on[near_in & ~near_on] - k).sum()),
        preserved=float((near_in & near_on).sum() / (len(rows) * k)),
    )


def _ranks(points: Float64Array, rows: IntArray) -> IntArray:
    """(q, m) rank of each other point from each of `rows`, 1 for the nearest, m for itself."""
    m = len(points)
    order = np.argsort(Space(points).squared_from(rows), axis=1, kind="stable")
    ranks = np.empty((len(rows), m), dtype=np.int64)
    np.put_along_axis(ranks, order, np.arange(1, m + 1)[None, :], axis=1)
    return ranks
