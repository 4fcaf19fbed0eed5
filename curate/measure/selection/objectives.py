"""How far the selection meets each strategy of a job: Objective -> MeasuredObjective.

What a strategy goes by is measured in the input, in the selection, and in the random draws that
diversity and coverage are compared with. The draws are made from the items that could be picked.
Each kind of objective has a function of its own here.
Cost: O(n + draws · k) for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch
from operator import gt, lt
from typing import NamedTuple

import numpy as np

from curate.core.distance import Float64Array
from curate.core.values import IntArray, Metric, Selection
from curate.measure.distances import BINS, INTERVAL, distribution, random_baseline, summarise
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
from curate.schema.strategy_syntax import spec_text
from curate.select.objectives import (
    BalanceObjective,
    BudgetFactor,
    DiversityObjective,
    Objective,
    ThresholdObjective,
    ValueFactor,
)

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


class _Selected(NamedTuple):
    """What objectives are measured on.

    draws  random selections, rows (k,) each
    alone  whether there is only one strategy
    """

    selection: Selection
    draws: Sequence[IntArray]
    metric: Metric
    dims: int
    alone: bool


class _Findings(NamedTuple):
    """The parts of an ObjectiveResult that depend on the kind of objective.

    met  None if there is no target that can be met or missed
    """

    met: bool | None = None
    finding: str = ""
    balance: BalanceResult | None = None
    values: ObjectiveValues | None = None
    threshold: ThresholdResult | None = None
    budget: BudgetSpent | None = None
    certificate: Certificate | None = None


def measure_objectives(
    objectives: Sequence[Objective],
    selection: Selection,
    draws: Sequence[IntArray],
    metric: Metric,
    dims: int,
) -> list[MeasuredObjective]:
    """Measure how far `selection` reached each of `objectives`, beside random `draws` (k,)."""
    selected = _Selected(selection, draws, metric, dims, len(objectives) == 1)
    return [_measure(objective, selected) for objective in objectives]


def _measure(objective: Objective, selected: _Selected) -> MeasuredObjective:
    spec, findings = objective.spec, _findings(objective, selected)
    result = ObjectiveResult(
        name=spec.name,
        written=spec_text(spec),
        parameters=spec.model_dump(mode="json", exclude={"name", "strength"}),
        formula=" ".join((type(spec).__doc__ or "").split()),
        strength=spec.strength if isinstance(spec, strategies.FactorSpec) else None,
        **findings._asdict(),
    )
    return MeasuredObjective(result, objective.at_pick)


@singledispatch
def _findings(_objective: Objective, _selected: _Selected) -> _Findings:
    """What is measured for an objective; this one, for kinds without a line below, is nothing."""
    return _Findings()


@_findings.register
def _of_threshold(objective: ThresholdObjective, _selected: _Selected) -> _Findings:
    return _Findings(
        met=True,
        finding=f"{objective.after:,} of {objective.before:,} items could be picked.",
        threshold=ThresholdResult(before=objective.before, after=objective.after),
    )


@_findings.register
def _of_diversity(objective: DiversityObjective, selected: _Selected) -> _Findings:
    # The certificate is for a pure farthest-first traversal: no product, no threshold.
    proof = None
    if selected.alone and objective.at_pick is None:
        proof = certificate(selected.selection, selected.metric, selected.dims)
    if proof is None:
        return _Findings()
    finding = (
        f"The radius is {proof.radius:.3g}, and no selection of {len(selected.selection):,} items "
        f"has one below {proof.at_least:.3g}."
    )
    return _Findings(finding=finding, certificate=proof)


@_findings.register
def _of_values(objective: ValueFactor, selected: _Selected) -> _Findings:
    values = _distributions(objective, selected)
    low, high = values.random.interval["mean"]
    finding = (
        f"The mean is {values.selected.mean:.3g} in the selection, {low:.3g} to {high:.3g} "
        f"in random ones and {values.input.mean:.3g} in the input; {values.prefers} is wanted."
    )
    return _Findings(finding=finding, values=values)


@_findings.register
def _of_budget(objective: BudgetFactor, selected: _Selected) -> _Findings:
    budget = objective.budget
    spent = float(budget.costs[selected.selection.picks].sum())
    return _Findings(
        met=True,
        finding=f"The picks sum up to {spent:g} of the budget of {budget.total:g}.",
        values=_distributions(objective, selected),
        budget=BudgetSpent(total=budget.total, spent=spent),
    )


@_findings.register
def _of_balance(objective: BalanceObjective, selected: _Selected) -> _Findings:
    met, finding = _balance_verdict(objective, selected.selection)
    return _Findings(met=met, finding=finding, balance=_balance(objective, selected))


def _balance(objective: BalanceObjective, selected: _Selected) -> BalanceResult:
    classes, targets, pool = objective.classes, objective.shares, objective.pool
    n, k = len(classes.rows), len(selected.selection)
    whole, ours = classes.totals(), classes.totals(selected.selection.picks)
    drawn = np.array([classes.totals(rows) for rows in selected.draws])  # (draws, classes)
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
                attainable=float(objective.quotas[c]),
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


def _distributions(objective: ValueFactor, selected: _Selected) -> ObjectiveValues:
    values, picks = objective.values, selected.selection.picks
    present = values[np.isfinite(values)]
    low, high = float(present.min()), float(present.max())
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    better = gt if objective.prefers == "high" else lt
    return ObjectiveValues(
        prefers=objective.prefers,
        input=distribution(present, edges, exact=True),
        selected=distribution(values[picks], edges, exact=True),
        random=random_baseline(
            [values[rows] for rows in selected.draws],
            summarise(values[picks]),
            better,
            edges,
            exact=True,
        ),
    )


def _balance_verdict(objective: BalanceObjective, selection: Selection) -> tuple[bool, str]:
    """Whether every class is within one item of its target, and a sentence on it."""
    counts = objective.pool + objective.classes.totals(selection.picks)
    wanted = objective.shares * counts.sum()
    missing = wanted - counts
    if np.abs(missing).max() < 1 + 1e-9:
        return True, "Every class is within one item of its target."
    short = [int(c) for c in np.argsort(-missing, kind="stable") if missing[c] >= 1 - 1e-9]
    if short:
        reasons = [_why_short(objective, c, counts, wanted) for c in short[:NAMED]]
        more = f"; and {len(short) - NAMED:,} more classes" if len(short) > NAMED else ""
        return False, "; ".join(reasons) + more + "."
    over = int(np.argmin(missing))
    name = objective.classes.names[over]
    return False, (
        f"{name} has {_item_count(counts[over])} items where {_item_count(wanted[over])} "
        "were wanted."
    )


def _why_short(
    objective: BalanceObjective, c: int, counts: Float64Array, wanted: Float64Array
) -> str:
    """Why class c has too few items."""
    name = objective.classes.names[c]
    text = f"{name} has {_item_count(counts[c])} items where {_item_count(wanted[c])} were wanted"
    if counts[c] < objective.quotas[c] - 1 + 1e-9:
        return f"{text}: others outweighed it, or what is left repeats picks"
    if objective.quotas[c] >= objective.available[c] - 1e-9:
        return f"{text}: there are no more to pick"
    if (objective.pool > wanted + 1e-9).any():
        return f"{text}: the datapool holds more of others than their share"
    return f"{text}: there was no room for more"


def _item_count(items: float) -> str:
    """A number of items, to three digits if it is small and not whole."""
    return f"{items:,.0f}" if items >= 100 or items == round(items) else f"{items:.3g}"
