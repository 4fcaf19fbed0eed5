"""Lazy farthest-first traversal: the same picks as the plain one, for a fraction of the work.

**Idea.** The distance of an item to its nearest pick only ever shrinks, so whatever it was
when last looked at is an upper bound. If an item's distance, up to date, is at least every
other item's stale bound, it is the farthest, and most distances never need computing: 3 to
20 of a hundred are, on the data that `benchmarks/` measures.

**State.** Selected are the datapool and then the picks, in order: the *prefix*. Each item
has a squared distance to the nearest of the first `seen` positions of the prefix. The
items that may still be picked wait in a queue of narrow buckets of that distance.

**A round.**
1. `pull` the highest buckets, at least `wanted` items. All that stay are nearer than `edge`.
2. `refresh` the pulled items against the positions that they have not seen, a few tiles
   at a time, and drop an item as soon as it is nearer than `edge`. The survivors have
   then seen the whole prefix, and get their exact float64 distance to it.
3. `greedy` picks among the survivors, exactly as the textbook would, for as long as the
   farthest of them is certainly ahead of every item outside.
4. What was pulled and not picked goes back into the queue.

**Why the picks are exact.** Let s be the exact squared distance of the farthest survivor.
An item outside is one of these.
- It stayed in the queue or was dropped. Its approximate distance was below `edge`, and so
  its exact one is below `floor = relative * edge + absolute` (`points.worst_rounding`).
  Distances shrink, so it still is after any number of picks: s >= floor is enough.
- It survived, but below the floor: the same.
- It survived and was left out, because survivors beyond `POOL` cost more than they bring.
  Those kept are the first by exact distance, then row, so it is enough that the pick comes
  before the first one left out in that order (`Bar`), however many distances are equal.
Where the first survivor is below the floor, the next round pulls down to the edge at which
it will not be; where none survived, twice as many. So there is always a next pick.

**Why the survivors' distances are exact.** `refresh` finds the nearest position by
approximate distances. If one position is nearer by more than rounding can explain, it is
the nearest, and one exact distance settles the item. If not, the item is *doubtful*, and
all positions that can be the nearest are compared exactly (`_settle`). Being exact about
the nearest position lasts: later positions only have to be compared with that distance.

**What comes out besides.** When all picks are made, every item is refreshed once more, from
where it was to the end of the prefix: no pair is measured twice, and coverage is exact.

Cost: O(n d) time plus the share of n k d that is looked at. Memory: 13 bytes an item, 16 for
its coverage, about 8 d a pick. Vectors are read as they are stored and never copied.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from curate.core import Embeddings, FloatArray, Selection
from curate.distance import Float64Array, as_points, from_squared, lengths, to_squared
from curate.select import kernels
from curate.select.buckets import Queue, by_seen
from curate.select.crew import Crew, RowArray
from curate.select.greedy import Bar, greedy
from curate.select.kernels import TAKEN, State
from curate.select.points import Prefix, Rows, as_stored, raise_to_blocked, worst_rounding
from curate.select.request import Request, stopped_early
from curate.select.simd import WIDTH
from curate.select.start import start_row

CACHED_VALUES = 1 << 17  # float64 values that are converted at a time
POOL = 1024  # survivors to pick among at once
FEWEST_PULLED = 512  # in a round, which adapts between this and
MOST_PULLED = 1 << 14  # this, or
LARGEST_SHARE = 8  # one in so many of all items
BLOCK = 1 << 18  # items that are handled at a time
# Of a mapped file, each row that is touched may bring in 2 MB until it is let go.
MAPPED_BLOCK = 1 << 12  # where they follow each other
SCATTERED = 1 << 8  # where they do not


def lazy_farthest_first(embeddings: Embeddings, request: Request) -> Selection:
    """Farthest-first traversal, lazily; the selection is that of the plain one."""
    with Crew(request.threads, embeddings.vectors) as crew:
        traversal = Traversal(embeddings, request, crew)
        traversal.pick()
        return traversal.selection()


class Traversal:
    """A traversal under way: the prefix, and what is known of each item.

    upto    length of the prefix so far, `m` of it from the datapool
    rows    (m + k,) which item is at each position; -1 for the datapool, and until picked
    squared (m + k,) exact squared distance of each when it was picked
    """

    def __init__(self, embeddings: Embeddings, request: Request, crew: Crew) -> None:
        self.embeddings, self.request, self.crew = embeddings, request, crew
        self.pool = POOL if crew.mapping is None else SCATTERED
        vectors = embeddings.vectors
        self.items = Rows(as_stored(vectors), self._lengths(vectors))
        datapool = vectors[:0] if request.datapool is None else request.datapool
        self.m = self.upto = len(datapool)
        self.rows = np.full(self.m + request.k, -1, np.int64)
        self.squared = np.full(self.m + request.k, np.inf)
        if self.m == 0:
            self.rows[0] = start_row(len(vectors), request, self._points, crew.map)
            self.upto, datapool = 1, vectors[self.rows[:1]]
        kind = np.result_type(vectors, datapool)  # holds both without loss
        self.selected = np.empty((len(self.rows), embeddings.dims), kind)
        self.selected[: self.upto] = datapool
        self.selected_lengths = self._lengths(self.selected[: self.upto])
        self.selected_lengths.resize(len(self.rows) if len(self.items.lengths) else 0)
        self._begin(np.dtype(np.float64 if kind == np.float64 else np.float32))
        if not self.state.squared.max() < np.finfo(np.float32).max / 16:
            self._begin(np.dtype(np.float64))  # too far apart for squares in float32

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

    def pick(self) -> None:
        """Make the picks, round by round, until there are k or no more that may be picked."""
        request, state, rounding = self.request, self.state, self.rounding
        steps = iter(request.progress(range(request.k), "selecting", request.k))
        if self.m == 0:
            state.squared[self.rows[0]] = TAKEN
            next(steps)
        self._block()
        least = to_squared(request.min_distance, self.embeddings.metric)
        most_pulled = max(MOST_PULLED, len(state.squared) // LARGEST_SHARE)
        wanted, at_most = self.pool, np.inf
        queue = Queue(state)
        while self.upto < len(self.rows) and queue.waiting:
            order, edge = queue.pull(wanted, at_most)
            # Below an edge of 0 there is nothing; below any other there may be dropped items,
            # even when the queue is empty.
            floor = rounding.relative * edge + rounding.absolute if edge > 0 else -1.0
            order = by_seen(order, state.seen, self.upto)
            exact = self._refresh(order, edge)
            farthest, at_most = float(exact.max()), np.inf
            if farthest < 0:  # none survived
                wanted = min(2 * wanted, most_pulled)
            elif farthest < floor:
                # An edge that leaves this one above the floor, whatever the rounding.
                at_most = (farthest - rounding.absolute) / rounding.relative * (1 - 1e-9)
            elif farthest < least or farthest == 0:
                break
            else:
                able, made = self._pick_among(order, exact, max(floor, least))
                queue.waiting -= made
                for _ in zip(range(made), steps, strict=False):
                    pass
                if able > self.pool:
                    wanted = max(wanted // 2, FEWEST_PULLED)
                elif able < self.pool // 4:
                    wanted = min(2 * wanted, most_pulled)
            queue.put_back(order)
        if least == 0:
            self._fill_up()
        next(steps, None)

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

    def _pick_among(self, order: RowArray, exact: Float64Array, floor: float) -> tuple[int, int]:
        """Pick among the survivors; how many reach the floor, and how many were picked."""
        able = np.flatnonzero(exact >= floor)
        bar = Bar(floor, -1.0, -1)
        chosen, spare = able, len(able) - self.pool
        if spare > 0:
            # All that are farther than the first one left out, and of its equals the lowest rows.
            first_out = np.partition(exact[able], spare - 1)[spare - 1]
            ahead = able[exact[able] > first_out]
            equals = able[exact[able] == first_out]
            equals = equals[np.argsort(order[equals])]
            room = self.pool - len(ahead)
            chosen = np.concatenate([ahead, equals[:room]])
            bar = Bar(floor, float(first_out), int(order[equals[room]]))
        before = self.upto
        self.upto = greedy(
            order[chosen],
            exact[chosen],
            self.items,
            self.prefix.tiles,
            before,
            bar,
            self.rounding,
            self.state,
            self.rows,
            self.squared,
        )
        picked = self.rows[before : self.upto]
        self.selected[before : self.upto] = self.embeddings.vectors[picked]
        if len(self.items.lengths):
            self.selected_lengths[before : self.upto] = self.items.lengths[picked]
        self.crew.let_go()
        return len(able), len(picked)

    def _fill_up(self) -> None:
        """Take the lowest rows, where nothing is left that is not on top of a pick.

        They join the picks but not the prefix: nothing comes nearer by them.
        """
        rows = np.flatnonzero(self.state.squared >= 0)[: len(self.rows) - self.upto]
        self.rows[self.upto : self.upto + len(rows)] = rows
        self.squared[self.upto : self.upto + len(rows)] = 0

    def selection(self) -> Selection:
        """What was picked, with the distance of every item to it."""
        metric, m = self.embeddings.metric, self.m
        k = int(np.count_nonzero(self.rows[m:] >= 0))
        picks, at_pick = self.rows[m : m + k], self.squared[m : m + k]
        squared = self._coverage()
        largest = np.append(at_pick[1:], squared.max())[:k]
        matter = self.blocked_squared > largest.min(initial=np.inf)
        blocked, apart = self.blocked[matter], self.blocked_squared[matter]
        raise_to_blocked(largest, blocked, apart, self.items, self.prefix, m, self.upto)
        nearest = self.state.nearest.astype(np.int64)
        nearest += np.where(nearest < m, k, -m)
        return Selection(
            picks=picks,
            distances=from_squared(at_pick, metric),
            radii=from_squared(largest, metric),
            coverage=from_squared(squared, metric),
            nearest=nearest,
            strategy="diversity",
            notes=stopped_early(self.request, k),
        )

    def _coverage(self) -> Float64Array:
        """(n,) exact squared distance of every item to the prefix; `nearest` comes with it."""
        state = self.state
        state.squared[self.blocked] = self.blocked_squared
        squared = np.zeros(len(state.squared))
        rest = np.flatnonzero(state.squared != TAKEN).astype(np.int32)
        for piece in self._pieces(rest, MAPPED_BLOCK):
            order = by_seen(piece, state.seen, self.upto)
            squared[order] = self._refresh(order, 0.0, MAPPED_BLOCK)
        return squared
