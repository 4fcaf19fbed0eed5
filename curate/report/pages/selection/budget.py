"""How many are enough: the covering radius after each number of picks."""

from __future__ import annotations

from typing import Any

from curate.report.pages.figures.budget import budget_curve, marks_of, prefix_curves
from curate.report.pages.selection.selection import FEW
from curate.report.pages.page import SelectionPage
from curate.report.render.figures import FigureBox
from curate.report.render.numbers import count, interval, number, ratio
from curate.report.render.tables import natural_widths, number_table
from curate.report.words import scores
from curate.report.words.objectives import certificate_sentence
from curate.report.words.scores import judged_sets, nothing_to_compare
from curate.schema.measures import RandomBaseline
from curate.schema.report import Report

PREFIXES = 148.0  # height of the curves of coverage and diversity
ROWS = 8  # of the table
OWN = (0, 1, 2, 3, 5)  # its columns without those of random choice
SHARES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


def draw(page: SelectionPage) -> list[Any]:
    """Curve, table, footnote."""
    report, style = page.report, page.style
    curve = report.budget
    _, random, _ = judged_sets(report, "coverage")
    if report.counts.datapool and report.coverage.random_union is None:
        random = None  # draws without the datapool are no yardstick for a radius with it
    figure = budget_curve(style, curve, random, scores.distance_unit(report), marks_of(curve))
    below = [
        style.gap(6),
        *([style.paragraph(proved)] if (proved := certificate_sentence(report)) else []),
        *_prefix_figure(page),
        _prefix_table(page) if len(curve.curve.prefixes) > 1 else _table(page),
        page.caption(*_foot(page, random)),
    ]
    above = [style.paragraph(told) for told in _enough(report)]
    reserve = page.height(below) + 2
    most = 460 if curve.n[-1] > FEW else 300
    return [*above, FigureBox(style, figure, reserve=reserve, least=120, most=most), *below]


def _enough(report: Report) -> list[str]:
    """What fewer picks do, beside random choice: of the knee, and of all."""
    prefixes = {one.n: one for one in report.budget.curve.prefixes}
    if len(prefixes) < 2:
        return []
    last = max(prefixes)
    chosen = [n for n in (report.budget.knee, last) if n is not None]
    told = []
    for n in dict.fromkeys(chosen):
        q95 = prefixes[n].coverage_q95
        knee = ", the knee of the curve," if n == report.budget.knee else ""
        random = ""
        if not nothing_to_compare(report):
            random = f" (random choice: {interval(q95.interval)})"
        sampled = "" if report.budget.curve.exact else "sampled "
        told.append(
            f"With n = {count(n)}{knee} 95% of the {sampled}input lies within "
            f"{number(q95.selected)} of a pick{random}."
        )
    return [" ".join(told)]


def _prefix_figure(page: SelectionPage) -> list[Any]:
    report, style, budget = page.report, page.style, page.report.budget
    if len(budget.curve.prefixes) < 2:
        return []
    figure = prefix_curves(
        style,
        budget.curve.prefixes,
        scores.distance_unit(report),
        budget.knee,
        random=not nothing_to_compare(report),
    )
    return [FigureBox(style, figure, PREFIXES), style.gap(6)]


def _prefix_table(page: SelectionPage) -> Any:
    """Coverage and diversity of the first picks beside the first of each draw."""
    report, budget = page.report, page.report.budget
    radius = dict(zip(budget.n, budget.radius, strict=True))
    alone = nothing_to_compare(report)
    head = ["Picks", "Share", "Radius", "95% within", "random", "Mean diversity", "random"]
    rows = []
    for one in budget.curve.prefixes[-ROWS:]:
        mean = one.diversity_mean
        rows.append(
            [
                count(one.n) + (" (knee)" if one.n == budget.knee else ""),
                f"{100 * one.n / budget.n[-1]:.0f}%",
                number(radius.get(one.n)),
                number(one.coverage_q95.selected),
                "" if alone else interval(one.coverage_q95.interval),
                number(None if mean is None else mean.selected),
                "" if alone or mean is None else interval(mean.interval),
            ]
        )
    if alone:
        head, rows = [head[i] for i in OWN], [[row[i] for i in OWN] for row in rows]
    widths = natural_widths(head, rows, page.style.small)
    if sum(widths) > page.style.width and not alone:  # numbers of many digits: the curves have it
        head, rows = [head[i] for i in OWN], [[row[i] for i in OWN] for row in rows]
        widths = natural_widths(head, rows, page.style.small)
    spare = (page.style.width - sum(widths)) / (len(head) - 1)
    widths = [widths[0], *(wide + spare for wide in widths[1:])]
    return number_table(page.style, head, rows, widths, list(range(1, len(head))))


def _table(page: SelectionPage) -> Any:
    """The curve in numbers."""
    curve = page.report.budget
    last, final = curve.n[-1], curve.radius[-1]
    head = ["Picks", "Share of the picks", "Radius", "Times the final radius"]
    if final <= 0:  # nothing is a multiple of it
        head.pop()
    places = [_nearest(curve.n, share * last) for share in SHARES]
    rows = [
        [
            count(curve.n[place]),
            f"{100 * curve.n[place] / last:.0f}%",
            number(curve.radius[place]),
            number(ratio(curve.radius[place], final)),
        ][: len(head)]
        for place in dict.fromkeys(places)
    ]
    each = page.style.width / len(head)
    return number_table(page.style, head, rows, [each] * len(head), list(range(len(head))))


def _sampled(report: Report, random: RandomBaseline) -> str:
    """From how many the draws were measured, and what the selection has there."""
    ours, _, _ = judged_sets(report, "coverage")
    beside = f"; of the same sample the selection's is {number(ours.max)}" if ours else ""
    whole = scores.items_counted(report, report.counts.input)
    return f"sampled: from {count(random.n_queries)} of {whole}{beside}"


def _nearest(numbers: list[int], wanted: float) -> int:
    return min(range(len(numbers)), key=lambda place: abs(numbers[place] - wanted))


def _foot(page: SelectionPage, random: RandomBaseline | None) -> list[str]:
    report = page.report
    told = [
        f"Radii of the picks are exact, over all {scores.items_counted(report, report.counts.input)}."
    ]
    curve = report.budget.curve
    if len(curve.prefixes) > 1:
        whole = scores.items_counted(report, report.counts.input)
        from_ = (
            f"all {whole}" if curve.exact else f"a sample of {count(curve.n_queries)} of {whole}"
        )
        told.append(
            f"95% within and diversity: the first n picks, and the first n of each draw (middle "
            f"95%), from {from_}."
        )
    if report.budget.knee is not None:
        told.append(
            "Knee: where the radius lies farthest below the straight line between its ends."
        )
    if report.counts.datapool:
        told.append(
            f"The {count(report.counts.datapool)} items of the datapool count from the start."
        )
    if random is not None:
        told.append(
            "Orange: mean (diamond) and middle 95% of the radii of the random draws"
            + ("." if random.exact else f", {_sampled(report, random)}.")
        )
    if report.selection.strategy == "diversity":
        told.append("Every prefix of the order is itself a farthest-first selection.")
    return told
