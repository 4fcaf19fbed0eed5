"""Exact distances for both metrics, and exact nearest neighbours.

The cosine distance 1 − a·b of unit rows is half their squared Euclidean distance. So both
metrics are squared Euclidean distances between *points* (the rows themselves, or unit rows),
and only `from_squared` distinguishes them.

Nearest neighbours: `candidate_search`, or faiss for many neighbours, proposes candidates fast
in float32. Their distances are computed again by direct float64 differences. The result of a
query is accepted only if no other point can be nearer, given the worst rounding. The few
remaining queries are compared with every point.

Cost: O(q n d) multiply-adds in float32, O(q candidates d) besides.
Not here: approximate neighbours (`indexes`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from curate.core.memory_map import row_blocks
from curate.core.values import FloatArray, IntArray, Metric
from curate.progress import Progress

Float64Array = NDArray[np.float64]

SPARE_CANDIDATES = 8  # beyond k; almost always the next one is then clearly farther
FEW = 64  # neighbours up to which a sorted list is faster than the heap of faiss
SMALL = 1 << 27  # coordinates that are compared directly before compiled code is loaded
SMALL_ONCE = 1 << 29  # the same for a single search, for which loading pays off later
QUERY_BLOCK = 2_000  # queries of a step of the progress
BLOCK_VALUES = 1 << 22  # float64 values in a block: bounds memory at about 100 MB


class Neighbours(NamedTuple):
    """`distances` (q, k) float64 ascending, in the metric; `rows` (q, k) int64 of the base."""

    distances: Float64Array
    rows: IntArray


def lengths(vectors: FloatArray) -> Float64Array:
    """(n,) Euclidean lengths in float64, without overflow or underflow of squares."""
    vectors = np.ascontiguousarray(
        vectors, dtype=np.float64
    )  # the memory order would change the order of a sum
    # Divide by a power of two first: that is exact, and the squares stay finite.
    exponents = np.frexp(np.abs(vectors).max(axis=1))[1].clip(min=-1000)
    scaled = vectors * np.ldexp(1.0, -exponents)[:, None]
    measured: Float64Array = np.ldexp(np.linalg.norm(scaled, axis=1), exponents)
    return measured


def as_points(vectors: FloatArray, metric: Metric) -> Float64Array:
    """(n, d) float64 points whose squared Euclidean distances order as `metric` does.

    For cosine, rows are divided by their length in float64; a zero row, which has no direction,
    must have been set aside before.
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
    queries: FloatArray,
    base: FloatArray,
    k: int,
    metric: Metric,
    own_rows: IntArray | None = None,
    threads: int | None = None,
    once: bool = False,
) -> Neighbours:
    """The k nearest of (n, d) `base` vectors to each of (q, d) `queries`, exactly.

    Both may be of any floating dtype; `base` is read in blocks and may be memory-mapped.
    own_rows  (q,) base row of each query itself, which is skipped: an item is not its own
              neighbour, but a duplicate of it is
    once      no other search of this size follows: larger ones then do without compiled code,
              which takes long to load
    Of equal distances the lower row comes first (among exact duplicates of the query, any).
    Distances are float64 from direct differences and do not depend on the number of threads.
    """
    available = len(base) - (1 if own_rows is not None else 0)
    if not 1 <= k <= available:
        raise ValueError(f"k = {k} neighbours of {available} candidates")
    search = _Search(as_points(queries, metric), k, own_rows, threads)
    for first, block in _blocks(base, metric):
        search.propose(first, block, SMALL_ONCE if once else SMALL)
    undecided = search.undecided()
    if len(undecided):
        own = None if own_rows is None else own_rows[undecided]
        compared = _Search(search.queries[undecided], k, own)
        for first, block in _blocks(base, metric):
            compared.compare(first, block)
        search.squared[undecided], search.rows[undecided] = compared.squared, compared.rows
    return Neighbours(from_squared(search.squared, metric), search.rows)


def k_nearest_in_blocks(
    vectors: FloatArray,
    rows: IntArray,
    base: FloatArray,
    k: int,
    metric: Metric,
    *,
    own: bool = False,
    once: bool = False,
    label: str,
    progress: Progress,
) -> Neighbours:
    """`k_nearest` of the (q,) `rows` of `vectors`, block by block, so that progress is seen.

    own    whether `vectors` are the `base`, and each query is to be passed over
    label  what the progress says; the rest as for `k_nearest`
    """
    blocks = [rows[start : start + QUERY_BLOCK] for start in range(0, len(rows), QUERY_BLOCK)]
    nearest = [
        k_nearest(vectors[block], base, k, metric, own_rows=block if own else None, once=once)
        for block in progress(blocks, label, len(blocks))
    ]
    return Neighbours(
        np.concatenate([block.distances for block in nearest]),
        np.concatenate([block.rows for block in nearest]),
    )


def _blocks(base: FloatArray, metric: Metric) -> Iterator[tuple[int, Float64Array]]:
    """The points of `base` block by block, each with its first row."""
    for rows in row_blocks(base, max(1, BLOCK_VALUES // base.shape[1])):
        yield rows.start, as_points(base[rows], metric)


class _Search:
    """The nearest points so far to each of (q, d) queries, updated block by block.

    squared, rows  (q, k) ascending; inf and -1 if there are none yet
    left_out       (q,) lower bound of the squared distances that were not computed exactly
    """

    def __init__(
        self, queries: Float64Array, k: int, own: IntArray | None, threads: int | None = None
    ) -> None:
        self.queries, self.k, self.own, self.threads = queries, k, own, threads
        # Centring makes the norms small, and with them the error of the expanded form.
        self.centre = queries.mean(axis=0)
        self.queries32 = np.ascontiguousarray(queries - self.centre, dtype=np.float32)
        self.norms = _norms(self.queries32)
        self.squared: Float64Array = np.full((len(queries), k), np.inf)
        self.rows: IntArray = np.full((len(queries), k), -1, dtype=np.int64)
        self.left_out: Float64Array = np.full(len(queries), np.inf)

    def propose(self, first: int, block: Float64Array, small: int) -> None:
        """Measure the candidates in a block of the base, or all its points if it is small."""
        wanted = self.k + SPARE_CANDIDATES + (self.own is not None)
        if wanted >= len(block) or len(self.queries) * block.size <= small:
            self.compare(first, block)
            return
        block32 = np.ascontiguousarray(block - self.centre, dtype=np.float32)
        propose = _few_candidates if wanted <= FEW else _many_candidates
        approximate, candidates = propose(self.queries32, block32, wanted, self.threads)
        # If squares overflow float32 there are fewer: NaN leaves the query undecided.
        approximate[candidates[:, -1] < 0, -1] = np.nan
        candidates = candidates.clip(min=0)
        rounding = self._rounding_of_direct if wanted <= FEW else self._rounding_of_expanded
        farther = rounding(approximate[:, -1].astype(np.float64), _norms(block32).max())
        self.left_out = np.minimum(self.left_out, farther)
        step = max(1, BLOCK_VALUES // (wanted * block.shape[1]))
        for start in range(0, len(self.queries), step):
            some = slice(start, start + step)
            differences = self.queries[some, None, :] - block[candidates[some]]
            squared = np.einsum("qcd,qcd->qc", differences, differences)
            self._merge(some, squared, first + candidates[some])

    def _rounding_of_direct(self, approximate: Float64Array, reach: float) -> Float64Array:
        """(q,) least squared distance of points that are `approximate` (q,) away by differences.

        float32 moves a point by 2**-24 of its norm, at most `reach`, centring it by 2**-52 of
        the centre's; besides, d + 2 roundings of the square are a relative error.
        """
        moved = 1.01 * 2.0**-24 * (self.norms + reach)
        moved += 2.0**-50 * float(np.linalg.norm(self.centre))
        least = np.sqrt(approximate) * (1 - (len(self.centre) + 8) * 2.0**-24) - moved
        return np.where(least < 0, 0, least) ** 2

    def _rounding_of_expanded(self, approximate: Float64Array, reach: float) -> Float64Array:
        """The same of |a|^2 + |b|^2 - 2ab: d products and sums of the size of the norms."""
        return approximate - (2 * len(self.centre) + 16) * 2.0**-24 * (self.norms + reach) ** 2

    def compare(self, first: int, block: Float64Array) -> None:
        """Measure every point of a block of the base."""
        rows = np.arange(first, first + len(block))
        step = max(1, BLOCK_VALUES // len(block))
        for start in range(0, len(self.queries), step):
            some = slice(start, start + step)
            squared = cdist(self.queries[some], block, "sqeuclidean")
            self._merge(some, squared, np.broadcast_to(rows, squared.shape))

    def _merge(self, some: slice, squared: Float64Array, rows: IntArray) -> None:
        if self.own is not None:
            squared[rows == self.own[some, None]] = np.inf
        squared, rows = smallest(squared, rows, self.k)
        self.squared[some], self.rows[some] = smallest(
            np.concatenate([self.squared[some], squared], axis=1),
            np.concatenate([self.rows[some], rows], axis=1),
            self.k,
        )

    def undecided(self) -> IntArray:
        """The queries for which a point that was not measured may be nearer.

        NaN, from values whose squares overflow float32, counts as undecided.
        """
        possible = np.maximum(self.left_out, 0)
        return np.flatnonzero(~(possible >= self.squared[:, -1]))


def _few_candidates(
    queries: NDArray[np.float32], base: NDArray[np.float32], wanted: int, threads: int | None
) -> tuple[NDArray[np.float32], IntArray]:
    # Imported here, because loading compiled code takes as long as small work without it.
    from curate.core.candidate_search import nearest_candidates

    return nearest_candidates(queries, base, wanted, threads)


def _many_candidates(
    queries: NDArray[np.float32], base: NDArray[np.float32], wanted: int, _threads: int | None
) -> tuple[NDArray[np.float32], IntArray]:
    import faiss

    candidates: tuple[NDArray[np.float32], IntArray] = faiss.knn(queries, base, wanted)
    return candidates


def _norms(points: FloatArray) -> Float64Array:
    """(n,) Euclidean norms in float64."""
    norms: Float64Array = np.sqrt(np.einsum("ij,ij->i", points, points, dtype=np.float64))
    return norms


def smallest(squared: Float64Array, rows: IntArray, k: int) -> tuple[Float64Array, IntArray]:
    """The k smallest of each row of `squared`, ascending, the lower of `rows` on ties.

    Fewer if a row is shorter than k.
    """
    if squared.shape[1] > 8 * k:
        # Entries beyond the k-th smallest are dropped before the sort, to save time.
        limit = np.partition(squared, k - 1, axis=1)[:, k - 1 : k]
        near = int((squared <= limit).sum(axis=1).max())
        kept = np.argsort(squared > limit, axis=1, kind="stable")[:, :near]
        squared = np.take_along_axis(squared, kept, axis=1)
        rows = np.take_along_axis(rows, kept, axis=1)
    order = np.lexsort((rows, squared), axis=1)[:, :k]
    return np.take_along_axis(squared, order, axis=1), np.take_along_axis(rows, order, axis=1)
