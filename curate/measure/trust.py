"""How far the neighbours on a map can be trusted (Venna & Kaski 2001).

  T(k) = 1 − 2 / (m k (2m − 3k − 1)) Σᵢ Σ over j in Uᵢ (r(i, j) − k)
over the m points of a map; Uᵢ are those of the k nearest on the map that are not among the k
nearest in the space, r(i, j) the rank of j among the neighbours of i there. 1 where every
neighbour on the map is one in the space. From POINTS of the points as i at most, a uniform
sample, each against all m: the sum is then m times their mean.
Cost: O(q m (d + k)).
"""

from __future__ import annotations

import numpy as np

from curate.distance import Float64Array
from curate.measure.likeness import squared_between
from curate.measure.nearest import sample_queries

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
