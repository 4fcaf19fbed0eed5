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

from curate.core.distance import Float64Array
from curate.core.values import IntArray
from curate.measure.distances import sample_queries
from curate.measure.selection.likeness import squared_between
from curate.measure.spaces.retrieval import Space

# --------------------------------------------------------------------------------------
# How far the neighbours on a map can be trusted (Venna & Kaski 2001).
#
#   T(k) = 1 − 2 / (m k (2m − 3k − 1)) Σᵢ Σ over j in Uᵢ (r(i, j) − k)
# over the m points of a map; Uᵢ are those of the k nearest on the map that are not among the k
# nearest in the space, r(i, j) the rank of j among the neighbours of i there. 1 where every
# neighbour on the map is one in the space. From POINTS of the points as i at most, a uniform
# sample, each against all m: the sum is then m times their mean.
# Cost: O(q m (d + k)).


NEIGHBOURS = 10
POINTS = 1_000
BLOCK = 1 << 22  # distances at a time


def trustworthiness(
    points: Float64Array, flat: Float64Array, seed: np.random.SeedSequence
) -> tuple[float, int] | None:
    """T of (m, 2) `flat` coordinates of (m, d) `points`, and from how many points.

    None with too few points for NEIGHBOURS neighbours to be less than half of them.
    """
    m, k = len(points), NEIGHBOURS
    if m < 2 * k + 2:
        return None
    queries = sample_queries(m, POINTS, seed)
    points, flat = points - points.mean(axis=0), flat - flat.mean(axis=0)
    missed = 0.0
    step = max(1, BLOCK // m)
    for start in range(0, len(queries), step):
        rows = queries[start : start + step]
        own = np.arange(len(rows))
        on_map = squared_between(flat[rows], flat)
        on_map[own, rows] = np.inf
        near = np.argsort(on_map, axis=1, kind="stable")[:, :k]
        in_space = squared_between(points[rows], points)
        in_space[own, rows] = -1  # nearer than anything, so that ranks begin at 1
        for j in near.T:
            ranks = (in_space < in_space[own, j][:, None]).sum(axis=1)
            missed += float(np.maximum(ranks - k, 0).sum())
    scale = 2 / (len(queries) * k * (2 * m - 3 * k - 1))
    return 1 - scale * missed, len(queries)


# --------------------------------------------------------------------------------------


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
