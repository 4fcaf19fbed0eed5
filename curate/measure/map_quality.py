"""How much of a space its map in two dimensions keeps: a map without these numbers is a picture.

  trustworthiness  T = 1 − 2 / (q k (2m − 3k − 1)) Σᵢ Σ over j in Uᵢ (r(i, j) − k)
                   over q of the m points; Uᵢ are the points that are among the k nearest of i on
                   the map and not in the space, r(i, j) is the rank of j among the neighbours
                   of i in the space. 1 if all neighbours on the map are neighbours in the space
  continuity       the same with map and space exchanged: it falls where neighbours in the space
                   are far apart on the map (Venna & Kaski 2001). Both are defined for k < m/2
  preserved        mean fraction of the k nearest in the space that are among the k nearest on
                   the map
Points at equal distance have the same rank, so that copies of an item count as one neighbour
would, in whatever order they stand.
Cost: O(q m (d + k)), in blocks of BLOCK distances.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curate.core.distance import Float64Array, smallest
from curate.core.values import IntArray
from curate.measure.spaces.agreement import common_count
from curate.measure.spaces.ranked_neighbours import CentredPoints

NEIGHBOURS = 10  # k by which the maps of a report are judged
BLOCK = 1 << 22  # distances at a time: 32 MB


@dataclass(frozen=True)
class MapQuality:
    """Each measure in [0, 1], for k neighbours: from `asked` points to all points of the map."""

    k: int
    asked: int
    trustworthiness: float
    continuity: float
    preserved: float


def map_quality(
    points: Float64Array, places: Float64Array, k: int, rows: IntArray | None = None
) -> MapQuality | None:
    """Quality of a map that puts (m, d) `points` at (m, 2) `places`; None unless k < m/2.

    rows  (q,) the points whose neighbours are compared; None for all
    """
    m = len(points)
    if not 1 <= k < m / 2:
        return None
    rows = np.arange(m) if rows is None else rows
    space, flat = CentredPoints(points), CentredPoints(places)
    untrue = torn = kept = 0
    step = max(1, BLOCK // m)
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        in_space, on_map = space.squared_from(block), flat.squared_from(block)
        near_in_space, near_on_map = _nearest(in_space, k), _nearest(on_map, k)
        untrue += int(np.maximum(_ranks(in_space, near_on_map) - k, 0).sum())
        torn += int(np.maximum(_ranks(on_map, near_in_space) - k, 0).sum())
        kept += int(common_count(near_in_space, near_on_map).sum())
    scale = 2 / (len(rows) * k * (2 * m - 3 * k - 1))
    return MapQuality(
        k=k,
        asked=len(rows),
        trustworthiness=1 - scale * untrue,
        continuity=1 - scale * torn,
        preserved=kept / (len(rows) * k),
    )


def _nearest(squared: Float64Array, k: int) -> IntArray:
    """(q, k) the columns of the k smallest of each row of (q, m) `squared`."""
    return smallest(squared, np.broadcast_to(np.arange(squared.shape[1]), squared.shape), k)[1]


def _ranks(squared: Float64Array, columns: IntArray) -> IntArray:
    """(q, k) ranks of (q, k) `columns` in the rows of (q, m) `squared`, 1 for the smallest."""
    own = np.arange(len(squared))
    ranks = [(squared < squared[own, column][:, None]).sum(axis=1) + 1 for column in columns.T]
    return np.column_stack(ranks)
