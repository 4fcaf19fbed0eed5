"""The nearest other points of a query in order, with their ties.

Squared distances come from the expanded form |a|² + |b|² − 2ab of centred float64 points. Its
rounding error is bounded (`_rounding`), and distances that differ by less are one tie. So points
at equal distance tie, and no order rests on rounding. The centre is a median, and the bound is that
of the near points: one row far from all others does not widen the ties of the rest.
A query is recognised by its row, not by its place: an equal point of another class may come first.
Cost: q n d multiply-adds and a partition of n values for each query; O(block · n) memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curate.core.distance import Float64Array
from curate.core.values import IntArray

EPSILON = float(np.finfo(np.float64).eps)
CENTRE_ROWS = 1_000  # the centre needs to be near the bulk, no more


@dataclass(frozen=True)
class Ranked:
    """The nearest others of one query: `rows` (m,), nearest first, the lower row first in a tie.

    group  (m,) number of the tie that each is in, counted from 0
    """

    rows: IntArray
    group: IntArray


class CentredPoints:
    """(n, d) points, centred, ready to be ranked from any of them."""

    def __init__(self, points: Float64Array) -> None:
        self.points = points - np.median(points[:: max(1, len(points) // CENTRE_ROWS)], axis=0)
        self.squares: Float64Array = np.einsum("ij,ij->i", self.points, self.points)

    def squared_from(self, queries: IntArray) -> Float64Array:
        """(q, n) squared distances from the points in rows `queries`; inf to themselves."""
        squared: Float64Array = self.points[queries] @ self.points.T
        squared *= -2
        squared += self.squares
        squared += self.squares[queries, None]
        squared[np.arange(len(queries)), queries] = np.inf
        return squared

    def ranked(self, squared: Float64Array, query: int, wanted: int) -> Ranked:
        """The `wanted` nearest in one row of `squared_from`, and all that tie with the last."""
        wanted = min(wanted, len(squared) - 1)
        limit = float(np.partition(squared, wanted - 1)[wanted - 1])
        rounding = self._rounding(query, limit)
        rows = np.flatnonzero(squared <= limit + rounding)
        near = squared[rows]
        order = np.argsort(near, kind="stable")
        group = np.concatenate([[0], np.cumsum(np.diff(near[order]) > rounding)])
        rows = rows[order]
        return Ranked(rows[np.lexsort((rows, group))], group)

    def _rounding(self, query: int, limit: float) -> float:
        """Twice the largest error of a squared distance up to `limit` from `query`.

        Products, sums and norms are wrong by eps (|a| + |b|)² at most, and b is not farther from
        the centre than a and the way from a to b. An error of what is farther away is larger, but
        small beside its distance: it does not bring it near.
        """
        size = (2 * self.squares[query] ** 0.5 + max(limit, 0.0) ** 0.5) ** 2
        return float(2 * (self.points.shape[1] + 4) * EPSILON * size)
