"""How far the selection meets each strategy of a job: Objective -> MeasuredObjective.

What a strategy goes by is measured in the input, in the selection, and in the random draws that
diversity and coverage are compared with. The draws are made from the items that could be picked.
Cost: O(n + draws · k) for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import gt, lt

import numpy as np

from curate.core.distance import Float64Array
from curate.core.values import IntArray, Metric, Selection
from curate.measure.distances import (
    BINS,
    INTERVAL,
    distribution,
    random_baseline,
    summarise,
)
from curate.measure.selection.certificate import certificate
from curate.schema import strategies
from curate.schema.objectives import (
    BalanceResult,
    BudgetSpent,
    Certificate,
    ClassShare,
    ObjectiveResult,
    ObjectiveValues,
    ThresholdResult,
)
from curate.schema.strategy_syntax import spelled
from curate.select.product.objectives import Objective

CLASSES = 200  # of a balance, at most
NAMED = 3  # classes that a sentence names


@dataclass(frozen=True)
class MeasuredObjective:
    """One strategy of a job.

    at_pick  (k,) float64 factor of each pick when it was picked; None for a threshold, and where
             picks were not made by a product
    """

    result: ObjectiveResult
    at_pick: Float64Array | None


def measure_objectives(
    objectives: Sequence[Objective],
    selection: Selection,
    draws: Sequence[IntArray],
    metric: Metric,
    dims: int,
) -> list[MeasuredObjective]:
    """Measure what each of `objectives` got from `selection`, beside random `draws` (k,)."""
    alone = len(objectives) == 1
    return [_measured(one, selection, draws, metric, dims, alone=alone) for one in objectives]


def _measured(
    one: Objective,
    selection: Selection,
    draws: Sequence[IntArray],
    metric: Metric,
    dims: int,
    *,
    alone: bool,
) -> MeasuredObjective:
    spec = one.spec
    balance = None if one.classes is None else _balance(one, selection, draws)
    values = None if one.values is None else _spread(one, selection, draws)
    budget = None
    if one.budget is not None:
        budget = BudgetSpent(
            total=one.budget.total, spent=float(one.budget.costs[selection.picks].sum())
        )
    proof = None
    if alone and isinstance(spec, strategies.Diversity) and one.at_pick is None:
        proof = certificate(selection, metric, dims)
    met, finding = _verdict(one, selection, balance, values, budget, proof)
    threshold = None
    if one.kept is not None:
        threshold = ThresholdResult(before=one.kept.before, after=one.kept.after)
    result = ObjectiveResult(
        name=spec.name,
        written=spelled(spec),
        parameters=spec.model_dump(mode="json", exclude={"name", "strength"}),
        formula=" ".join((type(spec).__doc__ or "").split()),
        strength=spec.strength if isinstance(spec, strategies.Weighed) else None,
        met=met,
        finding=finding,
        balance=balance,
        values=values,
        threshold=threshold,
        budget=budget,
        certificate=proof,
    )
    return MeasuredObjective(result, one.at_pick)


def _balance(one: Objective, selection: Selection, draws: Sequence[IntArray]) -> BalanceResult:
    classes, targets, quotas, pool = one.classes, one.shares, one.quotas, one.pool
    assert classes is not None
    assert targets is not None
    assert quotas is not None
    assert pool is not None
    n, k = len(classes.rows), len(selection)
    whole, ours = classes.totals(), classes.totals(selection.picks)
    drawn = np.array([classes.totals(rows) for rows in draws])  # (draws, classes)
    together = float(pool.sum()) + k
    # With a datapool the target is for it and the new picks together.
    union, union_drawn = (pool + ours) / together, (pool + drawn) / together
    low, high = np.quantile(drawn / k, INTERVAL, axis=0)
    shown = np.sort(np.lexsort((-whole, -targets))[:CLASSES])
    has_pool = bool(pool.any())
    return BalanceResult(
        classes=[
            ClassShare(
                name=classes.names[c],
                target=float(targets[c]),
                attainable=float(quotas[c]),
                input_count=float(whole[c]),
                input_share=float(whole[c] / n),
                random_share=float(drawn[:, c].mean() / k),
                random_interval=(float(low[c]), float(high[c])),
                selected_count=float(ours[c]),
                selected_share=float(ours[c] / k),
                datapool_count=float(pool[c]) if has_pool else None,
                union_share=float(union[c]) if has_pool else None,
            )
            for c in shown.tolist()
        ],
        n_classes=len(classes.names),
        largest_miss=float(np.abs(union - targets).max()),
        largest_miss_random=float(np.abs(union_drawn - targets).max(axis=1).mean()),
    )


def _spread(one: Objective, selection: Selection, draws: Sequence[IntArray]) -> ObjectiveValues:
    assert one.values is not None
    known = one.values[np.isfinite(one.values)]
    low, high = float(known.min()), float(known.max())
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    strength = one.spec.strength if isinstance(one.spec, strategies.Weighed) else 1.0
    high_first = (strength > 0) != isinstance(one.spec, strategies.Outliers)
    selected = distribution(one.values[selection.picks], edges, exact=True)
    drawn = [one.values[rows] for rows in draws]
    better = gt if high_first else lt
    return ObjectiveValues(
        prefers="high" if high_first else "low",
        input=distribution(known, edges, exact=True),
        selected=selected,
        random=random_baseline(
            drawn, summarise(one.values[selection.picks]), better, edges, exact=True
        ),
    )


def _verdict(
    one: Objective,
    selection: Selection,
    balance: BalanceResult | None,
    values: ObjectiveValues | None,
    budget: BudgetSpent | None,
    proof: Certificate | None,
) -> tuple[bool | None, str]:
    """Whether the objective was met, None where nothing was to be met, and a sentence on it."""
    if balance is not None:
        return _of_balance(one, selection)
    if one.kept is not None:
        return True, f"{one.kept.after:,} of {one.kept.before:,} items could be picked."
    if budget is not None:
        return True, f"The picks sum up to {budget.spent:g} of the budget of {budget.total:g}."
    if values is not None:
        low, high = values.random.interval["mean"]
        return None, (
            f"The mean is {values.selected.mean:.3g} in the selection, {low:.3g} to {high:.3g} "
            f"in random ones and {values.input.mean:.3g} in the input; {values.prefers} is wanted."
        )
    if proof is not None:
        return None, (
            f"The radius is {proof.radius:.3g}, and no selection of {len(selection):,} items has "
            f"one below {proof.at_least:.3g}."
        )
    return None, ""


def _of_balance(one: Objective, selection: Selection) -> tuple[bool | None, str]:
    """Met if every class is within one item of its target."""
    assert one.shares is not None
    assert one.pool is not None
    assert one.quotas is not None
    assert one.classes is not None
    has = one.pool + one.classes.totals(selection.picks)
    wanted = one.shares * has.sum()
    missing = wanted - has
    if np.abs(missing).max() < 1 + 1e-9:
        return True, "Every class is within one item of its target."
    short = [int(c) for c in np.argsort(-missing, kind="stable") if missing[c] >= 1 - 1e-9]
    told = [_short(one, c, has, wanted) for c in short[:NAMED]]
    more = f"; and {len(short) - NAMED:,} more classes" if len(short) > NAMED else ""
    if told:
        return False, "; ".join(told) + more + "."
    over = int(np.argmin(missing))
    name = one.classes.names[over]
    return False, f"{name} has {_few(has[over])} items where {_few(wanted[over])} were wanted."


def _short(one: Objective, c: int, has: Float64Array, wanted: Float64Array) -> str:
    """Why a class has too few."""
    assert one.classes is not None
    assert one.quotas is not None
    assert one.most is not None
    assert one.pool is not None
    name = one.classes.names[c]
    text = f"{name} has {_few(has[c])} items where {_few(wanted[c])} were wanted"
    if has[c] < one.quotas[c] - 1 + 1e-9:
        return f"{text}: others outweighed it, or what is left repeats picks"
    if one.quotas[c] >= one.most[c] - 1e-9:
        return f"{text}: there are no more to pick"
    if (one.pool > wanted + 1e-9).any():
        return f"{text}: the datapool holds more of others than their share"
    return f"{text}: there was no room for more"


def _few(items: float) -> str:
    """A number of items, to three digits where it is small and not whole."""
    return f"{items:,.0f}" if items >= 100 or items == round(items) else f"{items:.3g}"
