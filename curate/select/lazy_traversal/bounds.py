"""An upper bound of every item's distance to the selected prefix, and the exact one on demand.

The prefix (the datapool, then the picks) grows, so an item's distance to it only shrinks, and the
distance measured last is an upper bound. `refresh` brings items up to date.

Cost: O(n d) time at the start, then the refreshes that the traversal asks for. Memory: 13 bytes
an item, 16 for its coverage, about 8 d bytes a pick. Vectors are read as they are stored, and
copied only if rows are not contiguous or bytes are swapped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from curate.core.distance import Float64Array, as_points, lengths
from curate.core.simd import WIDTH
from curate.core.threads import RowArray, ThreadPool
from curate.core.values import Embeddings, FloatArray
from curate.select.lazy_traversal import kernels
from curate.select.lazy_traversal.bucket_queue import by_key
from curate.select.lazy_traversal.kernels import TAKEN, ItemState
from curate.select.lazy_traversal.points import Rows, SelectedPrefix, as_stored, worst_rounding
from curate.select.lazy_traversal.triangle_pruning import rule_out
from curate.select.request import Request, free_items, start_row

CACHED_VALUES = 1 << 17  # float64 values that are converted at a time
BLOCK = 1 << 18  # items that are handled at a time
# If the largest squared distance to the first position is in this range, float32 can hold all
# squared distances: twice that distance does not overflow, and the loss to underflow
# (`worst_rounding`) is negligible. Otherwise approximate distances are float64.
FLOAT32_SQUARES = (2.0**-80, float(np.finfo(np.float32).max) / 16)
# Each row read from a mapped file may bring 2 MB into memory until pages are released. So fewer
# items are handled at a time:
MAPPED_BLOCK = 1 << 12  # of consecutive rows
SCATTERED_BLOCK = 1 << 8  # of scattered rows


class Bounds:
    """The selected prefix, and a bound for each item.

    m        length of the datapool
    upto     length of the prefix so far
    rows     (m + k,) the item at each position; -1 for the datapool, and until picked
    squared  (m + k,) exact squared distance of each when it was picked
    """

    def __init__(self, embeddings: Embeddings, request: Request, thread_pool: ThreadPool) -> None:
        self.embeddings, self.request, self.thread_pool = embeddings, request, thread_pool
        vectors = embeddings.vectors
        self.items = Rows(as_stored(vectors), self._lengths(vectors))
        datapool = vectors[:0] if request.datapool is None else request.datapool
        self.m = self.upto = len(datapool)
        self.rows = np.full(self.m + request.k, -1, np.int64)
        self.squared = np.full(self.m + request.k, np.inf)
        if self.m == 0:
            self.rows[0] = self._first_row()
            self.upto, datapool = 1, vectors[self.rows[:1]]
        kind = np.result_type(vectors, datapool)  # represents both exactly
        self.selected = np.empty((len(self.rows), embeddings.dims), kind)
        self.selected[: self.upto] = datapool
        self.selected_lengths = self._lengths(self.selected[: self.upto])
        self.selected_lengths.resize(len(self.rows) if len(self.items.lengths) else 0)
        self._begin(np.dtype(np.float64 if kind == np.float64 else np.float32))
        if not FLOAT32_SQUARES[0] < self.state.squared.max() < FLOAT32_SQUARES[1]:
            self._begin(np.dtype(np.float64))

    def _first_row(self) -> int:
        """The first pick without a datapool."""
        n = len(self.embeddings)
        return start_row(n, self.request, self._points, self.thread_pool.map)

    def _begin(self, kind: np.dtype[Any]) -> None:
        """Measure every item against the first position; `kind` is the dtype of approximations."""
        n, d = self.embeddings.vectors.shape
        width = WIDTH[kind]
        tiles = np.full((-(-len(self.rows) // width), d, width), np.inf, kind)
        for position in range(self.upto):
            vector = self.selected[position : position + 1]
            point = as_points(vector, self.embeddings.metric)
            tiles[position // width, :, position % width] = point
        points = Rows(as_stored(self.selected), self.selected_lengths)
        self.prefix = SelectedPrefix(points, tiles.reshape(-1))
        self.rounding = worst_rounding(d, kind, self.embeddings.metric)
        self.state = ItemState(
            squared=np.empty(n, kind),
            seen=np.empty(n, np.int32),
            nearest=np.empty(n, np.int32),
            doubtful=np.empty(n, bool),
            scale=np.empty(0),
        )
        for block in self._pieces(np.arange(n, dtype=np.int32), MAPPED_BLOCK):
            self.thread_pool.run(
                kernels.measure_to_first, block, self.items, self.prefix, self.state
            )

    def _lengths(self, vectors: FloatArray) -> Float64Array:
        """Under cosine the (n,) lengths by which rows are divided; else an empty array."""
        if self.embeddings.metric == "euclidean":
            return np.empty(0)
        step = max(1, CACHED_VALUES // vectors.shape[1])

        def measure(start: int) -> Float64Array:
            return lengths(vectors[start : start + step])

        return np.concatenate(list(self.thread_pool.map(measure, range(0, len(vectors), step))))

    def _points(self, rows: slice) -> Float64Array:
        """The float64 points of these rows, equal to those of `distance.as_points`."""
        points = self.embeddings.vectors[rows].astype(np.float64)
        if len(self.items.lengths):
            points /= self.items.lengths[rows, None]
        return points

    def _pieces(self, order: RowArray, mapped: int) -> Iterator[RowArray]:
        """`order` in pieces of BLOCK items; of `mapped` items if vectors are in a mapped file."""
        size = BLOCK if self.thread_pool.mapping is None else mapped
        return (order[start : start + size] for start in range(0, len(order), size))

    def _take_out_blocked(self) -> None:
        """Keep items that are no candidates out of the queue; radii need their distances later."""
        free = free_items(self.request, len(self.state.squared))
        waiting = self.state.squared != TAKEN  # a start item need not be a candidate
        self.blocked = np.flatnonzero(~free & waiting).astype(np.int32)
        self.blocked_squared = self._refresh(self.blocked, 0.0)
        self.state.squared[self.blocked] = TAKEN

    def _refresh(self, order: RowArray, edge: float, mapped: int = SCATTERED_BLOCK) -> Float64Array:
        """Exact squared distances of the items of `order`; -1 for items nearer than `edge`."""
        exact = np.empty(len(order))
        done = 0
        for piece in self._pieces(order, mapped):
            self.thread_pool.run(
                kernels.refresh,
                piece,
                exact[done : done + len(piece)],
                self.items,
                self.prefix,
                self.upto,
                edge,
                self.rounding,
                self.state,
            )
            done += len(piece)
        return exact

    def _coverage(self) -> Float64Array:
        """(n,) exact squared distance of every item to the prefix; also updates `state.nearest`."""
        state = self.state
        state.squared[self.blocked] = self.blocked_squared
        squared = np.zeros(len(state.squared))
        unpicked = np.flatnonzero(state.squared != TAKEN).astype(np.int32)
        for piece in self._pieces(unpicked, MAPPED_BLOCK):
            if self.thread_pool.mapping is None:
                rule_out(
                    piece,
                    self.thread_pool,
                    self.items,
                    self.prefix,
                    self.upto,
                    self.rounding,
                    state,
                )
            order = by_key(piece, state.seen, self.upto)
            squared[order] = self._refresh(order, 0.0, MAPPED_BLOCK)
        return squared
