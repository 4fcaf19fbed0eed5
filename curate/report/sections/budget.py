"""How many are enough: the covering radius after each number of picks."""

from __future__ import annotations

from typing import Any

from curate.report import phrases
from curate.report.budgets import budget_curve, marks_of
from curate.report.figures import FigureBox
from curate.report.measures import RandomBaseline
from curate.report.model import Report
from curate.report.numbers import count, number, ratio
from curate.report.objective_words import certificate
from curate.report.scores import compared
from curate.report.sections.selection import FEW
from curate.report.sheet import Sheet
from curate.report.tables import number_table

SHARES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


def draw(sheet: Sheet) -> list[Any]:
    """Curve, table, footnote."""
    report, look = sheet.report, sheet.look
    curve = report.budget
    _, random, _ = compared(report, "coverage")
    if report.counts.datapool and report.coverage.random_union is None:
        random = None  # draws without the datapool are no yardstick for a radius with it
    figure = budget_curve(look, curve, random, phrases.unit(report), marks_of(curve))
    return [
        FigureBox(look, figure, reserve=230, least=220, most=460 if curve.n[-1] > FEW else 300),
        look.gap(8),
        *([look.paragraph(proved)] if (proved := certificate(report)) else []),
        _table(sheet),
        sheet.foot(*_foot(sheet, random)),
    ]


def _table(sheet: Sheet) -> Any:
    """The curve in numbers."""
    curve = sheet.report.budget
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
    each = sheet.look.width / len(head)
    return number_table(sheet.look, head, rows, [each] * len(head), list(range(len(head))))


def _sampled(report: Report, random: RandomBaseline) -> str:
    """From how many the draws were measured, and what the selection has there."""
    ours, _, _ = compared(report, "coverage")
    beside = f"; of the same sample the selection's is {number(ours.max)}" if ours else ""
    whole = phrases.things(report, report.counts.input)
    return f"sampled: from {count(random.n_queries)} of {whole}{beside}"


def _nearest(numbers: list[int], wanted: float) -> int:
    return min(range(len(numbers)), key=lambda place: abs(numbers[place] - wanted))


def _foot(sheet: Sheet, random: RandomBaseline | None) -> list[str]:
    report = sheet.report
    told = [
        f"Radii of the picks are exact, over all {phrases.things(report, report.counts.input)}."
    ]
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
