"""Selection by a product of factors, the lazy way: the picks of `plain_product`, sooner.

**Idea.** The score of a candidate (`factors.py` has the formula) only falls as picks are made, so
an old score is an upper bound, as an old distance is. The lazy traversal can therefore be used
as it is, with scaled squared distances. To the power of 2 / strength of diversity (1 / strength
under cosine, where the distance is half the squared one), the score is a constant times

    value = squared distance * scale

and this power keeps the order. The scale is the fixed factors times those of the balances, to
the same power; the balances are one number for all items of a group. It is divided by its
largest possible value, so that it is at most 1. The scale of an item is updated when the item is
pulled; while it waits, its place in the queue is an upper bound.

**Why the picks are exact.** As in `lazy/traversal.py`: an item that `greedy_product` does not see
has an approximate value below `edge`, and so, because scales are at most 1, an exact value below
relative * edge + absolute. SLACK covers the rounding of scales and powers, a few units of float64
times the exponent. Among survivors the scores themselves are compared, in float64 and by the
same operations as in `plain_product`, and ties go to the lowest row.

Items nearer to a pick than the minimum distance can never be picked later: they leave the queue
when they are pulled. Radii are not the distances at the picks here; `lazy/radii.py` computes them.

Cost: as the lazy traversal, and 8 bytes an item; O(m + groups classes) a pick among m survivors
in the compiled step, and O(groups classes) a round.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from curate.core.distance import Float64Array, from_squared
from curate.core.threads import RowArray, ThreadPool
from curate.core.values import Embeddings, Selection
from curate.select.combined.compiled_product import (
    CandidateFactors,
    factors_of,
    greedy_product,
    pack_balances,
    scores_of,
)
from curate.select.combined.factors import FULL, Product, first_row, product_stopped_early
from curate.select.lazy_traversal.bounds import MAPPED_BLOCK
from curate.select.lazy_traversal.greedy_picks import PickBound
from curate.select.lazy_traversal.kernels import TAKEN
from curate.select.lazy_traversal.radii import radii_after_picks
from curate.select.lazy_traversal.traversal import Traversal
from curate.select.request import Request, free_items

SLACK = 1e-10  # relative; far above the rounding of a power, and too small to cost time
LEAST_SCALE = 1e-200  # smaller scales could underflow


def can_be_lazy(embeddings: Embeddings, product: Product) -> bool:
    """Whether the scores of `product` only fall, and no scale underflows."""
    if product.diversity <= 0 or product.budget is not None:
        return False
    if any(balance.strength < 0 for balance in product.balances):
        return False
    power = _exponent(embeddings, product)
    full = sum(np.log10(FULL) * balance.strength for balance in product.balances)
    with np.errstate(divide="ignore"):
        fixed = np.log10(product.fixed.min() / product.fixed.max())
    return bool(power * (full + fixed) > np.log10(LEAST_SCALE))


def lazy_product(embeddings: Embeddings, request: Request, product: Product) -> Selection:
    """Pick by a `product` that `can_be_lazy`; the selection equals that of `plain_product`."""
    with ThreadPool(request.threads, embeddings.vectors) as thread_pool:
        traversal = _ProductTraversal(embeddings, request, thread_pool, product)
        traversal.pick()
        return traversal.selection()


def _exponent(embeddings: Embeddings, product: Product) -> float:
    """The power of a score that is proportional to the squared distance."""
    return (2.0 if embeddings.metric == "euclidean" else 1.0) / product.diversity


class _ProductTraversal(Traversal):
    """A traversal in the order of scores.

    power     of a score in the scale
    weights   (n,) the fixed part of the scale, at most 1
    balances  with the counts of the prefix
    initial   (n,) squared distances to the datapool, or without one to the first pick
    reach     the distance D
    removed   items that left the queue because they are too near a pick, and their distances
    """

    def __init__(
        self, embeddings: Embeddings, request: Request, thread_pool: ThreadPool, product: Product
    ) -> None:
        self.product = product
        self.all_groups = np.arange(int(product.groups.max()) + 1)
        self.balances = pack_balances(product.balances, len(self.all_groups))
        super().__init__(embeddings, request, thread_pool)
        self.least, self.too_near = 0.0, self.least
        self.power = _exponent(embeddings, product)
        self.weights = (product.fixed / product.fixed.max()) ** self.power
        self.removed: list[tuple[RowArray, Float64Array]] = []
        if self.m == 0:
            self._count(int(self.rows[0]))
        all_items = np.arange(len(embeddings), dtype=np.int32)
        self.initial = self._refresh(all_items, 0.0, MAPPED_BLOCK)
        self.state = self.state._replace(scale=np.empty(len(embeddings)))
        self._update_scale(all_items)
        self.reach = self._reach()

    def _first_row(self) -> int:
        factors = (
            self.product.fixed * factors_of(self.all_groups, self.balances)[self.product.groups]
        )
        free = free_items(self.request, len(factors))
        return first_row(factors, free, super()._first_row)

    def _count(self, row: int) -> None:
        """Count the classes of a pick."""
        self.balances.counts[:] += self.balances.membership[self.product.groups[row]]

    def _reach(self) -> float:
        """The largest distance of a candidate before the next pick, as in `plain_product`."""
        free = free_items(self.request, len(self.initial))
        if self.m == 0:
            free[self.rows[0]] = False
        free &= self.initial >= self.too_near
        # Without a second pick no distance is divided by it.
        self.reach_matters = bool(free.any()) and len(self.rows) > 1
        farthest = from_squared(self.initial[free], self.embeddings.metric).max(initial=0.0)
        return float(farthest) if farthest > 0 else 1.0

    def _update_scale(self, order: RowArray) -> None:
        factors = factors_of(self.all_groups, self.balances) ** self.power
        self.state.scale[order] = self.weights[order] * factors[self.product.groups[order]]

    def _values(self, order: RowArray, exact: Float64Array) -> Float64Array:
        """Values of the survivors; those too near a pick leave the queue, with a negative value."""
        near = (exact >= 0) & (exact < self.too_near)
        if near.any():
            self.removed.append((order[near], exact[near]))
            self.state.squared[order[near]] = TAKEN
            exact[near] = -1
        return exact * self.state.scale[order]

    def _floor(self, edge: float) -> float:
        return super()._floor(edge) * (1 + SLACK) ** 2

    def _pick_among(
        self, order: RowArray, exact: Float64Array, values: Float64Array, floor: float
    ) -> tuple[int, int]:
        """As in `Traversal`, but compares scores."""
        survived = np.flatnonzero(values >= 0)
        order, exact = order[survived], exact[survived]
        scores = scores_of(exact, self._candidate_factors(order), self.balances)
        share = max(floor, 0.0) / (1 + SLACK) / self._squared_reach()
        least = float(self.product.fixed.max()) * share ** (1 / self.power)
        return super()._pick_among(order, exact, scores, least)

    def _squared_reach(self) -> float:
        """The squared distance of an item at distance `reach`."""
        return 2 * self.reach if self.embeddings.metric == "cosine" else self.reach**2

    def _candidate_factors(self, order: RowArray) -> CandidateFactors:
        groups, own = np.unique(self.product.groups[order], return_inverse=True)
        return CandidateFactors(
            fixed=self.product.fixed[order],
            own=own,
            groups=groups.astype(np.int64),
            reach=self.reach,
            strength=self.product.diversity,
            cosine=self.embeddings.metric == "cosine",
            too_near=self.too_near,
        )

    def _greedy(self, order: RowArray, exact: Float64Array, bound: PickBound) -> int:
        return greedy_product(
            order,
            exact,
            self._candidate_factors(order),
            self.balances,
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
        """If only duplicates of picks are left, pick by the other factors."""
        left = np.flatnonzero(self.state.squared >= 0)
        for place in range(self.upto, min(len(self.rows), self.upto + len(left))):
            factors = factors_of(self.all_groups, self.balances)
            best = int((self.product.fixed[left] * factors[self.product.groups[left]]).argmax())
            self.rows[place], self.squared[place] = left[best], 0
            self._count(int(left[best]))
            left = np.delete(left, best)

    def _coverage(self) -> Float64Array:
        for rows, squared in self.removed:
            self.state.squared[rows] = squared
        return super()._coverage()

    def _radii(self, at_pick: Float64Array, last: float) -> Float64Array:
        largest = np.full(len(at_pick), last)
        among = self.upto - self.m  # later picks are duplicates and change no radius
        radii_after_picks(
            np.arange(len(self.initial), dtype=np.int32),
            self.initial,
            self.items,
            self.prefix,
            max(self.m, 1),
            self.m + 1,
            self.rounding,
            largest[:among],
        )
        return largest

    def selection(self) -> Selection:
        reach = self.reach if self.reach_matters else None
        selection = replace(super().selection(), strategy="product", reach=reach)
        notes = product_stopped_early(self.request, self.product, len(selection))
        return replace(selection, notes=notes)
