"""Sentences on strategies: what each one reached, what is proved, and what is known beforehand.

The page on objectives shows strategies that have more to report than diversity and coverage,
which have pages of their own: shares, values, budgets and conditions.
"""

from __future__ import annotations

from curate.report.render.numbers import count, interval, number
from curate.schema.objectives import BalanceResult, ObjectiveResult, ObjectiveValues
from curate.schema.report import Report
from curate.schema.strategies import NONE, OTHERS

NAMELESS = (NONE, OTHERS)  # classes that come last in a list of classes
LONGEST = 130  # characters of a title with a second clause
EXACT = 5e-4  # a share closer to its target than this counts as equal to it


def reported_objectives(report: Report) -> list[ObjectiveResult]:
    """The strategies with shares, values, a budget or a condition."""
    return [
        objective
        for objective in report.objectives
        if objective.balance or objective.values or objective.threshold or objective.budget
    ]


def objectives_title(report: Report) -> str | None:
    """The one or two most important results, failed targets first; None without objectives."""
    objectives = reported_objectives(report)
    if not objectives:
        return None
    clauses = [_clause(objective) for objective in sorted(objectives, key=_importance)]
    both = "; ".join(clauses[:2])
    text = both if len(both) <= LONGEST else clauses[0]
    return text[:1].upper() + text[1:]


def picking_rule(report: Report) -> str:
    """The product that decides each pick, and the conditions that an item must meet."""
    factors = [objective.written for objective in report.objectives if objective.threshold is None]
    conditions = [objective for objective in report.objectives if objective.threshold is not None]
    among = ""
    if conditions:
        assert conditions[-1].threshold is not None
        passed = count(conditions[-1].threshold.after)
        written = " and ".join(_condition(objective) for objective in conditions)
        among = f" among the {passed} items that meet {written}"
    if len(factors) <= 1:
        return f"Picked by {factors[0] if factors else 'diversity'}{among}."
    return f"Each pick is the item with the largest product of {_joined(factors)}{among}."


def outcome_sentence(objective: ObjectiveResult) -> str:
    """What one strategy reached, in full."""
    if objective.values is None:
        return objective.finding
    values, name = objective.values, quantity_name(objective)
    spent = ""
    if objective.budget is not None:
        budget = objective.budget
        spent = f" The picks use {number(budget.spent)} of {number(budget.total)}."
    return (
        f"Mean {name}: {number(values.selected.mean)} in the selection, "
        f"{interval(values.random.interval['mean'])} in random selections (95% of the draws), "
        f"{number(values.input.mean)} in the input; {values.prefers} values are preferred.{spent}"
    )


def quantity_name(objective: ObjectiveResult) -> str:
    """What the values of a strategy are called: its column, similarity or typicality."""
    column = objective.parameters.get("column")
    if column:
        return str(column)
    return "similarity" if objective.name == "similarity" else "typicality"


def certificate_sentence(report: Report) -> str:
    """The proved bound on the covering radius; empty if nothing is proved.

    The proof is a pigeonhole argument: k + 1 items, pairwise at least 2 r apart (and as far from
    the datapool), need more than k picks to be covered within less than r.
    """
    for objective in report.objectives:
        if objective.certificate is not None:
            proved = objective.certificate
            added = " added to the datapool" if report.counts.datapool else ""
            pool = " and from the datapool" if report.counts.datapool else ""
            return (
                f"Proved: no selection of {count(report.counts.selected)} items{added} covers the "
                f"input within less than {number(proved.at_least)}; this one covers it within "
                f"{number(proved.radius)}. Proof: {count(proved.witnesses)} items, so far apart "
                f"from each other{pool} that no two of them have a pick within less than that in "
                "common."
            )
    return ""


def traversal_guarantee(report: Report) -> str | None:
    """What farthest-first traversal is and what it guarantees; None for another strategy.

    Gonzalez' bound needs the triangle inequality. Cosine distance is half the square of the
    chord between unit vectors, and the chord is a metric: twice the best chord is four times
    the best cosine distance.
    """
    if report.selection.strategy != "diversity":
        return None
    times, reason = _TRAVERSAL_BOUND[report.selection.metric]
    best = "for that number of picks"
    if report.counts.datapool:
        best += " added to the datapool"
    return (
        "Farthest-first traversal (strategy diversity): each pick is the item farthest from all "
        f"earlier picks. Its covering radius is at most {times} the best possible {best} "
        f"(Gonzalez, Clustering to minimize the maximum intercluster distance, 1985){reason}. "
        "The same holds for the first picks in the order, however many you keep."
    )


def outlier_warning(report: Report) -> str | None:
    """That farthest-first traversal picks outliers; None for another strategy."""
    if report.selection.strategy != "diversity":
        return None
    return (
        "Farthest-first traversal prefers items that are unlike the rest. These include outliers; "
        "some outliers are broken items or do not belong to the data set."
    )


_TRAVERSAL_BOUND = {
    "euclidean": ("twice", ""),
    "cosine": (
        "four times",
        "; in the length of the chord between unit vectors this is twice, because cosine distance "
        "is half the square of the chord",
    ),
}


def _importance(objective: ObjectiveResult) -> tuple[int, int, float]:
    """Sort key: failed targets first, then by kind; balances with the largest miss first."""
    kinds = (objective.balance, objective.values, objective.budget, objective.threshold)
    kind = next(position for position, part in enumerate(kinds) if part is not None)
    miss = objective.balance.largest_miss if objective.balance else 0.0
    return (0 if objective.met is False else 1, kind, -miss)


def _clause(objective: ObjectiveResult) -> str:
    if objective.balance is not None:
        return _shares_clause(objective, objective.balance)
    if objective.budget is not None:
        spent, total = number(objective.budget.spent), number(objective.budget.total)
        return f"the picks use {spent} of the {quantity_name(objective)} budget of {total}"
    if objective.values is not None:
        return _values_clause(objective, objective.values)
    assert objective.threshold is not None
    after, before = count(objective.threshold.after), count(objective.threshold.before)
    return f"{after} of {before} items meet {_condition(objective)}"


def _condition(objective: ObjectiveResult) -> str:
    """A threshold as it is written, without the name of the strategy: score>=0.1."""
    return objective.written.partition(":")[2]


def _shares_clause(objective: ObjectiveResult, balance: BalanceResult) -> str:
    column = objective.parameters.get("column", "")
    random = number(100 * balance.largest_miss_random)
    if balance.largest_miss < EXACT:
        return (
            f"the shares of {column} meet their target (random choice is up to {random} percentage "
            "points off)"
        )
    selected = number(100 * balance.largest_miss)
    failed = "not met: " if objective.met is False else ""
    return (
        f"{failed}the shares of {column} are up to {selected} percentage points off their target "
        f"(random choice: {random})"
    )


def _values_clause(objective: ObjectiveResult, values: ObjectiveValues) -> str:
    selected, random = number(values.selected.mean), number(values.random.mean)
    return f"mean {quantity_name(objective)} is {selected} (random choice: {random})"


def _joined(names: list[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1]
