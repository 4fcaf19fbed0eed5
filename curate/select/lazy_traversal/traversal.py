"""Lazy farthest-first traversal: the same picks as the plain one, for a fraction of the work.

**Idea.** The distance of an item to its nearest pick only shrinks, so the distance measured last
is an upper bound. If the up-to-date distance of an item is at least every other item's bound,
that item is the farthest. So most distances are never computed: 3 to 20 of a hundred are, on the
data that `benchmarks/` measures.

**State.** The *prefix* is what is selected, in order: the datapool, then the picks. Each item has
a squared distance to the nearest of the first `seen` positions of the prefix. The items that may
still be picked wait in a queue, ordered by that distance.

**A round.**
1. `pull` at least `wanted` of the farthest items. All that stay are nearer than `edge`.
2. `refresh` the pulled items against the positions that they have not seen, a few tiles at a
   time, and drop an item as soon as it is nearer than `edge`. The survivors have then seen the
   whole prefix, and get their exact float64 distance to it.
3. `greedy` picks among the survivors, exactly as the textbook does, as long as the farthest of
   them is certainly ahead of every other item.
4. Items that were pulled and not picked go back into the queue.

**Why the picks are exact.** Let s be the exact squared distance of the farthest survivor. Every
item that `greedy` does not see is in one of three cases.
- It stayed in the queue or was dropped. Its approximate distance was below `edge`, and so its
  exact distance is below `floor = relative * edge + absolute` (`points.worst_rounding`).
  Distances only shrink, so this stays true after any number of picks: s >= floor is enough.
- It survived, but its exact distance is below the floor. Again s >= floor is enough.
- It survived and was left out, because the step is slow for more than `POOL` survivors. Those
  kept are the first by exact distance, then row. So it is enough that the pick comes before the
  first item left out in that order (`PickBound`), even if many distances are equal.
If the farthest survivor is below the floor, the next round pulls down to an edge for which it is
not; if no item survived, it pulls twice as many. So there is always a next pick.

**Why the distances of survivors are exact.** `refresh` finds the nearest position by approximate
distances. If one position is nearer than all others by more than rounding can explain, it is the
nearest, and its exact distance is computed. If not, the item is *doubtful*, and all positions
that can be the nearest are compared exactly (`_resolve_nearest`). An exact nearest position stays
valid: later positions only have to be compared with its distance.

**Coverage.** When all picks are made, every item is refreshed once more, from the positions that
it has seen to the end of the prefix. No pair is measured twice, and coverage is exact. In
clustered data `triangle_pruning` skips most of these distances.

Cost: O(n d) time, plus the share of the n k d coordinates that is not skipped; memory as in
`bounds`.
"""

from __future__ import annotations

import numpy as np

from curate.core.distance import Float64Array, from_squared, to_squared
from curate.core.threads import RowArray, ThreadPool
from curate.core.values import Embeddings, Selection
from curate.select.lazy_traversal.bounds import SCATTERED_BLOCK, Bounds
from curate.select.lazy_traversal.bucket_queue import BucketQueue, by_key
from curate.select.lazy_traversal.greedy_picks import PickBound, greedy
from curate.select.lazy_traversal.kernels import TAKEN
from curate.select.lazy_traversal.points import raise_to_blocked
from curate.select.request import Request, stopped_early

POOL = 1024  # survivors among which picks are made at once
# The number of items pulled in a round adapts between FEWEST_PULLED and MOST_PULLED, or n /
# LARGEST_SHARE if that is more.
FEWEST_PULLED = 512
MOST_PULLED = 1 << 14
LARGEST_SHARE = 8


def lazy_farthest_first(embeddings: Embeddings, request: Request) -> Selection:
    """Lazy farthest-first traversal; the selection equals that of `plain_farthest_first`."""
    with ThreadPool(request.threads, embeddings.vectors) as thread_pool:
        traversal = Traversal(embeddings, request, thread_pool)
        traversal.pick()
        return traversal.selection()


class Traversal(Bounds):
    """A traversal in progress.

    pool   survivors among which picks are made at once
    least  the squared distance that a pick must reach
    """

    def __init__(self, embeddings: Embeddings, request: Request, thread_pool: ThreadPool) -> None:
        super().__init__(embeddings, request, thread_pool)
        self.pool = POOL if thread_pool.mapping is None else SCATTERED_BLOCK
        self.least = to_squared(request.min_distance, embeddings.metric)

    def pick(self) -> None:
        """Make the picks, round by round, until there are k or no item may be picked."""
        request, state, rounding = self.request, self.state, self.rounding
        steps = iter(request.progress(range(request.k), "selecting", request.k))
        if self.m == 0:
            state.squared[self.rows[0]] = TAKEN
            next(steps)
        self._take_out_blocked()
        most_pulled = max(MOST_PULLED, len(state.squared) // LARGEST_SHARE)
        wanted, at_most = self.pool, np.inf
        queue = BucketQueue(state)
        while self.upto < len(self.rows) and queue.waiting:
            order, edge = queue.pull(wanted, at_most)
            floor = self._floor(edge)
            order = by_key(
                order, state.seen, self.upto
            )  # groups of four that start at one position
            self._update_scale(order)
            exact = self._refresh(order, edge)
            values = self._values(order, exact)
            farthest, at_most = float(values.max()), np.inf
            if farthest < 0:  # none survived
                wanted = min(2 * wanted, most_pulled)
            elif farthest < floor:
                # With this edge the survivor is above the floor, whatever the rounding.
                at_most = (farthest - rounding.absolute) / rounding.relative * (1 - 1e-9)
            elif farthest < self.least or farthest == 0:
                break
            else:
                n_able, n_picked = self._pick_among(order, exact, values, max(floor, self.least))
                for _ in zip(range(n_picked), steps, strict=False):
                    pass
                if n_able > self.pool:
                    wanted = max(wanted // 2, FEWEST_PULLED)
                elif n_able < self.pool // 4:
                    wanted = min(2 * wanted, most_pulled)
            queue.put_back(order)
        if request.min_distance == 0:
            self._fill_up()
        next(steps, None)

    def _floor(self, edge: float) -> float:
        """The squared distance that puts a survivor ahead of all items that are not survivors."""
        # No item is below an edge of 0. Below any other edge there may be dropped items, even if
        # the queue is empty.
        return self.rounding.relative * edge + self.rounding.absolute if edge > 0 else -1.0

    def _update_scale(self, order: RowArray) -> None:
        """Bring the scale of pulled items up to date; a plain traversal has none."""

    def _values(self, order: RowArray, exact: Float64Array) -> Float64Array:  # noqa: ARG002
        """The values by which items of `order` are compared: here exact squared distances."""
        return exact

    def _pick_among(
        self, order: RowArray, exact: Float64Array, values: Float64Array, floor: float
    ) -> tuple[int, int]:
        """Pick among the survivors; returns how many reach the floor, and how many were picked."""
        able = np.flatnonzero(values >= floor)
        bound = PickBound(floor, -1.0, -1)
        kept, excess = able, len(able) - self.pool
        if excess > 0:
            # All items farther than the first one left out, and the lowest rows at its distance.
            first_out = np.partition(values[able], excess - 1)[excess - 1]
            ahead = able[values[able] > first_out]
            equals = able[values[able] == first_out]
            equals = equals[np.argsort(order[equals])]
            room = self.pool - len(ahead)
            kept = np.concatenate([ahead, equals[:room]])
            bound = PickBound(floor, float(first_out), int(order[equals[room]]))
        before = self.upto
        self.upto = self._greedy(order[kept], exact[kept], bound)
        picked = self.rows[before : self.upto]
        self.selected[before : self.upto] = self.embeddings.vectors[picked]
        if len(self.items.lengths):
            self.selected_lengths[before : self.upto] = self.items.lengths[picked]
        self.thread_pool.release_pages()
        return len(able), len(picked)

    def _greedy(self, order: RowArray, exact: Float64Array, bound: PickBound) -> int:
        """Pick among the items of `order` while they reach the bound; returns the new `upto`."""
        return greedy(
            order,
            exact,
            self.items,
            self.prefix.tiles,
            self.upto,
            bound,
            self.rounding,
            self.state,
            self.rows,
            self.squared,
        )

    def _fill_up(self) -> None:
        """If only duplicates of picks are left, pick the lowest rows.

        They are picks but not in the prefix, because they bring no item nearer.
        """
        rows = np.flatnonzero(self.state.squared >= 0)[: len(self.rows) - self.upto]
        self.rows[self.upto : self.upto + len(rows)] = rows
        self.squared[self.upto : self.upto + len(rows)] = 0

    def selection(self) -> Selection:
        """The picks, with the distance of every item to them."""
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
        beyond = self.blocked_squared > largest.min(initial=np.inf)
        blocked, squared = self.blocked[beyond], self.blocked_squared[beyond]
        raise_to_blocked(largest, blocked, squared, self.items, self.prefix, self.m, self.upto)
        return largest
