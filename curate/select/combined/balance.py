"""Balance: prefer items of the classes that lack most of their quota."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from curate.core.distance import Float64Array
from curate.schema import strategies
from curate.select.combined.classes import classes_of, quotas, targets
from curate.select.objectives import BalanceObjective, StrategyInputs
from curate.select.request import Request, free_items


def balance_objective(
    spec: strategies.Balance, inputs: StrategyInputs, request: Request
) -> BalanceObjective:
    """The classes of a column, their target shares, and quotas for k picks.

    With a datapool the quotas are for the datapool and the picks together. Raises RequestError
    for a column that holds no classes.
    """
    classes, shares = targets(
        classes_of(inputs.column(spec.column), spec.column), spec.target, spec.column
    )
    pool: Float64Array = np.zeros(len(shares))
    notes: tuple[str, ...] = ()
    if request.datapool is not None:
        column = inputs.pool_column(spec.column)
        if column is None:
            notes = (f"The datapool has no {spec.column}: the balance counts new picks alone.",)
        else:
            others = strategies.OTHERS if classes.names[-1] == strategies.OTHERS else None
            names = classes.names[:-1] if others else classes.names
            pool = classes_of(column, spec.column).merged(names, others).totals()
    available = pool + classes.totals(free_items(request, len(classes.rows)))
    objective = BalanceObjective(
        spec, classes, shares, np.zeros(len(shares)), pool, available, notes=notes
    )
    return with_quotas(objective, request.k)


def with_quotas(objective: BalanceObjective, picks: int) -> BalanceObjective:
    """The objective with quotas for `picks` picks, beside the datapool."""
    total = float(objective.pool.sum()) + picks
    return replace(
        objective,
        quotas=quotas(
            objective.shares,
            total,
            objective.pool,
            objective.available,
            whole=objective.classes.whole,
        ),
    )
