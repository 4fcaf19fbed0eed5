"""Several wishes at once: each pick is the candidate with the largest product of factors.

At each step the score of a candidate i is

    fixed[i] · (d_i / D)^diversity · Π_b (membership_b[cells[i]] · lack_b)^strength_b

fixed       what does not change while picks are made: typicality, similarity, weights, …,
            each brought to (0, 1] and raised to its strength beforehand
d_i / D     distance to the nearest item selected so far (datapool included) over D, the
            largest that any candidate had when the first item was selected. Before anything
            is selected the factor is 1 for all
lack_b      for each class of balance b the share of its quota that is still missing, in
            (0, 1]; FULL for a class that has its quota, so that such a class is taken only
            when nothing else is left

Every factor is marginal: it says what the candidate adds now, and does not fade as the
selection grows. All of them only fall as picks are made, so that a product once computed
stays an upper bound. A negative strength turns a factor x with the least value e around:
(e / x)^|strength|, which is in (0, 1] too.

Ties go to the start item on the first pick, else to the lowest row. A product is 0 only
where d_i is: repeats of picks are taken when nothing else is left, by their other factors.
Candidates nearer than the minimum distance, and those that the rest of the budget does not
pay for, are passed over for good.

`plain_product`, here, scores every candidate at every step: O(n (k d + cells)) time in
float64, and a float64 copy of the vectors.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from curate.core.distance import Float64Array, from_squared, to_squared
from curate.core.values import BoolArray, Embeddings, Metric, Selection
from curate.select.nearest_selected import NearestSelected, start_tracking
from curate.select.product.product import Product, diversity_factor, ended_early, first_row
from curate.select.replay import replay
from curate.select.request import Request, start_row
from curate.select.strategies.farthest_first import is_small

PAID = 1e-12  # share of a budget that rounding may cost
ITEM = 128  # bytes an item: its state, its factors, its coverage, and passing copies


def memory_needed(embeddings: Embeddings) -> int:
    """Bytes that `select_product` takes at most beside the vectors, to say before it starts."""
    return len(embeddings) * (8 * embeddings.dims + ITEM)


def select_product(embeddings: Embeddings, request: Request, product: Product) -> Selection:
    """Pick up to `request.k` items by the largest product.

    Large work whose products only fall goes to a lazy traversal; the picks are the same.
    """
    if is_small(embeddings, request):
        return plain_product(embeddings, request, product)
    from curate.select.product.lazy_product import can_be_lazy, lazy_product

    way = lazy_product if can_be_lazy(embeddings, product) else plain_product
    return way(embeddings, request, product)


def plain_product(embeddings: Embeddings, request: Request, product: Product) -> Selection:
    """Score every candidate at every step.

    `Selection.reach` is D. Fewer than k come back when no candidate is left.
    """
    state = _State(len(embeddings), request, product)
    if product.diversity == 0 and request.min_distance == 0:
        return _placeless(embeddings, request, state)
    metric = embeddings.metric
    tracked = start_tracking(embeddings.vectors, metric, request.datapool)
    least = to_squared(request.min_distance, metric)
    reach: float | None = None
    for _ in request.progress(range(request.k), "selecting", request.k):
        if not state.leaves(tracked.squared >= least):
            break
        if reach is None and np.isfinite(tracked.squared[0]):
            farthest = float(from_squared(tracked.squared[state.free], metric).max())
            reach = farthest if farthest > 0 else 1.0
        row = _best(tracked, state, request, reach, metric)
        tracked.add(row)
        state.take(row)
    return replace(tracked.selection(metric, "product", state.notes(request)), reach=reach)


class _State:
    """What may still be picked, and what the picks so far have used up.

    free    (n,) whether a candidate may still be picked
    counts  of each balance (classes,) items that its classes have
    """

    def __init__(self, n: int, request: Request, product: Product) -> None:
        self.product = product
        self.free: BoolArray = (
            np.ones(n, dtype=bool) if request.candidates is None else request.candidates.copy()
        )
        self.counts = [balance.counts for balance in product.balances]
        self.picks: list[int] = []

    def leaves(self, apart: BoolArray | bool = True) -> bool:
        """Pass over what is not `apart` (n,) or not paid for; whether anything is left."""
        self.free &= apart
        budget = self.product.budget
        if budget is not None:
            left = budget.total * (1 + PAID) - math.fsum(budget.costs[self.picks])
            self.free &= budget.costs <= left
        return bool(self.free.any())

    def others(self) -> Float64Array:
        """(n,) the product of all factors but diversity."""
        factors = self.product.cell_factors(self.counts)
        scores: Float64Array = self.product.fixed * factors[self.product.cells]
        return scores

    def best(self, scores: Float64Array) -> int:
        """The free row with the largest of (n,) scores."""
        return int(np.where(self.free, scores, -1).argmax())

    def take(self, row: int) -> None:
        """Pick `row`."""
        self.picks.append(row)
        self.free[row] = False
        cell = self.product.cells[row]
        self.counts = [
            has + balance.membership[cell]
            for has, balance in zip(self.counts, self.product.balances, strict=True)
        ]

    def notes(self, request: Request) -> tuple[str, ...]:
        """Why the picks are fewer than were asked for, if they are."""
        picked = len(self.picks)
        return () if picked == request.k else ended_early(request, self.product, picked)


def _placeless(embeddings: Embeddings, request: Request, state: _State) -> Selection:
    """Picks for which no distance matters: those that are reported are measured afterwards."""
    for _ in request.progress(range(request.k), "selecting", request.k):
        if not state.leaves():
            break
        state.take(state.best(state.others()))
    picks = np.array(state.picks, dtype=np.int64)
    return replay(embeddings, picks, request, "product", state.notes(request))


def _best(
    tracked: NearestSelected, state: _State, request: Request, reach: float | None, metric: Metric
) -> int:
    """The free row with the largest product."""
    scores = others = state.others()
    diversity = state.product.diversity
    if diversity and reach is not None:
        distances = from_squared(tracked.squared, metric)
        scores = others * diversity_factor(distances, reach, diversity)
        if scores[state.free].max() == 0:
            scores = others
    if diversity and reach is None:
        points = tracked.points.__getitem__
        return first_row(scores, state.free, lambda: start_row(len(scores), request, points))
    return state.best(scores)
