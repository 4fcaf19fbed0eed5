"""Sentences of the report of a selection.

Every function that ends in `_title` returns the title of a page as a sentence with numbers, or
None if the report has nothing to show there; then the page is left out. A title also says when
random choice is as good or better. Not here: how to read a figure and what a measure means.
Those texts have no numbers and are in the template.
"""

from __future__ import annotations

import math

from curate.report.render.numbers import count, number, percent
from curate.report.words.scores import (
    Score,
    coverage_is_sampled,
    item_noun,
    items_text,
    nothing_to_compare,
    picks_text,
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
        every = items_text(report, counts.input)
        return f"{count(counts.selected)} of {every} that all have the same embedding"
    if counts.selected == counts.input:
        diversity = report.diversity.selected
        mean = None if diversity is None else diversity.mean
        apart = f": on average {number(mean)} from the nearest other one" if mean else ""
        return f"All {items_text(report, counts.input)} are selected{apart}"
    lead = f"{count(counts.selected)} of {items_text(report, counts.input)}"
    return f"{lead}: {_diversity_clause(report)}{_radius_clause(report)}"


def how_to_read(report: Report, section: str, line: str) -> str:
    """The how-to-read `line` of the template; empty on the summary of a report without draws.

    There it explains the comparison with random choice.
    """
    has_draws = any(row.random is not None for row in scores(report))
    return line if section != "summary" or has_draws else ""


def comparison_sentences(report: Report) -> list[str]:
    """In which statistics the selection is better than, like, and worse than random choice."""
    rows = scores(report)
    sentences = []
    for standing, phrase in (
        ("better", "The selection is better than random choice in"),
        ("like", "The selection is about as good as random choice in"),
        ("worse", "Random choice is better in"),
    ):
        names = [f"{row.name[0].lower()}{row.name[1:]}" for row in rows if row.standing == standing]
        if names:
            sentences.append(f"{phrase} {_joined(names)}.")
    return sentences


def maps_title(report: Report) -> str | None:
    """How much of the variance the map shows; None without maps."""
    pca = report.maps.pca
    if report.maps.neighbour_map is None:
        return None
    dims = count(report.selection.dims)
    if pca is None or not pca.explained:
        selected = items_text(report, report.counts.selected)
        return f"The {selected} selected, on a map of {dims} dimensions"
    share = percent(min(sum(pca.explained), 1.0))
    return f"Map of the input: its axes hold {share} of the variance of all {dims} dimensions"


def diversity_title(report: Report) -> str | None:
    """The diversity of the selection, compared with random choice."""
    mean = score(report, "diversity", "mean")
    selected = report.diversity.selected
    if mean is None or selected is None:
        return None
    if selected.max == 0 and nothing_to_compare(report):
        return None  # equal items only
    if mean.standing is None:
        return f"A pick is on average {number(mean.selected)} from its nearest other pick"
    against = f"({number(mean.selected)} against {number(mean.random)} on average)"
    if mean.standing == "like":
        return f"The selection is about as diverse as random choice {against}"
    if mean.standing == "worse":
        return f"The selection is less diverse than random choice {against}"
    if mean.ratio is None:
        return f"The selection is more diverse than random choice {against}"
    return f"The selection is {number(mean.ratio)} times as diverse as random choice {against}"


def coverage_title(report: Report) -> str | None:
    """The coverage of the selection, compared with random choice, on average and at worst."""
    mean, worst = score(report, "coverage", "mean"), score(report, "coverage", "max")
    if mean is None or worst is None or worst.selected == 0:
        return None  # every item is selected or equals a selected one
    union, pool = report.coverage.union, report.coverage.datapool
    if union is not None and pool is not None:
        return (
            f"With the selection, the datapool covers {_input(report)} within {number(union.max)} "
            f"instead of {number(pool.max)}, on average {number(union.mean)} instead of "
            f"{number(pool.mean)}"
        )
    if mean.standing is None or worst.standing is None:
        return (
            f"An input item is on average {number(mean.selected)} from its nearest pick, "
            f"at most {number(report.coverage.radius)}"
        )
    if mean.standing == worst.standing:
        both = f"on average ({_pair(mean)}) and at worst ({_pair(worst)})"
        return f"{_SENTENCE[mean.standing].format(input=_input(report))}, {both}"
    clause = _FIRST_CLAUSE[mean.standing].format(input=_input(report))
    return f"On average {clause} ({_pair(mean)}); at worst {_second_clause(mean, worst)}"


def worst_title(report: Report) -> str | None:
    """The input item with the largest coverage distance."""
    shown = [item for item in report.coverage.worst if item.distance > 0]
    if not shown:
        return None
    mean = report.coverage.union or report.coverage.selected
    times = ""
    if mean is not None and mean.mean > 0:
        average = "average" if mean.exact else "sampled average"
        times = f", {number(shown[0].distance / mean.mean)} times the {average}"
    noun = item_noun(report, 1)
    distance = number(shown[0].distance)
    return f"The {noun} that is covered worst is {distance} from its nearest pick{times}"


def budget_title(report: Report) -> str | None:
    """The radius after half of the picks; None if the first pick already reduces it to 0."""
    curve = report.budget
    if len(curve.n) < 2 or curve.radius[0] <= 0:
        return None
    final = curve.radius[-1]
    place = half_budget_position(report)
    half, radius = curve.n[place], curve.radius[place]
    reduces = "reduces" if half == 1 else "reduce"
    if final <= 0:
        enough = curve.n[next(i for i, r in enumerate(curve.radius) if r <= 0)]
        if enough < curve.n[-1]:  # and not 1, see above
            return (
                f"{picks_text(enough)} are enough to reduce the radius to 0; the rest repeat them"
            )
        return (
            f"All {picks_text(enough)} are needed to reduce the radius to 0; {count(half)} of them "
            f"{reduces} it to {number(radius)}"
        )
    return (
        f"{count(half)} of the {count(curve.n[-1])} picks already {reduces} the radius to "
        f"{number(radius)}, {number(radius / final)} times the final {number(final)}"
    )


def half_budget_position(report: Report) -> int:
    """Position on the budget curve of the number of picks closest to half of all."""
    numbers = report.budget.n
    return min(range(len(numbers)), key=lambda place: abs(numbers[place] - numbers[-1] / 2))


def selection_title(report: Report) -> str | None:
    """How the distance of each new pick falls; None if the summary already says everything."""
    items = report.selection.items
    if not items or report.counts.input == 1:
        return None
    measured = [item for item in items if item.distance is not None]
    distances = [item.distance for item in measured if item.distance is not None]
    falling = distances == sorted(distances, reverse=True)  # true if only distance decides
    if len(measured) < 2 or not falling or report.selection.strategy in ("random", "given"):
        if report.counts.selected == 1:
            return f"One {item_noun(report, 1)} is selected"
        if report.counts.selected == report.counts.input:
            return f"All {items_text(report, report.counts.selected)} are selected, in this order"
        return f"The {items_text(report, report.counts.selected)} selected, in pick order"
    first, last = measured[0], measured[-1]
    assert first.distance is not None
    assert last.distance is not None
    if first.distance == 0 == last.distance:
        return "Every pick after the first repeats an earlier one: the distance between them is 0"
    if number(first.distance) == number(last.distance):
        return (
            f"A new pick's distance to the earlier ones stays at {number(first.distance)} "
            f"(picks {count(first.rank)} to {count(last.rank)})"
        )
    return (
        f"A new pick's distance to the earlier ones falls from {number(first.distance)} "
        f"(pick {count(first.rank)}) to {number(last.distance)} (pick {count(last.rank)})"
    )


def left_out_title(report: Report) -> str | None:
    """How many items were set aside and how many are exact duplicates."""
    set_aside, duplicates = report.set_aside.count, report.duplicates
    clauses = []
    if set_aside:
        verb = "was" if set_aside == 1 else "were"
        every = items_text(report, report.counts.read)
        clauses.append(f"{count(set_aside)} of {every} {verb} set aside")
    if duplicates.groups:
        groups = "1 group" if duplicates.groups == 1 else f"{count(duplicates.groups)} groups"
        items = items_text(report, duplicates.items)
        clauses.append(f"{items} in {groups} have exactly the same content")
    text = "; ".join(clauses)
    return text[:1].upper() + text[1:] if text else None


def made_title(report: Report) -> str:
    """How to get the same numbers again."""
    return f"Made with seed {report.provenance.seed}: the same data and job give the same numbers"


def _diversity_clause(report: Report) -> str:
    mean = score(report, "diversity", "mean")
    if mean is None:
        return ""
    ours, theirs = number(mean.selected), number(mean.random)
    if mean.standing is None:
        return f"on average {ours} from the nearest other pick, "
    if mean.standing == "like":
        return f"about as diverse as random choice ({ours} against {theirs}), "
    if mean.standing == "worse":
        return f"less diverse than random choice ({ours} against {theirs}), "
    times = f"{number(mean.ratio)} times as" if mean.ratio else "more"
    than = "as" if mean.ratio else "than"
    return f"{times} diverse {than} random choice, "


def _radius_clause(report: Report) -> str:
    member = "a pick or the datapool" if report.counts.datapool else "a pick"
    noun = item_noun(report, 1)
    clause = f"every input {noun} within {number(report.coverage.radius)} of {member}"
    largest = score(report, "coverage", "max")
    # The draws are measured from the same queries as the selection. Their maximum may stand
    # beside the exact radius only if the queries are the whole input.
    covered = report.coverage.selected
    if largest is None or largest.random is None or covered is None or not covered.exact:
        return clause
    if not math.isclose(largest.selected, report.coverage.radius, rel_tol=1e-6):
        return clause
    return f"{clause} (random: {number(largest.random)})"


def _second_clause(mean: Score, worst: Score) -> str:
    """The clause on the maximum; short, because the clause on the mean says what is compared."""
    assert worst.standing is not None
    verb = "covers it better" if mean.standing == "like" else "does"
    return f"{_SECOND_CLAUSE[worst.standing].format(verb=verb)} ({_pair(worst)})"


_SENTENCE = {
    "better": "The selection covers {input} better than random choice",
    "like": "The selection covers {input} about as well as random choice",
    "worse": "Random choice covers {input} better than the selection",
}
_FIRST_CLAUSE = {
    "better": "the selection covers {input} better",
    "like": "the selection covers {input} about as well as random choice",
    "worse": "random choice covers {input} better",
}
_SECOND_CLAUSE = {
    "better": "the selection {verb}",
    "like": "both are about equal",
    "worse": "random choice {verb}",
}


def _input(report: Report) -> str:
    return "the sampled input" if coverage_is_sampled(report) else "the input"


def _pair(row: Score) -> str:
    """Both values, first that of the subject of the sentence."""
    selected, random = number(row.selected), number(row.random)
    if row.standing == "worse":
        return f"{random} against {selected}"
    return f"{selected} against {random}"


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
