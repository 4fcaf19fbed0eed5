"""Distance from every item to its nearest selected item, kept up to date pick by pick.

A new pick can only lower distances, so one running minimum replaces the (n, k) matrix: O(n)
memory for any k, O(n d) time for each pick. Distances are float64 from direct differences, so
that equal distances compare equal.
"""

from __future__ import annotations

import numpy as np

from curate.core.distance import Float64Array, as_points, from_squared, squared_to_one
from curate.core.values import FloatArray, IntArray, Metric, Selection

POOL_CODE = -1  # while picks are made, datapool item i has the number POOL_CODE - i


class NearestSelected:
    """Squared distances of (n, d) points to the nearest item selected so far.

    squared  (n,) inf while nothing is selected
    nearest  (n,) j for the j-th pick, POOL_CODE - i for datapool item i
    """

    def __init__(self, points: Float64Array, datapool: Float64Array | None) -> None:
        self.points = points
        self.squared: Float64Array = np.full(len(points), np.inf)
        self.nearest: IntArray = np.full(len(points), 0, dtype=np.int64)
        self.picks: list[int] = []
        self.at_pick: list[float] = []
        self.largest: list[float] = []
        for i, point in enumerate(() if datapool is None else datapool):
            self._update(point, POOL_CODE - i)

    def add(self, row: int) -> None:
        """Select `row`, and keep its distance to the items selected before."""
        self.at_pick.append(float(self.squared[row]))
        self._update(self.points[row], len(self.picks))
        self.picks.append(row)
        self.largest.append(float(self.squared.max()))

    def _update(self, point: Float64Array, number: int) -> None:
        squared = squared_to_one(self.points, point)
        closer = squared < self.squared
        np.copyto(self.squared, squared, where=closer)
        np.copyto(self.nearest, number, where=closer)

    def selection(self, metric: Metric, strategy: str, notes: tuple[str, ...] = ()) -> Selection:
        """The selection, with true distances in `metric`."""
        k = len(self.picks)
        nearest = np.where(self.nearest >= 0, self.nearest, k + POOL_CODE - self.nearest)
        return Selection(
            picks=np.array(self.picks, dtype=np.int64),
            distances=from_squared(np.array(self.at_pick), metric),
            radii=from_squared(np.array(self.largest), metric),
            coverage=from_squared(self.squared, metric),
            nearest=nearest,
            strategy=strategy,
            notes=notes,
        )


def start_tracking(
    vectors: FloatArray, metric: Metric, datapool: FloatArray | None
) -> NearestSelected:
    """A NearestSelected of `vectors` (n, d), where `datapool` (m, d), if any, is selected."""
    pool = None if datapool is None else as_points(datapool, metric)
    return NearestSelected(as_points(vectors, metric), pool)
