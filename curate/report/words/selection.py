"""The findings of a report as sentences with numbers.

Every function takes a Report and returns plain text; None where there is nothing to
say, and then there is no page. A finding says what is so, also where random choice is
as good or better. Not here: how to read a figure and what a measure means; those texts
have no numbers and stand in the template.
"""

from __future__ import annotations

import math

from curate.report.render.numbers import count, number, percent
from curate.report.words.scores import (
    Score,
    coverage_is_sampled,
    item_noun,
    items_counted,
    nothing_to_compare,
    picks_counted,
    score,
    scores,
)
from curate.schema.report import Report


def summary_title(report: Report) -> str:
    """The result in one sentence."""
    counts = report.counts
    if counts.selected == counts.input == 1:
        return f"The only {item_noun(report, 1)} is selected"
    if counts.distinct == 1 and counts.input > 1 and not counts.datapool:
        every = items_counted(report, counts.input)
        return f"{count(counts.selected)} of {every} that all have the same embedding"
    if counts.selected == counts.input:
        diversity = report.diversity.selected
        mean = None if diversity is None else diversity.mean
        apart = f": on average {number(mean)} from the most similar other one" if mean else ""
        return f"All {items_counted(report, counts.input)} are selected{apart}"
    lead = f"{count(counts.selected)} of {items_counted(report, counts.input)}"
    return f"{lead}: {_diversity_clause(report)}{_radius_clause(report)}"


def how_to_read(report: Report, section: str, told: str) -> str:
    """The template's how-to-read line, empty where it speaks of draws that there are not."""
    compared = any(one.random is not None for one in scores(report))
    return told if section != "summary" or compared else ""


def comparison_sentences(report: Report) -> list[str]:
    """Where the selection beats random choice, is like it, and where it loses."""
    rows = scores(report)
    told = []
    for standing, phrase in (
        ("better", "The selection is better than random choice in"),
        ("like", "It is like random choice in"),
        ("worse", "Random choice is better in"),
    ):
        named = [_named(one) for one in rows if one.standing == standing]
        if named:
            told.append(f"{phrase} {_list(named)}.")
    if told:
        told[0] = told[0].replace("It is", "The selection is")
    return told


def maps_title(report: Report) -> str | None:
    """What the maps can be trusted with."""
    pca = report.maps.pca
    if report.maps.bent is None:
        return None
    dims = count(report.selection.dims)
    if pca is None or not pca.explained:
        chosen = items_counted(report, report.counts.selected)
        return f"Where the {chosen} selected lie on a map of {dims} dimensions"
    share = percent(min(sum(pca.explained), 1.0))
    return f"A flat map of the input: two axes hold {share} of the variance of {dims} dimensions"


def diversity_title(report: Report) -> str | None:
    """The selection's diversity against random choice."""
    mean = score(report, "diversity", "mean")
    selected = report.diversity.selected
    if mean is None or selected is None:
        return None
    if selected.max == 0 and nothing_to_compare(report):
        return None  # equal items only
    if mean.standing is None:
        return f"Each pick lies on average {number(mean.selected)} from its most similar other pick"
    against = f"({number(mean.selected)} against {number(mean.random)} on average)"
    if mean.standing == "like":
        return f"The selection is as diverse as random choice {against}"
    if mean.standing == "worse":
        return f"The selection is less diverse than random choice {against}"
    if mean.ratio is None:
        return f"The selection is more diverse than random choice {against}"
    return f"The selection is {number(mean.ratio)} times as diverse as random choice {against}"


def coverage_title(report: Report) -> str | None:
    """The selection's coverage against random choice, on average and at worst."""
    mean, worst = score(report, "coverage", "mean"), score(report, "coverage", "max")
    if mean is None or worst is None or worst.selected == 0:
        return None  # everything is selected or repeats what is
    union, pool = report.coverage.union, report.coverage.datapool
    if union is not None and pool is not None:
        return (
            f"With the selection, the datapool covers {_input(report)} within {number(union.max)} "
            f"instead of {number(pool.max)}, on average {number(union.mean)} instead of "
            f"{number(pool.mean)}"
        )
    if mean.standing is None or worst.standing is None:
        return (
            f"Each input item lies on average {number(mean.selected)} from its nearest pick, "
            f"at most {number(report.coverage.radius)}"
        )
    if mean.standing == worst.standing:
        both = f"on average ({_pair(mean)}) and at worst ({_pair(worst)})"
        return f"{_SUBJECT[mean.standing].format(input=_input(report))}, {both}"
    clause = _CLAUSE[mean.standing].format(input=_input(report))
    return f"On average {clause} ({_pair(mean)}); at worst {_again(mean, worst)}"


def worst_title(report: Report) -> str | None:
    """The input item that is covered worst."""
    shown = [one for one in report.coverage.worst if one.distance > 0]
    if not shown:
        return None
    mean = report.coverage.union or report.coverage.selected
    times = ""
    if mean is not None and mean.mean > 0:
        average = "average" if mean.exact else "sampled average"
        times = f", {number(shown[0].distance / mean.mean)} times the {average}"
    one = item_noun(report, 1)
    return f"The {one} covered worst lies {number(shown[0].distance)} from its nearest pick{times}"


def budget_title(report: Report) -> str | None:
    """How far half of the picks already bring the radius; None where the first one does it all."""
    curve = report.budget
    if len(curve.n) < 2 or curve.radius[0] <= 0:
        return None
    final = curve.radius[-1]
    place = half_budget_position(report)
    half, radius = curve.n[place], curve.radius[place]
    brings = "brings" if half == 1 else "bring"
    if final <= 0:
        enough = curve.n[next(i for i, r in enumerate(curve.radius) if r <= 0)]
        if enough < curve.n[-1]:  # and not 1, see above
            return (
                f"{picks_counted(enough)} are enough to bring the radius to 0; the rest repeat them"
            )
        return (
            f"Only all {picks_counted(enough)} bring the radius to 0; {count(half)} of them "
            f"{brings} it to {number(radius)}"
        )
    return (
        f"{count(half)} of the {count(curve.n[-1])} picks already {brings} the radius to "
        f"{number(radius)}, {number(radius / final)} times the final {number(final)}"
    )


def half_budget_position(report: Report) -> int:
    """Position in the budget curve of the number of picks nearest to half."""
    numbers = report.budget.n
    return min(range(len(numbers)), key=lambda place: abs(numbers[place] - numbers[-1] / 2))


def selection_title(report: Report) -> str | None:
    """From how far the first and the last picks came; None where the summary says it all."""
    items = report.selection.items
    if not items or report.counts.input == 1:
        return None
    measured = [one for one in items if one.distance is not None]
    fall = [one.distance for one in measured if one.distance is not None]
    falling = fall == sorted(fall, reverse=True)  # as it does where distance alone decides
    if len(measured) < 2 or not falling or report.selection.strategy in ("random", "given"):
        if report.counts.selected == 1:
            return f"One {item_noun(report, 1)} is selected"
        if report.counts.selected == report.counts.input:
            return (
                f"All {items_counted(report, report.counts.selected)} are selected, in this order"
            )
        return f"The {items_counted(report, report.counts.selected)} selected, in pick order"
    first, last = measured[0], measured[-1]
    assert first.distance is not None
    assert last.distance is not None
    if first.distance == 0 == last.distance:
        return "Every pick after the first repeats one before it: its distance to it is 0"
    if number(first.distance) == number(last.distance):
        return (
            f"A new pick's distance to those before it stays at {number(first.distance)} "
            f"(picks {count(first.rank)} to {count(last.rank)})"
        )
    return (
        f"A new pick's distance to those before it falls from {number(first.distance)} "
        f"(pick {count(first.rank)}) to {number(last.distance)} (pick {count(last.rank)})"
    )


def left_out_title(report: Report) -> str | None:
    """How many items were set aside and how many repeat others."""
    aside, twice = report.set_aside.count, report.duplicates
    told = []
    if aside:
        verb = "was" if aside == 1 else "were"
        told.append(
            f"{count(aside)} of {items_counted(report, report.counts.read)} {verb} set aside"
        )
    if twice.groups:
        groups = "1 group" if twice.groups == 1 else f"{count(twice.groups)} groups"
        told.append(
            f"{items_counted(report, twice.items)} in {groups} have exactly the same content"
        )
    return _start("; ".join(told)) if told else None


def made_title(report: Report) -> str:
    """How to get the same numbers again."""
    return f"Made with seed {report.provenance.seed}: the same data and job give the same numbers"


def _diversity_clause(report: Report) -> str:
    mean = score(report, "diversity", "mean")
    if mean is None:
        return ""
    ours, theirs = number(mean.selected), number(mean.random)
    if mean.standing is None:
        return f"on average {ours} from the most similar other pick, "
    if mean.standing == "like":
        return f"as diverse as random choice ({ours} against {theirs}), "
    if mean.standing == "worse":
        return f"less diverse than random choice ({ours} against {theirs}), "
    times = f"{number(mean.ratio)} times as" if mean.ratio else "more"
    than = "as" if mean.ratio else "than"
    return f"{times} diverse {than} random choice, "


def _radius_clause(report: Report) -> str:
    chosen = "a pick or the datapool" if report.counts.datapool else "a pick"
    reach = (
        f"every input {item_noun(report, 1)} within {number(report.coverage.radius)} of {chosen}"
    )
    farthest = score(report, "coverage", "max")
    # The draws are measured from the same queries as the selection: beside the radius of
    # everything they may stand only if the queries are everything.
    covered = report.coverage.selected
    if farthest is None or farthest.random is None or covered is None or not covered.exact:
        return reach
    if not math.isclose(farthest.selected, report.coverage.radius, rel_tol=1e-6):
        return reach
    return f"{reach} (random: {number(farthest.random)})"


def _again(mean: Score, one: Score) -> str:
    """A second clause, short because the first has said what is compared."""
    assert one.standing is not None
    verb = "covers it better" if mean.standing == "like" else "does"
    return f"{_AGAIN[one.standing].format(verb=verb)} ({_pair(one)})"


_SUBJECT = {
    "better": "The selection covers {input} better than random choice",
    "like": "The selection covers {input} like random choice",
    "worse": "Random choice covers {input} better than the selection",
}
_CLAUSE = {
    "better": "the selection covers {input} better",
    "like": "the selection covers {input} like random choice",
    "worse": "random choice covers {input} better",
}
_AGAIN = {
    "better": "the selection {verb}",
    "like": "both cover it alike",
    "worse": "random choice {verb}",
}


def _input(report: Report) -> str:
    return "the sampled input" if coverage_is_sampled(report) else "the input"


def _pair(one: Score) -> str:
    """Both values, that of the sentence's subject first."""
    ours, theirs = number(one.selected), number(one.random)
    return f"{theirs} against {ours}" if one.standing == "worse" else f"{ours} against {theirs}"


def _named(one: Score) -> str:
    return f"{one.name[0].lower()}{one.name[1:]}"


def _list(named: list[str]) -> str:
    return named[0] if len(named) == 1 else ", ".join(named[:-1]) + " and " + named[-1]


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]
