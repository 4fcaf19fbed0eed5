"""How near each input item is to each set: the drawing, the distributions, the table."""

from __future__ import annotations

from typing import Any

from curate.report import phrases
from curate.report.sections.measure import explained, measure_page
from curate.report.sheet import Sheet


def draw(sheet: Sheet) -> list[Any]:
    """Drawing and words, figure, table, footnote."""
    report, told = sheet.report, sheet.template.explain_coverage
    foot = sheet.foot(
        phrases.measured_from(report.coverage.selected, report, report.counts.input),
        phrases.sampled_maxima(report),
        _spike(sheet),
        phrases.draws_note(report),
    )
    return measure_page(
        sheet,
        report.coverage,
        explained(sheet, "nearest", told, "inputs to their nearest pick"),
        (f"distance to the nearest member of the set ({phrases.unit(report)})", "the input"),
        foot,
    )


def _spike(sheet: Sheet) -> str:
    """What lies at distance 0."""
    report = sheet.report
    counts = report.counts
    picks = f"{phrases.picks(counts.selected)} themselves"
    equal = ", and any that equal them" if counts.distinct < counts.input else ""
    whole = phrases.things(report, counts.input)
    return f"The spike at distance 0 is the {picks}, of {whole}{equal}."
