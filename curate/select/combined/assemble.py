"""From objectives to a product of factors, its picks, and the factors of each pick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from curate.core.values import Embeddings, Selection
from curate.select.combined.balance import with_quotas
from curate.select.combined.classes import Classes
from curate.select.combined.factors import (
    BalanceFactor,
    Product,
    WeightBudget,
    balance_at_pick,
    diversity_at_pick,
)
from curate.select.combined.plain_product import plain_product
from curate.select.objectives import (
    BalanceObjective,
    BudgetFactor,
    DiversityObjective,
    FixedFactor,
    Objective,
)
from curate.select.request import Request, free_items
from curate.select.strategies.farthest_first import is_small

BYTES_PER_ITEM = 128  # state, factors and coverage of an item, and copies that live shortly


def memory_needed(embeddings: Embeddings) -> int:
    """Bytes that `select_product` needs at most beside the vectors."""
    return len(embeddings) * (8 * embeddings.dims + BYTES_PER_ITEM)


def select_by_product(
    objectives: Sequence[Objective], embeddings: Embeddings, request: Request
) -> tuple[Selection, list[Objective]]:
    """A selection by the product of the factors of `objectives`, and these with `at_pick`."""
    budget = next((each.budget for each in objectives if isinstance(each, BudgetFactor)), None)
    if budget is not None:
        picks = _picks_within(budget, request)
        objectives = [
            with_quotas(each, picks) if isinstance(each, BalanceObjective) else each
            for each in objectives
        ]
    product = product_of(objectives, len(embeddings), budget)
    selection = select_product(embeddings, request, product)
    return selection, _with_factors_at_pick(objectives, product, selection)


def select_product(embeddings: Embeddings, request: Request, product: Product) -> Selection:
    """Pick up to `request.k` items, each the candidate with the largest product.

    Large work goes to the lazy traversal if the scores only fall; the picks are the same.
    """
    if is_small(embeddings, request):
        return plain_product(embeddings, request, product)
    # Imported here: compiled code takes half a second to load.
    from curate.select.combined.lazy_product import can_be_lazy, lazy_product

    traverse = lazy_product if can_be_lazy(embeddings, product) else plain_product
    return traverse(embeddings, request, product)


def product_of(
    objectives: Sequence[Objective], n: int, budget: WeightBudget | None = None
) -> Product:
    """The product of the factors of `objectives`, for n items."""
    fixed = np.ones(n)
    diversity = 0.0
    for objective in objectives:
        if isinstance(objective, FixedFactor):
            fixed *= objective.factor
        elif isinstance(objective, DiversityObjective):
            diversity = objective.spec.strength
    balances = [each for each in objectives if isinstance(each, BalanceObjective)]
    groups, members = _class_groups([balance.classes for balance in balances], n)
    return Product(
        fixed=fixed,
        groups=groups,
        diversity=diversity,
        balances=tuple(_balance_factor(balance, members) for balance in balances),
        budget=budget,
    )


def _class_groups(
    classes: Sequence[Classes], n: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """(n,) the group of each item, and (groups,) one item of each group.

    Items are in one group if they count for the same in all of `classes`.
    """
    codes = np.zeros(n, dtype=np.int64)
    for each in classes:  # renumbered each time, so that the codes stay small
        codes = np.unique(codes * len(each.shares) + each.rows, return_inverse=True)[1]
    _, members, groups = np.unique(codes, return_index=True, return_inverse=True)
    return groups.astype(np.int32), members


def _balance_factor(objective: BalanceObjective, members: NDArray[np.int64]) -> BalanceFactor:
    membership = objective.classes.shares[objective.classes.rows[members]]
    return BalanceFactor(membership, objective.quotas, objective.pool, objective.spec.strength)


def _picks_within(budget: WeightBudget, request: Request) -> int:
    """About how many picks the budget pays for, at the mean cost of a candidate; k at most.

    A budget can end the run long before k, and quotas are for the items that will be picked.
    """
    mean_cost = float(budget.costs[free_items(request, len(budget.costs))].mean())
    return min(request.k, max(1, int(budget.total / mean_cost))) if mean_cost > 0 else request.k


def _with_factors_at_pick(
    objectives: Sequence[Objective], product: Product, selection: Selection
) -> list[Objective]:
    """`objectives` with the factor that each pick had when it was picked."""
    balances = iter(product.balances)  # in the order of the objectives
    complete: list[Objective] = []
    for objective in objectives:
        if isinstance(objective, FixedFactor):
            at_pick = objective.factor[selection.picks]
        elif isinstance(objective, BalanceObjective):
            at_pick = balance_at_pick(next(balances), product, selection)
        else:
            at_pick = diversity_at_pick(product, selection)
        complete.append(replace(objective, at_pick=at_pick))
    return complete
