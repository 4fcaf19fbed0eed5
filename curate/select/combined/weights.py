"""Weights: prefer items with large values in a numeric column, optionally within a budget.

The factor is value / largest value, or with negative values (value − smallest) / (largest −
smallest); smallest and largest are those of the items that may be picked.
"""

from __future__ import annotations

import numpy as np

from curate.core.values import BoolArray
from curate.errors import RequestError
from curate.schema import strategies
from curate.select.columns import numbers
from curate.select.combined.factors import WeightBudget, fixed_factor
from curate.select.objectives import BudgetFactor, StrategyInputs, ValueFactor, preferred
from curate.select.request import Request, free_items

LEAST_WEIGHT = 1e-6  # smaller factors count as this


def has_weight(
    spec: strategies.Weights, inputs: StrategyInputs, candidates: BoolArray
) -> tuple[BoolArray, tuple[str, ...]]:
    """(n,) whether an item has a value, without which it cannot be picked; and notes."""
    present = np.isfinite(numbers(inputs.column(spec.column), spec.column, "weights"))
    missing = int((candidates & ~present).sum())
    note = f"{missing:,} items have no {spec.column} and could not be picked."
    return present, (note,) if missing else ()


def weights_objective(
    spec: strategies.Weights, inputs: StrategyInputs, request: Request
) -> ValueFactor:
    """The factor of a numeric column. Raises RequestError for text, or a negative cost."""
    values = numbers(inputs.column(spec.column), spec.column, "weights")
    free = free_items(request, len(values)) & np.isfinite(values)
    low, high = float(values[free].min()), float(values[free].max())
    notes: tuple[str, ...] = ()
    if low == high and len(values) > 1:
        notes = (f"All items that could be picked have the same {spec.column}: it has no effect.",)
    if low < 0:
        scaled = (values - low) / (high - low if high > low else 1)
    else:
        scaled = values / (high if high > 0 else 1)
    scaled = np.nan_to_num(scaled, nan=LEAST_WEIGHT).clip(LEAST_WEIGHT, 1)
    factor = fixed_factor(scaled, spec.strength, request)
    prefers = preferred(spec.strength)
    if spec.budget is None:
        return ValueFactor(spec, factor, values, prefers, notes=notes)
    if low < 0:
        raise RequestError(
            f"a budget needs values of 0 or more, and column {spec.column!r} holds {low:g}."
        )
    budget = WeightBudget(np.nan_to_num(values), spec.budget)
    return BudgetFactor(spec, factor, values, prefers, budget, notes=notes)
