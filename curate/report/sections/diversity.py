"""How different the items of each set are: the drawing, the distributions, the table."""

from __future__ import annotations

from typing import Any

from curate.report import phrases
from curate.report.sections.measure import explained, measure_page
from curate.report.sheet import Sheet


def draw(sheet: Sheet) -> list[Any]:
    """Drawing and words, figure, table, footnote."""
    report, told = sheet.report, sheet.template.explain_diversity
    foot = sheet.foot(
        phrases.measured_from(report.diversity.input, report, report.counts.input),
        phrases.draws_note(report),
    )
    return measure_page(
        sheet,
        report.diversity,
        explained(sheet, "neighbour", told, "picks to their nearest pick"),
        (f"distance to the nearest other item of the set ({phrases.unit(report)})", "items"),
        foot,
    )
