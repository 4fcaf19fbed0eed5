"""Lazy traversal where distance is one factor of several: `plain_product`'s picks, sooner.

**Idea.** A candidate's score (`product` has the formula) only falls as picks are made, so a
stale score is an upper bound, as a stale distance is, and `lazy` can be used as it stands with
squared distances scaled: to the power of 2 / strength of diversity (1 / strength under cosine,
where the distance is half a squared one) the score is, but for a constant, the *value*
squared distance * scale, in the same order. A scale is the fixed factors times those of the
balances, which are one number for all items of a cell. It is brought to at most 1. An item's
scale is made anew when it is pulled; while it waits, its place in the queue is an upper bound.

**Why the picks are exact.** As in `lazy`: an item outside has an approximate value below
`edge`, and so, scales being at most 1, an exact one below relative * edge + absolute. SLACK
covers the rounding of scales and powers, a few units of float64 times the exponent. Among
survivors the scores themselves are compared, in float64 and by the operations of the plain
way, and ties go to the lowest row.

Items nearer to a pick than the minimum distance never get farther: they leave the queue when
they are met. Radii are not the distances at the picks here, and are found by `radii`.

Cost: as `lazy`, and 8 bytes an item; O(m + cells classes) a pick in the compiled greedy step,
and O(cells classes) a round.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from curate.core.distance import Float64Array, from_squared
from curate.core.threads import Crew, RowArray
from curate.core.values import Embeddings, Selection
from curate.select.lazy.bounds import MAPPED_BLOCK
from curate.select.lazy.kernels import TAKEN
from curate.select.lazy.pool_greedy import Bar
from curate.select.lazy.radii import radii_after_picks
from curate.select.lazy.traversal import Traversal
from curate.select.product.pool_greedy import Rivals, factors_of, greedy_product, packed, scores_of
from curate.select.product.product import FULL, Product, ended_early, first_row
from curate.select.request import Request

SLACK = 1e-10  # relative; far above the rounding of a power, far below what it costs to pull
LEAST_SCALE = 1e-200  # scales below it are no use as numbers


def can_be_lazy(embeddings: Embeddings, product: Product) -> bool:
    """Whether the scores of `product` only fall, and their scales are float64 numbers."""
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
    """Pick by a `product` that `can_be_lazy`; the selection is that of `plain_product`."""
    with Crew(request.threads, embeddings.vectors) as crew:
        traversal = _ProductTraversal(embeddings, request, crew, product)
        traversal.pick()
        return traversal.selection()


def _exponent(embeddings: Embeddings, product: Product) -> float:
    """What a score is raised to so that squared distance enters it as it is."""
    return (2.0 if embeddings.metric == "euclidean" else 1.0) / product.diversity


class _ProductTraversal(Traversal):
    """A traversal by score.

    weights   (n,) the fixed part of the scale, at most 1
    balances  whose counts are those of the prefix
    removed   items that left the queue because they are too near a pick, and how near
    """

    def __init__(
        self, embeddings: Embeddings, request: Request, crew: Crew, product: Product
    ) -> None:
        self.product = product
        self.all_cells = np.arange(int(product.cells.max()) + 1)
        self.balances = packed(product.balances, len(self.all_cells))
        super().__init__(embeddings, request, crew)
        self.least, self.too_near = 0.0, self.least
        self.power = _exponent(embeddings, product)
        self.weights = (product.fixed / product.fixed.max()) ** self.power
        self.removed: list[tuple[RowArray, Float64Array]] = []
        if self.m == 0:
            self._count(int(self.rows[0]))
        everything = np.arange(len(embeddings), dtype=np.int32)
        self.initial = self._refresh(everything, 0.0, MAPPED_BLOCK)
        self.state = self.state._replace(scale=np.empty(len(embeddings)))
        self._weigh(everything)
        self.reach = self._reach()

    def _first_row(self) -> int:
        factors = self.product.fixed * factors_of(self.all_cells, self.balances)[self.product.cells]
        free = self.request.candidates
        free = np.ones(len(factors), bool) if free is None else free
        return first_row(factors, free, super()._first_row)

    def _count(self, row: int) -> None:
        self.balances.counts[:] += self.balances.membership[self.product.cells[row]]

    def _reach(self) -> float:
        """The largest distance of a candidate; as `plain_product` has it, before the next pick."""
        free = self.request.candidates
        able = np.ones(len(self.initial), bool) if free is None else free.copy()
        if self.m == 0:
            able[self.rows[0]] = False
        able &= self.initial >= self.too_near
        # Without a second pick there is nothing that it would be the unit of.
        self.reach_matters = bool(able.any()) and len(self.rows) > 1
        farthest = from_squared(self.initial[able], self.embeddings.metric).max(initial=0.0)
        return float(farthest) if farthest > 0 else 1.0

    def _weigh(self, order: RowArray) -> None:
        factors = factors_of(self.all_cells, self.balances) ** self.power
        self.state.scale[order] = self.weights[order] * factors[self.product.cells[order]]

    def _values(self, order: RowArray, exact: Float64Array) -> Float64Array:
        """Values of the survivors, which loses those that are too near a pick."""
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
        """As `Traversal`, among scores."""
        survived = np.flatnonzero(values >= 0)
        order, exact = order[survived], exact[survived]
        scores = scores_of(exact, self._rivals(order), self.balances)
        share = max(floor, 0.0) / (1 + SLACK) / self._squared_reach()
        least = float(self.product.fixed.max()) * share ** (1 / self.power)
        return super()._pick_among(order, exact, scores, least)

    def _squared_reach(self) -> float:
        """What the value of an item has that is at `reach` and has no other factors."""
        return 2 * self.reach if self.embeddings.metric == "cosine" else self.reach**2

    def _rivals(self, order: RowArray) -> Rivals:
        cells, own = np.unique(self.product.cells[order], return_inverse=True)
        return Rivals(
            fixed=self.product.fixed[order],
            own=own,
            cells=cells.astype(np.int64),
            reach=self.reach,
            strength=self.product.diversity,
            cosine=self.embeddings.metric == "cosine",
            too_near=self.too_near,
        )

    def _greedy(self, order: RowArray, exact: Float64Array, bar: Bar) -> int:
        return greedy_product(
            order,
            exact,
            self._rivals(order),
            self.balances,
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
        """Take what is left, all of it on top of a pick, by the other factors."""
        left = np.flatnonzero(self.state.squared >= 0)
        for place in range(self.upto, min(len(self.rows), self.upto + len(left))):
            factors = factors_of(self.all_cells, self.balances)
            best = int((self.product.fixed[left] * factors[self.product.cells[left]]).argmax())
            self.rows[place], self.squared[place] = left[best], 0
            self._count(int(left[best]))
            left = np.delete(left, best)

    def _coverage(self) -> Float64Array:
        for rows, squared in self.removed:
            self.state.squared[rows] = squared
        return super()._coverage()

    def _radii(self, at_pick: Float64Array, last: float) -> Float64Array:
        largest = np.full(len(at_pick), last)
        among = self.upto - self.m  # picks on top of others change nothing any more
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
        if len(selection) == self.request.k:
            return selection
        return replace(selection, notes=ended_early(self.request, self.product, len(selection)))
