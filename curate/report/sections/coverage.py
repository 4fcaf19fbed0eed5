"""How near each input item is to each set: the drawing, the distributions, the table."""

from __future__ import annotations

from typing import Any

from curate.report import phrases
from curate.report.distributions import distributions, present
from curate.report.figures import FigureBox
from curate.report.scores import nothing_to_compare
from curate.report.sections.measure import explained, statistics_table
from curate.report.sheet import Sheet


def draw(sheet: Sheet) -> list[Any]:
    """Drawing and words, figure, table, footnote."""
    report, look = sheet.report, sheet.look
    sets = present(report.coverage, alone=nothing_to_compare(report))
    unit = f"distance to the nearest member of the set ({phrases.unit(report)})"
    figure = distributions(look, sets, unit, "Share of the input at most this far")
    below = [
        look.gap(6),
        statistics_table(sheet, report.coverage),
        sheet.foot(
            phrases.measured_from(report.coverage.selected, report, report.counts.input),
            phrases.sampled_maxima(report),
            _spike(sheet),
            phrases.draws_note(report),
        ),
    ]
    reserve = sheet.height(below) + 2
    return [
        explained(
            sheet, "nearest", sheet.template.explain_coverage, "inputs to their nearest pick"
        ),
        look.gap(8),
        FigureBox(look, figure, reserve=reserve, least=150, most=290),
        *below,
    ]


def _spike(sheet: Sheet) -> str:
    """What lies at distance 0."""
    report = sheet.report
    counts = report.counts
    picks = f"{phrases.picks(counts.selected)} themselves"
    equal = ", and any that equal them" if counts.distinct < counts.input else ""
    whole = phrases.things(report, counts.input)
    return f"The spike at distance 0 is the {picks}, of {whole}{equal}."
