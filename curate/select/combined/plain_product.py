"""Selection by a product of factors, the plain way: score every candidate at every step.

`factors.py` has the formula. Cost: O(n (k d + groups)) time in float64, and a float64 copy of
the vectors. Not here: skipping candidates that cannot win; see `lazy_product.py`.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from curate.core.distance import Float64Array, from_squared, to_squared
from curate.core.values import BoolArray, Embeddings, Metric, Selection
from curate.select.combined.factors import (
    Product,
    diversity_factor,
    first_row,
    product_stopped_early,
)
from curate.select.nearest_selected import NearestSelected, start_tracking
from curate.select.replay import replay
from curate.select.request import Request, free_items, start_row

BUDGET_ROUNDING = 1e-12  # share of a budget by which rounding may exceed it


def plain_product(embeddings: Embeddings, request: Request, product: Product) -> Selection:
    """Pick up to `request.k` items, each the candidate with the largest product.

    `Selection.reach` is D. Fewer than k are picked if no candidate is left.
    """
    state = _PickState(len(embeddings), request, product)
    if product.diversity == 0 and request.min_distance == 0:
        return _pick_without_distances(embeddings, request, state)
    metric = embeddings.metric
    tracked = start_tracking(embeddings.vectors, metric, request.datapool)
    least = to_squared(request.min_distance, metric)
    reach: float | None = None
    for _ in request.progress(range(request.k), "selecting", request.k):
        if not state.exclude(tracked.squared >= least):
            break
        if reach is None and np.isfinite(tracked.squared[0]):
            farthest = float(from_squared(tracked.squared[state.free], metric).max())
            reach = farthest if farthest > 0 else 1.0
        row = _best_row(tracked, state, request, reach, metric)
        tracked.add(row)
        state.pick(row)
    return replace(tracked.selection(metric, "product", state.notes(request)), reach=reach)


class _PickState:
    """The candidates that are left, and what the picks so far have used up.

    free    (n,) whether an item may still be picked
    counts  for each balance (classes,) how many items its classes have
    picks   rows, in order
    """

    def __init__(self, n: int, request: Request, product: Product) -> None:
        self.product = product
        self.free: BoolArray = free_items(request, n)
        self.counts = [balance.counts for balance in product.balances]
        self.picks: list[int] = []

    def exclude(self, far_enough: BoolArray | bool = True) -> bool:
        """Keep free what is `far_enough` (n,) and within the budget; whether any item is left."""
        self.free &= far_enough
        budget = self.product.budget
        if budget is not None:
            left = budget.total * (1 + BUDGET_ROUNDING) - math.fsum(budget.costs[self.picks])
            self.free &= budget.costs <= left
        return bool(self.free.any())

    def scores_without_diversity(self) -> Float64Array:
        """(n,) the product of all factors but diversity."""
        factors = self.product.group_factors(self.counts)
        scores: Float64Array = self.product.fixed * factors[self.product.groups]
        return scores

    def best(self, scores: Float64Array) -> int:
        """The free row with the largest of (n,) scores, the lowest on ties."""
        return int(np.where(self.free, scores, -1).argmax())

    def pick(self, row: int) -> None:
        """Pick `row`."""
        self.picks.append(row)
        self.free[row] = False
        group = self.product.groups[row]
        self.counts = [
            counts + balance.membership[group]
            for counts, balance in zip(self.counts, self.product.balances, strict=True)
        ]

    def notes(self, request: Request) -> tuple[str, ...]:
        """Why the picks are fewer than k, if they are."""
        return product_stopped_early(request, self.product, len(self.picks))


def _pick_without_distances(
    embeddings: Embeddings, request: Request, state: _PickState
) -> Selection:
    """Picks that depend on no distance; the distances to report are measured afterwards."""
    for _ in request.progress(range(request.k), "selecting", request.k):
        if not state.exclude():
            break
        state.pick(state.best(state.scores_without_diversity()))
    picks = np.array(state.picks, dtype=np.int64)
    return replay(embeddings, picks, request, "product", state.notes(request))


def _best_row(
    tracked: NearestSelected,
    state: _PickState,
    request: Request,
    reach: float | None,
    metric: Metric,
) -> int:
    """The free row with the largest product."""
    scores = others = state.scores_without_diversity()
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
