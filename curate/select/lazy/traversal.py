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
where it was to the end of the prefix: no pair is measured twice, and coverage is exact. Of
most items among clusters it is enough to know how far their pick is from others (`cells`).

Cost: O(n d) time plus the share of n k d that is looked at; memory as `bounds` says.
"""

from __future__ import annotations

import numpy as np

from curate.core.distance import Float64Array, from_squared, to_squared
from curate.core.threads import Crew, RowArray
from curate.core.values import Embeddings, Selection
from curate.select.lazy.bounds import SCATTERED, Bounds
from curate.select.lazy.kernels import TAKEN
from curate.select.lazy.points import raise_to_blocked
from curate.select.lazy.pool_greedy import Bar, greedy
from curate.select.lazy.queue import Queue, by_key
from curate.select.request import Request, stopped_early

POOL = 1024  # survivors to pick among at once
FEWEST_PULLED = 512  # in a round, which adapts between this and
MOST_PULLED = 1 << 14  # this, or
LARGEST_SHARE = 8  # one in so many of all items


def lazy_farthest_first(embeddings: Embeddings, request: Request) -> Selection:
    """Farthest-first traversal, lazily; the selection is that of the plain one."""
    with Crew(request.threads, embeddings.vectors) as crew:
        traversal = Traversal(embeddings, request, crew)
        traversal.pick()
        return traversal.selection()


class Traversal(Bounds):
    """A traversal under way.

    pool   how many survivors are picked among at once
    least  what a pick's squared distance must reach
    """

    def __init__(self, embeddings: Embeddings, request: Request, crew: Crew) -> None:
        super().__init__(embeddings, request, crew)
        self.pool = POOL if crew.mapping is None else SCATTERED
        self.least = to_squared(request.min_distance, embeddings.metric)

    def pick(self) -> None:
        """Make the picks, round by round, until there are k or no more that may be picked."""
        request, state, rounding = self.request, self.state, self.rounding
        steps = iter(request.progress(range(request.k), "selecting", request.k))
        if self.m == 0:
            state.squared[self.rows[0]] = TAKEN
            next(steps)
        self._block()
        most_pulled = max(MOST_PULLED, len(state.squared) // LARGEST_SHARE)
        wanted, at_most = self.pool, np.inf
        queue = Queue(state)
        while self.upto < len(self.rows) and queue.waiting:
            order, edge = queue.pull(wanted, at_most)
            floor = self._floor(edge)
            order = by_key(order, state.seen, self.upto)  # four that begin together end together
            self._weigh(order)
            exact = self._refresh(order, edge)
            values = self._values(order, exact)
            farthest, at_most = float(values.max()), np.inf
            if farthest < 0:  # none survived
                wanted = min(2 * wanted, most_pulled)
            elif farthest < floor:
                # An edge that leaves this one above the floor, whatever the rounding.
                at_most = (farthest - rounding.absolute) / rounding.relative * (1 - 1e-9)
            elif farthest < self.least or farthest == 0:
                break
            else:
                able, made = self._pick_among(order, exact, values, max(floor, self.least))
                for _ in zip(range(made), steps, strict=False):
                    pass
                if able > self.pool:
                    wanted = max(wanted // 2, FEWEST_PULLED)
                elif able < self.pool // 4:
                    wanted = min(2 * wanted, most_pulled)
            queue.put_back(order)
        if request.min_distance == 0:
            self._fill_up()
        next(steps, None)

    def _floor(self, edge: float) -> float:
        """What a survivor must reach to be ahead of all items outside."""
        # Below an edge of 0 there is nothing; below any other there may be dropped items,
        # even when the queue is empty.
        return self.rounding.relative * edge + self.rounding.absolute if edge > 0 else -1.0

    def _weigh(self, order: RowArray) -> None:
        """Bring the scale of pulled items up to date; here there is none."""

    def _values(self, order: RowArray, exact: Float64Array) -> Float64Array:  # noqa: ARG002
        """What the items of `order` compete with: here their exact squared distances."""
        return exact

    def _pick_among(
        self, order: RowArray, exact: Float64Array, values: Float64Array, floor: float
    ) -> tuple[int, int]:
        """Pick among the survivors; how many reach the floor, and how many were picked."""
        able = np.flatnonzero(values >= floor)
        bar = Bar(floor, -1.0, -1)
        chosen, spare = able, len(able) - self.pool
        if spare > 0:
            # All that are farther than the first one left out, and of its equals the lowest rows.
            first_out = np.partition(values[able], spare - 1)[spare - 1]
            ahead = able[values[able] > first_out]
            equals = able[values[able] == first_out]
            equals = equals[np.argsort(order[equals])]
            room = self.pool - len(ahead)
            chosen = np.concatenate([ahead, equals[:room]])
            bar = Bar(floor, float(first_out), int(order[equals[room]]))
        before = self.upto
        self.upto = self._greedy(order[chosen], exact[chosen], bar)
        picked = self.rows[before : self.upto]
        self.selected[before : self.upto] = self.embeddings.vectors[picked]
        if len(self.items.lengths):
            self.selected_lengths[before : self.upto] = self.items.lengths[picked]
        self.crew.let_go()
        return len(able), len(picked)

    def _greedy(self, order: RowArray, exact: Float64Array, bar: Bar) -> int:
        """Pick among the items of `order` as long as they reach the bar; the new `upto`."""
        return greedy(
            order,
            exact,
            self.items,
            self.prefix.tiles,
            self.upto,
            bar,
            self.rounding,
            self.state,
            self.rows,
            self.squared,
        )

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
        largest = self._radii(at_pick, float(squared.max()))
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

    def _radii(self, at_pick: Float64Array, last: float) -> Float64Array:
        """(k,) squared covering radii after each pick; `last` is the one after all of them."""
        largest = np.append(at_pick[1:], last)[: len(at_pick)]
        matter = self.blocked_squared > largest.min(initial=np.inf)
        blocked, apart = self.blocked[matter], self.blocked_squared[matter]
        raise_to_blocked(largest, blocked, apart, self.items, self.prefix, self.m, self.upto)
        return largest
