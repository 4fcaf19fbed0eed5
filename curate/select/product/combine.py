"""Objectives -> a product, its picks, and what each objective had to say at each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from curate.core.distance import Float64Array
from curate.core.values import Embeddings, Selection
from curate.schema import strategies
from curate.select.product.classes import Classes
from curate.select.product.objectives import Objective, Outcome, with_quotas
from curate.select.product.product import Balance, Budget, Product, factors_at_pick
from curate.select.product.select_product import select_product
from curate.select.request import Request


def combine(found: Sequence[Objective], embeddings: Embeddings, request: Request) -> Outcome:
    """A selection by the product of all factors."""
    budget = next((one.budget for one in found if one.budget), None)
    if budget is not None:
        picks = _affordable(budget, request)
        found = [with_quotas(one, request, picks) if one.classes else one for one in found]
    product = product_of(found, len(embeddings), budget)
    selection = select_product(embeddings, request, product)
    moving = iter(factors_at_pick(product, selection))
    # In the order in which `factors_at_pick` tells them: diversity, then the balances.
    first = [one for one in found if isinstance(one.spec, strategies.Diversity)]
    at_pick = {id(one): next(moving) for one in (*first, *_balanced(found))}
    return Outcome(selection, tuple(_told(one, selection, at_pick) for one in found))


def product_of(found: Sequence[Objective], n: int, budget: Budget | None = None) -> Product:
    """What is multiplied, of n items."""
    fixed = np.ones(n)
    diversity = 0.0
    for one in found:
        if one.factor is not None:
            fixed *= one.factor
        if isinstance(one.spec, strategies.Diversity):
            diversity = one.spec.strength
    balanced = _balanced(found)
    classes = [one.classes for one in balanced if one.classes is not None]
    cells, first = _cells(classes, n)
    return Product(
        fixed=fixed,
        cells=cells,
        diversity=diversity,
        balances=tuple(_balance(one, first) for one in balanced),
        budget=budget,
    )


def _balanced(found: Sequence[Objective]) -> list[Objective]:
    return [one for one in found if one.classes is not None]


def _cells(classes: Sequence[Classes], n: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """(n,) cell of each item, and (cells,) an item of each: equal in all `classes`, one cell."""
    code = np.zeros(n, dtype=np.int64)
    for one in classes:  # made dense each time, so that the codes stay small
        code = np.unique(code * len(one.shares) + one.rows, return_inverse=True)[1]
    _, first, cells = np.unique(code, return_index=True, return_inverse=True)
    return cells.astype(np.int32), first


def _balance(one: Objective, first: NDArray[np.int64]) -> Balance:
    assert isinstance(one.spec, strategies.Balance)
    assert one.classes is not None
    assert one.quotas is not None
    assert one.pool is not None
    membership = one.classes.shares[one.classes.rows[first]]
    return Balance(membership, one.quotas, one.pool, one.spec.strength)


def _affordable(budget: Budget, request: Request) -> int:
    """How many picks the budget may pay: it can end the run long before k, and quotas are for
    what will be picked."""
    free = slice(None) if request.candidates is None else request.candidates
    usual = float(budget.costs[free].mean())
    return min(request.k, max(1, int(budget.total / usual))) if usual > 0 else request.k


def _told(one: Objective, selection: Selection, at_pick: dict[int, Float64Array]) -> Objective:
    """The objective with its factor at each pick."""
    factor = at_pick[id(one)] if one.factor is None else one.factor[selection.picks]
    return replace(one, at_pick=factor)
