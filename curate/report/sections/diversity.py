"""How different the items of each set are: the drawing, the distributions, the table."""

from __future__ import annotations

from typing import Any

from curate.report import phrases
from curate.report.distributions import distributions, present
from curate.report.scores import nothing_to_compare
from curate.report.sections.measure import explained, statistics_table
from curate.report.sheet import Sheet


def draw(sheet: Sheet) -> list[Any]:
    """Drawing and words, figure, table, footnote."""
    from curate.report.figures import FigureBox

    report, look = sheet.report, sheet.look
    sets = present(report.diversity, alone=nothing_to_compare(report))
    unit = f"distance to the nearest other item of the set ({phrases.unit(report)})"
    figure = distributions(look, sets, unit, "Share of items at most this far")
    below = [
        look.gap(6),
        statistics_table(sheet, report.diversity),
        sheet.foot(
            phrases.measured_from(report.diversity.input, report, report.counts.input),
            phrases.draws_note(report),
        ),
    ]
    reserve = sheet.height(below) + 2
    return [
        explained(
            sheet, "neighbour", sheet.template.explain_diversity, "picks to their nearest pick"
        ),
        look.gap(8),
        FigureBox(look, figure, reserve=reserve, least=150, most=290),
        *below,
    ]
