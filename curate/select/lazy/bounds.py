"""What is known of every item's distance to what is selected: bounds, exact on demand.

The prefix (the datapool and then the picks) grows; an item's distance to it only shrinks, so
what it was when last looked at is an upper bound. `refresh` brings items up to date.

Cost: O(n d) to begin with, then what is asked for. Memory: 13 bytes an item, 16 for its
coverage, about 8 d a pick. Vectors are read as they are stored, and copied only where rows
do not lie one after the other or bytes are swapped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from curate.core.distance import Float64Array, as_points, lengths
from curate.core.threads import Crew, RowArray
from curate.core.values import Embeddings, FloatArray
from curate.core.vector_code import WIDTH
from curate.select.lazy import kernels
from curate.select.lazy.kernels import TAKEN, State
from curate.select.lazy.points import Prefix, Rows, as_stored, worst_rounding
from curate.select.lazy.queue import by_key
from curate.select.lazy.triangle_pruning import rule_out
from curate.select.request import Request, start_row

CACHED_VALUES = 1 << 17  # float64 values that are converted at a time
BLOCK = 1 << 18  # items that are handled at a time
# Between these float32 holds the squared distances: twice as far apart as any is from the first
# is still a number, and what is lost to underflow (`worst_rounding`) still next to nothing.
SQUARES = (2.0**-80, float(np.finfo(np.float32).max) / 16)
# Of a mapped file, each row that is touched may bring in 2 MB until it is let go.
MAPPED_BLOCK = 1 << 12  # where they follow each other
SCATTERED = 1 << 8  # where they do not


class Bounds:
    """The prefix, and what is known of each item.

    upto    length of the prefix so far, `m` of it from the datapool
    rows    (m + k,) which item is at each position; -1 for the datapool, and until picked
    squared (m + k,) exact squared distance of each when it was picked
    """

    def __init__(self, embeddings: Embeddings, request: Request, crew: Crew) -> None:
        self.embeddings, self.request, self.crew = embeddings, request, crew
        vectors = embeddings.vectors
        self.items = Rows(as_stored(vectors), self._lengths(vectors))
        datapool = vectors[:0] if request.datapool is None else request.datapool
        self.m = self.upto = len(datapool)
        self.rows = np.full(self.m + request.k, -1, np.int64)
        self.squared = np.full(self.m + request.k, np.inf)
        if self.m == 0:
            self.rows[0] = self._first_row()
            self.upto, datapool = 1, vectors[self.rows[:1]]
        kind = np.result_type(vectors, datapool)  # holds both without loss
        self.selected = np.empty((len(self.rows), embeddings.dims), kind)
        self.selected[: self.upto] = datapool
        self.selected_lengths = self._lengths(self.selected[: self.upto])
        self.selected_lengths.resize(len(self.rows) if len(self.items.lengths) else 0)
        self._begin(np.dtype(np.float64 if kind == np.float64 else np.float32))
        if not SQUARES[0] < self.state.squared.max() < SQUARES[1]:
            self._begin(np.dtype(np.float64))

    def _first_row(self) -> int:
        """What is picked first, where there is no datapool."""
        n = len(self.embeddings)
        return start_row(n, self.request, self._points, self.crew.map)

    def _begin(self, kind: np.dtype[Any]) -> None:
        """Measure every item against the first position, in numbers of this kind."""
        n, d = self.embeddings.vectors.shape
        width = WIDTH[kind]
        tiles = np.full((-(-len(self.rows) // width), d, width), np.inf, kind)
        for position in range(self.upto):
            one = self.selected[position : position + 1]
            tiles[position // width, :, position % width] = as_points(one, self.embeddings.metric)
        points = Rows(as_stored(self.selected), self.selected_lengths)
        self.prefix = Prefix(points, tiles.reshape(-1))
        self.rounding = worst_rounding(d, kind, self.embeddings.metric)
        self.state = State(
            squared=np.empty(n, kind),
            seen=np.empty(n, np.int32),
            nearest=np.empty(n, np.int32),
            doubtful=np.empty(n, bool),
            scale=np.empty(0),
        )
        for block in self._pieces(np.arange(n, dtype=np.int32), MAPPED_BLOCK):
            self.crew.run(kernels.measure_to_first, block, self.items, self.prefix, self.state)

    def _lengths(self, vectors: FloatArray) -> Float64Array:
        """What the rows are to be divided by: under cosine (n,) lengths, else nothing."""
        if self.embeddings.metric == "euclidean":
            return np.empty(0)
        step = max(1, CACHED_VALUES // vectors.shape[1])

        def measure(start: int) -> Float64Array:
            return lengths(vectors[start : start + step])

        return np.concatenate(list(self.crew.map(measure, range(0, len(vectors), step))))

    def _points(self, some: slice) -> Float64Array:
        """The float64 points of some rows, as `distance.as_points` has them."""
        points = self.embeddings.vectors[some].astype(np.float64)
        if len(self.items.lengths):
            points /= self.items.lengths[some, None]
        return points

    def _pieces(self, order: RowArray, mapped: int) -> Iterator[RowArray]:
        """`order` by the block, of `mapped` items if they are read from a file."""
        size = BLOCK if self.crew.mapping is None else mapped
        return (order[start : start + size] for start in range(0, len(order), size))

    def _block(self) -> None:
        """Take out of the queue what is no candidate; its distance is kept for the radii."""
        free = self.request.candidates
        waiting = self.state.squared != TAKEN  # not so a start that is no candidate
        blocked = np.zeros(0, bool) if free is None else ~free & waiting
        self.blocked = np.flatnonzero(blocked).astype(np.int32)
        self.blocked_squared = self._refresh(self.blocked, 0.0)
        self.state.squared[self.blocked] = TAKEN

    def _refresh(self, order: RowArray, edge: float, mapped: int = SCATTERED) -> Float64Array:
        """Exact squared distances of the items of `order`, -1 for those nearer than `edge`."""
        exact = np.empty(len(order))
        done = 0
        for piece in self._pieces(order, mapped):
            self.crew.run(
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
        """(n,) exact squared distance of every item to the prefix; `nearest` comes with it."""
        state = self.state
        state.squared[self.blocked] = self.blocked_squared
        squared = np.zeros(len(state.squared))
        rest = np.flatnonzero(state.squared != TAKEN).astype(np.int32)
        for piece in self._pieces(rest, MAPPED_BLOCK):
            if self.crew.mapping is None:
                rule_out(
                    piece,
                    self.crew,
                    self.items,
                    self.prefix,
                    self.upto,
                    self.rounding,
                    state,
                )
            order = by_key(piece, state.seen, self.upto)
            squared[order] = self._refresh(order, 0.0, MAPPED_BLOCK)
        return squared
