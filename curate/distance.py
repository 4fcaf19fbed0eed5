"""Exact distances: two metrics, one geometry, and the only door to faiss.

Idea: cosine distance 1 - a.b of unit rows is half their squared Euclidean distance,
so both metrics are squared Euclidean distance between *points* (the rows themselves,
or unit rows), and only `from_squared` knows the difference.

Nearest neighbours: faiss proposes candidates fast but in float32 and by the expanded
form |a|^2 + |b|^2 - 2ab, which cancels for near-duplicates. So its candidates are
measured again by direct float64 differences, and a query is believed only when no
other point can be nearer given the worst rounding of the expanded form. The few
queries that stay undecided are compared with every point.
Cost: O(q n d) multiply-adds in float32, O(q (n + candidates d)) besides.

Not here: approximate neighbours.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from curate.core import FloatArray, IntArray, Metric

Float64Array = NDArray[np.float64]

SPARE_CANDIDATES = 8  # beyond k; enough that the next one is clearly farther, almost always
BLOCK_VALUES = 1 << 22  # float64 values held at once: bounds memory at about 100 MB


class Neighbours(NamedTuple):
    """`distances` (q, k) float64 ascending, in the metric; `rows` (q, k) int64 of the base."""

    distances: Float64Array
    rows: IntArray


def lengths(vectors: FloatArray) -> Float64Array:
    """(n,) Euclidean lengths in float64, whatever the exponents of the values."""
    vectors = np.asarray(vectors, dtype=np.float64)
    # A power of two is divided out first: exact, and the squares stay finite.
    exponents = np.frexp(np.abs(vectors).max(axis=1))[1].clip(min=-1000)
    scaled = vectors * np.ldexp(1.0, -exponents)[:, None]
    measured: Float64Array = np.ldexp(np.linalg.norm(scaled, axis=1), exponents)
    return measured


def as_points(vectors: FloatArray, metric: Metric) -> Float64Array:
    """(n, d) float64 points whose squared Euclidean distances order as `metric` does.

    Under cosine rows are divided by their length in float64; a zero row must have been
    set aside before, for it has no direction.
    """
    points = np.ascontiguousarray(vectors, dtype=np.float64)
    return points / lengths(points)[:, None] if metric == "cosine" else points


def from_squared(squared: Float64Array, metric: Metric) -> Float64Array:
    """Distances in `metric` from squared Euclidean distances between points; same shape."""
    return np.sqrt(squared) if metric == "euclidean" else squared / 2


def to_squared(distance: float, metric: Metric) -> float:
    """The least squared distance that is at least `distance` in `metric`."""
    if metric == "cosine":
        return 2 * distance
    squared = distance * distance
    while math.sqrt(squared) >= distance and squared > 0:
        squared = math.nextafter(squared, 0)
    while math.sqrt(squared) < distance:
        squared = math.nextafter(squared, math.inf)
    return squared


def squared_to_one(points: Float64Array, point: Float64Array) -> Float64Array:
    """(n,) squared Euclidean distances from each of (n, d) points to one (d,) point.

    Direct differences: no cancellation, whatever the offset of the data.
    """
    squared: Float64Array = cdist(points, point[None, :], "sqeuclidean")[:, 0]
    return squared


def k_nearest(
    queries: Float64Array,
    base: Float64Array,
    k: int,
    metric: Metric,
    own_rows: IntArray | None = None,
) -> Neighbours:
    """The k nearest of (n, d) `base` points to each of (q, d) `queries`, exactly.

    `own_rows` (q,) names the base row that is the query itself, to be passed over: an
    item is not its own neighbour, though a duplicate of it is. -1 passes over none.
    Equal distances go to the lower row (among exact duplicates of the query, to any).
    Distances are float64 from direct differences.
    """
    available = len(base) - (1 if own_rows is not None else 0)
    if not 1 <= k <= available:
        raise ValueError(f"k = {k} neighbours of {available} candidates")
    squared = np.empty((len(queries), k))
    rows = np.empty((len(queries), k), dtype=np.int64)
    search = _Search(base)
    step = max(1, BLOCK_VALUES // ((k + SPARE_CANDIDATES + 1) * base.shape[1]))
    for start in range(0, len(queries), step):
        block = slice(start, start + step)
        own = None if own_rows is None else own_rows[block]
        squared[block], rows[block] = search.k_nearest(queries[block], k, own)
    return Neighbours(from_squared(squared, metric), rows)


class _Search:
    """Base points prepared once for many blocks of queries, in squared distances."""

    def __init__(self, base: Float64Array) -> None:
        self.base = base
        self.centre = base.mean(axis=0)
        # Centred, norms are as small as they get, and so is the error of the expanded form.
        self.base32 = np.ascontiguousarray(base - self.centre, dtype=np.float32)
        self.reach = float(_norms(self.base32).max())

    def k_nearest(
        self, queries: Float64Array, k: int, own: IntArray | None
    ) -> tuple[Float64Array, IntArray]:
        import faiss

        wanted = k + SPARE_CANDIDATES + (own is not None)
        if wanted >= len(self.base):
            return self._all_compared(queries, k, own)
        queries32 = np.ascontiguousarray(queries - self.centre, dtype=np.float32)
        approximate, candidates = faiss.knn(queries32, self.base32, wanted)
        differences = queries[:, None, :] - self.base[candidates]  # (q, wanted, d)
        squared = np.einsum("qcd,qcd->qc", differences, differences)
        if own is not None:
            squared[candidates == own[:, None]] = np.inf
        squared, rows = _smallest(squared, candidates, k)
        # Every point that faiss left out is at least as far as its last candidate, give
        # or take rounding: d products and sums, and the two conversions to float32.
        rounding = (2 * queries.shape[1] + 16) * 2.0**-24 * (_norms(queries32) + self.reach) ** 2
        possible = np.maximum(approximate[:, -1] - rounding, 0)
        # Written so that NaN, from values whose squares leave float32, counts as undecided.
        undecided = np.flatnonzero(~(possible >= squared[:, -1]))
        if len(undecided):
            own_left = None if own is None else own[undecided]
            squared[undecided], rows[undecided] = self._all_compared(
                queries[undecided], k, own_left
            )
        return squared, rows

    def _all_compared(
        self, queries: Float64Array, k: int, own: IntArray | None
    ) -> tuple[Float64Array, IntArray]:
        squared = np.empty((len(queries), k))
        rows = np.empty((len(queries), k), dtype=np.int64)
        every_row = np.arange(len(self.base))
        step = max(1, BLOCK_VALUES // len(self.base))
        for start in range(0, len(queries), step):
            block = slice(start, start + step)
            pairs = cdist(queries[block], self.base, "sqeuclidean")
            if own is not None:
                mine = np.flatnonzero(own[block] >= 0)
                pairs[mine, own[block][mine]] = np.inf
            squared[block], rows[block] = _smallest(
                pairs, np.broadcast_to(every_row, pairs.shape), k
            )
        return squared, rows


def _norms(points: FloatArray) -> Float64Array:
    """(n,) Euclidean norms in float64."""
    norms: Float64Array = np.sqrt(np.einsum("ij,ij->i", points, points, dtype=np.float64))
    return norms


def _smallest(squared: Float64Array, rows: IntArray, k: int) -> tuple[Float64Array, IntArray]:
    """The k smallest of each row of `squared`, ascending, the lower of `rows` on ties."""
    if k == 1 and np.all(rows[:, :-1] <= rows[:, 1:]):
        order = squared.argmin(axis=1)[:, None]
        return np.take_along_axis(squared, order, axis=1), np.take_along_axis(rows, order, axis=1)
    order = np.lexsort((rows, squared), axis=1)[:, :k]
    return np.take_along_axis(squared, order, axis=1), np.take_along_axis(rows, order, axis=1)
