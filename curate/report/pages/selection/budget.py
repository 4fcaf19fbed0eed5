"""How many are enough: the covering radius after each number of picks."""

from __future__ import annotations

from typing import Any

from curate.report.pages.figures.budget import budget_curve, marks_of, prefix_curves
from curate.report.pages.page import SelectionPage
from curate.report.pages.selection.picks import FEW_PICKS
from curate.report.render.figures import FigureBox
from curate.report.render.numbers import count, interval, number, ratio
from curate.report.render.tables import natural_widths, number_table
from curate.report.words import scores
from curate.report.words.objectives import certificate_sentence
from curate.report.words.scores import judged_sets, nothing_to_compare
from curate.schema.measures import RandomBaseline
from curate.schema.report import Report

PREFIX_HEIGHT = 148.0  # of the curves of coverage and diversity
PREFIX_ROWS = 8  # of the table
PREFIX_HEAD = ["Picks", "Share", "Radius", "95% within", "random", "Mean diversity", "random"]
OWN_COLUMNS = (0, 1, 2, 3, 5)  # those without random choice
SHARES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


def draw(page: SelectionPage) -> list[Any]:
    """Curve, table, caption."""
    report, style = page.report, page.style
    budget = report.budget
    _, random, _ = judged_sets(report, "coverage")
    if report.counts.datapool and report.coverage.random_union is None:
        random = None  # draws without the datapool cannot judge a radius with it
    figure = budget_curve(style, budget, random, scores.distance_unit(report), marks_of(budget))
    proved = certificate_sentence(report)
    below = [
        style.gap(6),
        *([style.paragraph(proved)] if proved else []),
        *_prefix_figure(page),
        _prefix_table(page) if len(budget.curve.prefixes) > 1 else _radius_table(page),
        page.caption(*_notes(report, random)),
    ]
    reserve = page.height(below) + 2
    most = 460 if budget.n[-1] > FEW_PICKS else 300
    curve = FigureBox(style, figure, reserve=reserve, least=120, most=most)
    return [*_fewer_picks(page), curve, *below]


def _fewer_picks(page: SelectionPage) -> list[Any]:
    """What the picks up to the knee reach, and what all reach, beside random choice."""
    report = page.report
    prefixes = {prefix.n: prefix for prefix in report.budget.curve.prefixes}
    if len(prefixes) < 2:
        return []
    sizes = [n for n in (report.budget.knee, max(prefixes)) if n is not None]
    sentences = []
    for n in dict.fromkeys(sizes):
        q95 = prefixes[n].coverage_q95
        knee = ", the knee of the curve," if n == report.budget.knee else ""
        random = ""
        if not nothing_to_compare(report):
            random = f" (random choice: {interval(q95.interval)})"
        sampled = "" if report.budget.curve.exact else "sampled "
        sentences.append(
            f"With n = {count(n)}{knee} 95% of the {sampled}input lies within "
            f"{number(q95.selected)} of a pick{random}."
        )
    return [page.style.paragraph(" ".join(sentences))]


def _prefix_figure(page: SelectionPage) -> list[Any]:
    report, budget = page.report, page.report.budget
    if len(budget.curve.prefixes) < 2:
        return []
    figure = prefix_curves(
        page.style,
        budget.curve.prefixes,
        scores.distance_unit(report),
        budget.knee,
        random=not nothing_to_compare(report),
    )
    return [page.figure(figure, PREFIX_HEIGHT), page.style.gap(6)]


def _prefix_table(page: SelectionPage) -> Any:
    """Coverage and diversity of the first picks beside the first of each draw."""
    report, budget, style = page.report, page.report.budget, page.style
    radius = dict(zip(budget.n, budget.radius, strict=True))
    alone = nothing_to_compare(report)
    head, rows = PREFIX_HEAD, []
    for prefix in budget.curve.prefixes[-PREFIX_ROWS:]:
        diversity = prefix.diversity_mean
        rows.append(
            [
                count(prefix.n) + (" (knee)" if prefix.n == budget.knee else ""),
                f"{100 * prefix.n / budget.n[-1]:.0f}%",
                number(radius.get(prefix.n)),
                number(prefix.coverage_q95.selected),
                "" if alone else interval(prefix.coverage_q95.interval),
                number(None if diversity is None else diversity.selected),
                "" if alone or diversity is None else interval(diversity.interval),
            ]
        )
    # Numbers of many digits leave no room for random choice: the curves show it.
    if alone or sum(natural_widths(head, rows, style.small)) > style.width:
        head = [head[column] for column in OWN_COLUMNS]
        rows = [[row[column] for column in OWN_COLUMNS] for row in rows]
    widths = natural_widths(head, rows, style.small)
    spare = (style.width - sum(widths)) / (len(head) - 1)
    widths = [widths[0], *(wide + spare for wide in widths[1:])]
    return number_table(style, head, rows, widths, list(range(1, len(head))))


def _radius_table(page: SelectionPage) -> Any:
    """The curve in numbers."""
    budget, style = page.report.budget, page.style
    last, final = budget.n[-1], budget.radius[-1]
    head = ["Picks", "Share of the picks", "Radius", "Times the final radius"]
    if final <= 0:  # no radius is a multiple of it
        head.pop()
    places = [_nearest_position(budget.n, share * last) for share in SHARES]
    rows = [
        [
            count(budget.n[place]),
            f"{100 * budget.n[place] / last:.0f}%",
            number(budget.radius[place]),
            number(ratio(budget.radius[place], final)),
        ][: len(head)]
        for place in dict.fromkeys(places)
    ]
    wide = style.width / len(head)
    return number_table(style, head, rows, [wide] * len(head), list(range(len(head))))


def _nearest_position(numbers: list[int], wanted: float) -> int:
    return min(range(len(numbers)), key=lambda place: abs(numbers[place] - wanted))


def _notes(report: Report, random: RandomBaseline | None) -> list[str]:
    """What the caption says: what was exact, and what the marks are."""
    whole = scores.items_text(report, report.counts.input)
    notes = [f"Radii of the picks are exact, over all {whole}."]
    curve = report.budget.curve
    if len(curve.prefixes) > 1:
        source = (
            f"all {whole}" if curve.exact else f"a sample of {count(curve.n_queries)} of {whole}"
        )
        notes.append(
            f"95% within and diversity: the first n picks, and the first n of each draw (middle "
            f"95%), from {source}."
        )
    if report.budget.knee is not None:
        notes.append(
            "Knee: where the radius lies farthest below the straight line between its ends."
        )
    if report.counts.datapool:
        notes.append(
            f"The {count(report.counts.datapool)} items of the datapool count from the start."
        )
    if random is not None:
        notes.append(
            "Orange: mean (diamond) and middle 95% of the radii of the random draws"
            + ("." if random.exact else f", {_sampled_draws(report, random)}.")
        )
    if report.selection.strategy == "diversity":
        notes.append("Every prefix of the order is itself a farthest-first selection.")
    return notes


def _sampled_draws(report: Report, random: RandomBaseline) -> str:
    """How many queries the draws were measured from, and the selection's radius over these."""
    selected, _, _ = judged_sets(report, "coverage")
    same = f"; of the same sample the selection's is {number(selected.max)}" if selected else ""
    whole = scores.items_text(report, report.counts.input)
    return f"sampled: from {count(random.n_queries)} of {whole}{same}"
