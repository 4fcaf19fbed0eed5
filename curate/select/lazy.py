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
An item outside is one of three kinds.
- It stayed in the queue or was dropped. Its approximate distance was below `edge`, and so
  its exact one is below `floor = relative * edge + absolute` (`points.worst_rounding`).
  Distances shrink, so it still is after any number of picks: s >= floor is enough.
- It survived and was left out, because survivors beyond `POOL` cost more than they bring.
  Those kept are the first by exact distance, then row, so it is enough that the pick comes
  before the first one left out in that order (`Bar`). Even a million equal distances are
  split this way, and the lowest row is picked first.
- It may not be picked.
Where the first survivor is below the floor, the next round pulls down to the edge at which
it will not be, so that every second round makes a pick at least.

**Why the survivors' distances are exact.** `refresh` finds the nearest position by
approximate distances. If one position is nearer by more than rounding can explain, it is
the nearest, and one exact distance settles the item. If not, the item is *doubtful*, and
all positions that can be the nearest are compared exactly (`_settle`). Being exact about
the nearest position lasts: later positions only have to be compared with that distance.

**What comes out besides.** When all picks are made, every item is refreshed once more, from
where it was to the end of the prefix: no pair is measured twice, and coverage is exact.

Cost: O(n d) time and 13 bytes an item, plus the share of n k d that is looked at; 16 bytes
an item for the coverage that is returned, and 4 d bytes a pick. Vectors are read in blocks
as they are stored; no copy of them is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from curate.core import Embeddings, FloatArray, Metric, Selection
from curate.distance import Float64Array, as_points, from_squared, lengths, to_squared
from curate.select import kernels
from curate.select.buckets import Queue, by_seen
from curate.select.crew import Crew, RowArray
from curate.select.kernels import TAKEN, Bar, State
from curate.select.points import Prefix, Rows, raise_to_blocked, worst_rounding
from curate.select.request import Request, stopped_early
from curate.select.simd import WIDTH
from curate.select.start import start_row

CACHED_VALUES = 1 << 17  # float64 values that are converted at a time
POOL = 1024  # survivors to pick among at once
FEWEST_PULLED = 512  # in a round, which adapts between this and
MOST_PULLED = 1 << 14  # this, or
LARGEST_SHARE = 8  # one in so many of all items
BLOCK = 1 << 18  # items that a pass over all of them handles at a time
MAPPED_BLOCK = 1 << 12  # the same for a mapped file, of which each row may bring in 64 kB


def lazy_farthest_first(embeddings: Embeddings, request: Request) -> Selection:
    """Farthest-first traversal, lazily; the selection is that of the plain one."""
    with Crew(request.threads, embeddings.vectors) as crew:
        traversal = Traversal(embeddings, request, crew)
        traversal.pick()
        return traversal.selection()


def _rows(vectors: FloatArray, metric: Metric, crew: Crew) -> Rows:
    """`vectors` as the kernels read them; copied only if they are not in plain row order."""
    data = np.ascontiguousarray(vectors).view(np.ndarray)
    if not data.dtype.isnative:
        data = data.astype(data.dtype.newbyteorder("="))
    data = data.view(np.uint16) if data.dtype == np.float16 else data.view()
    data.flags.writeable = False  # one type for all, so that it is compiled once
    if metric == "euclidean":
        return Rows(data, np.empty(0))

    step = max(1, CACHED_VALUES // data.shape[1])

    def measure(start: int) -> Float64Array:
        return lengths(vectors[start : start + step])

    measured = list(crew.map(measure, range(0, len(vectors), step)))
    return Rows(data, np.concatenate([*measured, np.empty(0)]))


class Traversal:
    """A traversal under way: the prefix, and what is known of each item.

    upto     length of the prefix so far, `m` of it from the datapool
    at_pick  (m + k,) exact squared distance of each position when it was picked
    """

    def __init__(self, embeddings: Embeddings, request: Request, crew: Crew) -> None:
        self.embeddings, self.request, self.crew = embeddings, request, crew
        vectors, metric = embeddings.vectors, embeddings.metric
        datapool = vectors[:0] if request.datapool is None else request.datapool
        if np.can_cast(datapool.dtype, vectors.dtype):  # without loss; another type is compiled
            datapool = datapool.astype(vectors.dtype, copy=False)
        self.items = _rows(vectors, metric, crew)
        self.datapool = _rows(datapool, metric, crew)
        self.m = self.upto = len(datapool)
        self.goal = self.m + request.k
        self.at_pick = np.full(self.goal, np.inf)
        self.rows = np.full(self.goal, -1, np.int64)
        if self.m == 0:
            self.rows[0] = start_row(len(vectors), request, self._points, crew.map)
            self.upto = 1
        self._begin(np.dtype(np.float64 if vectors.dtype == np.float64 else np.float32))
        if not self.state.squared.max() < np.finfo(np.float32).max / 16:
            self._begin(np.dtype(np.float64))  # too far apart for squares in float32

    def _begin(self, kind: np.dtype[Any]) -> None:
        """Measure every item against the first position, in numbers of this kind."""
        n, d = self.embeddings.vectors.shape
        width = WIDTH[kind]
        tiles = np.full((-(-self.goal // width), d, width), np.inf, kind)
        first = self.embeddings.vectors[self.rows[:1]] if self.m == 0 else self.request.datapool
        for position, point in enumerate(as_points(first, self.embeddings.metric)):
            tiles[position // width, :, position % width] = point
        self.prefix = Prefix(self.datapool, self.rows, tiles.reshape(-1))
        self.rounding = worst_rounding(d, kind, self.embeddings.metric)
        self.state = State(
            squared=np.empty(n, kind),
            seen=np.empty(n, np.int32),
            nearest=np.empty(n, np.int32),
            doubtful=np.empty(n, bool),
        )
        for block in self._pieces(np.arange(n, dtype=np.int32)):
            self.crew.run(kernels.measure_to_first, block, self.items, self.prefix, self.state)

    def _points(self, some: slice) -> Float64Array:
        """The float64 points of some rows, as `distance.as_points` has them."""
        points = self.embeddings.vectors[some].astype(np.float64)
        if len(self.items.lengths):
            points /= self.items.lengths[some, None]
        return points

    def _pieces(self, order: RowArray) -> Iterator[RowArray]:
        size = BLOCK if self.crew.mapping is None else MAPPED_BLOCK
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
        wanted, at_most = POOL, np.inf
        queue = Queue(state)
        while self.upto < self.goal and queue.waiting:
            order, edge = queue.pull(wanted, at_most)
            all_pulled = len(order) == queue.waiting
            floor = -1.0 if all_pulled else rounding.relative * edge + rounding.absolute
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
                if able > POOL:
                    wanted = max(wanted // 2, FEWEST_PULLED)
                elif able < POOL // 4:
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

    def _refresh(self, order: RowArray, edge: float) -> Float64Array:
        """Exact squared distances of the items of `order`, -1 for those nearer than `edge`."""
        exact = np.empty(len(order))
        done = 0
        for piece in self._pieces(order):
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
        chosen = able
        if len(able) > POOL:
            # All that are farther than the first one left out, and of its equals the lowest rows.
            first_out = np.partition(exact[able], -POOL - 1)[-POOL - 1]
            ahead = able[exact[able] > first_out]
            equals = able[exact[able] == first_out]
            equals = equals[np.argsort(order[equals])]
            chosen = np.concatenate([ahead, equals[: POOL - len(ahead)]])
            bar = Bar(floor, float(first_out), int(order[equals[POOL - len(ahead)]]))
        before = self.upto
        self.upto = kernels.greedy(
            order[chosen],
            exact[chosen],
            self.items,
            self.prefix,
            self.upto,
            self.goal,
            bar,
            self.rounding,
            self.state,
            self.at_pick,
        )
        return len(able), self.upto - before

    def _fill_up(self) -> None:
        """Take the lowest rows, where nothing is left that is not on top of a pick.

        They join the picks but not the prefix: nothing comes nearer by them.
        """
        rows = np.flatnonzero(self.state.squared >= 0)[: self.goal - self.upto]
        self.rows[self.upto : self.upto + len(rows)] = rows
        self.at_pick[self.upto : self.upto + len(rows)] = 0

    def selection(self) -> Selection:
        """What was picked, with the distance of every item to it."""
        metric, m = self.embeddings.metric, self.m
        k = int(np.count_nonzero(self.rows[m:] >= 0))
        picks, at_pick = self.rows[m : m + k], self.at_pick[m : m + k]
        squared = self._coverage()
        largest = np.append(at_pick[1:], squared.max())[:k]
        matter = self.blocked_squared > largest.min(initial=np.inf)
        raise_to_blocked(
            largest,
            self.blocked[matter],
            self.blocked_squared[matter],
            self.items,
            self.prefix,
            m,
            self.upto,
        )
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
        for piece in self._pieces(np.flatnonzero(state.squared != TAKEN).astype(np.int32)):
            order = by_seen(piece, state.seen, self.upto)
            squared[order] = self._refresh(order, 0.0)
        return squared
