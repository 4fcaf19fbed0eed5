"""What the strategies of a job got, as sentences with numbers."""

from __future__ import annotations

from curate.report.render.numbers import count, interval, number
from curate.schema.objectives import BalanceResult, ObjectiveResult, ObjectiveValues
from curate.schema.report import Report
from curate.schema.strategies import NONE, OTHERS

NAMELESS = (NONE, OTHERS)  # classes that stand last
LONGEST = 130  # signs of a title with a second clause
EXACT = 5e-4  # a share that is nearer to its target than this meets it


def reported_objectives(report: Report) -> list[ObjectiveResult]:
    """The strategies that have more to show than the pages on diversity and coverage."""
    return [
        one for one in report.objectives if one.balance or one.values or one.threshold or one.budget
    ]


def objectives_title(report: Report) -> str | None:
    """What matters most: what was not met, then shares, values, budgets and conditions."""
    shown = reported_objectives(report)
    if not shown:
        return None
    clauses = [_clause(one) for one in sorted(shown, key=_rank)]
    both = "; ".join(clauses[:2])
    text = both if len(both) <= LONGEST else clauses[0]
    return text[:1].upper() + text[1:]


def picking_rule(report: Report) -> str:
    """The product that picked, and the conditions before it."""
    factors = [one.written for one in report.objectives if one.threshold is None]
    conditions = [_condition(one) for one in report.objectives if one.threshold is not None]
    among = ""
    if conditions:
        left = next(one for one in reversed(report.objectives) if one.threshold is not None)
        assert left.threshold is not None
        passed = count(left.threshold.after)
        among = f" among the {passed} items that meet {' and '.join(conditions)}"
    if len(factors) <= 1:
        return f"Picked by {factors[0] if factors else 'diversity'}{among}."
    return f"Each pick is the one with the largest product of {_list(factors)}{among}."


def outcome_sentence(one: ObjectiveResult) -> str:
    """What came of one strategy, in full."""
    if one.values is None:
        return one.finding
    values, what = one.values, quantity_name(one)
    spent = ""
    if one.budget is not None:
        spent = f" The picks use {number(one.budget.spent)} of {number(one.budget.total)}."
    return (
        f"Mean {what}: {number(values.selected.mean)} in the selection, "
        f"{interval(values.random.interval['mean'])} in random ones (95% of the draws), "
        f"{number(values.input.mean)} in the input; {values.prefers} values are wanted.{spent}"
    )


def quantity_name(one: ObjectiveResult) -> str:
    """What its values are values of."""
    column = one.parameters.get("column")
    return str(column) if column else "similarity" if one.name == "similarity" else "typicality"


def certificate_sentence(report: Report) -> str:
    """What is proved of the radius; empty where nothing is."""
    for one in report.objectives:
        if one.certificate is not None:
            proved = one.certificate
            rest = " added to the datapool" if report.counts.datapool else ""
            return (
                f"Proved: no {count(report.counts.selected)} items{rest} cover the input within "
                f"less than {number(proved.at_least)}; these do within {number(proved.radius)}. "
                f"{count(proved.witnesses)} points far apart from each other are the witnesses."
            )
    return ""


def _rank(one: ObjectiveResult) -> tuple[int, int, float]:
    """What was not met first, then by kind; of several balances the one that is farthest off."""
    kinds = (one.balance, one.values, one.budget, one.threshold)
    kind = next(place for place, held in enumerate(kinds) if held is not None)
    miss = one.balance.largest_miss if one.balance else 0.0
    return (0 if one.met is False else 1, kind, -miss)


def _clause(one: ObjectiveResult) -> str:
    if one.balance is not None:
        return _of_shares(one, one.balance)
    if one.budget is not None:
        spent, total = number(one.budget.spent), number(one.budget.total)
        return f"the picks use {spent} of the {quantity_name(one)} budget of {total}"
    if one.values is not None:
        return _of_values(one, one.values)
    assert one.threshold is not None
    after, before = count(one.threshold.after), count(one.threshold.before)
    return f"{after} of {before} items meet {_condition(one)}"


def _condition(one: ObjectiveResult) -> str:
    """A threshold without its name."""
    return one.written.partition(":")[2]


def _of_shares(one: ObjectiveResult, balance: BalanceResult) -> str:
    column = one.parameters.get("column", "")
    random = number(100 * balance.largest_miss_random)
    if balance.largest_miss < EXACT:
        return (
            f"the shares of {column} meet their target, random choice is up to {random} percentage "
            "points off"
        )
    ours = number(100 * balance.largest_miss)
    lead = "" if one.met is not False else "not met: "
    return (
        f"{lead}the shares of {column} are up to {ours} percentage points off their target, random "
        f"choice {random}"
    )


def _of_values(one: ObjectiveResult, values: ObjectiveValues) -> str:
    ours, theirs = number(values.selected.mean), number(values.random.mean)
    return f"mean {quantity_name(one)} is {ours} ({theirs} in random choice)"


def _list(names: list[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1]


# --------------------------------------------------------------------------------------
# What is known of a strategy beforehand, in sentences: its guarantee and its weakness.


_BOUND = {
    "euclidean": ("twice", ""),
    "cosine": (
        "four times",
        "; that is twice in the length of the chord between unit vectors, for cosine distance "
        "is half of its square",
    ),
}


def traversal_guarantee(report: Report) -> str | None:
    """What farthest-first traversal is and what it guarantees; None for another strategy.

    Gonzalez' bound needs the triangle inequality. Cosine distance is half the square of the
    chord between unit vectors, which has it: twice the chord is four times the distance.
    """
    if report.selection.strategy != "diversity":
        return None
    times, why = _BOUND[report.selection.metric]
    best = "for that number of picks"
    if report.counts.datapool:
        best += " added to the datapool"
    return (
        "Farthest-first traversal (strategy diversity): each pick is the item farthest from all "
        f"picks before it. Its covering radius is at most {times} the best possible {best} "
        f"(Gonzalez, Clustering to minimize the maximum intercluster distance, 1985){why}. "
        "Every prefix of the order is such a selection too."
    )


def outlier_warning(report: Report) -> str | None:
    """What farthest-first traversal brings in besides; None for another strategy."""
    if report.selection.strategy != "diversity":
        return None
    return (
        "Farthest-first traversal seeks what is unlike the rest. That includes outliers, and "
        "among them items that are broken or do not belong."
    )
