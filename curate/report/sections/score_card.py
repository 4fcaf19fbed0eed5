"""The score card of the summary: each statistic against random choice, with a verdict in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.platypus import Flowable, Paragraph

from curate.report import fonts, phrases
from curate.report.literal import escape
from curate.report.look import Look
from curate.report.numbers import interval, number
from curate.report.scores import Score, scores
from curate.report.sheet import Sheet
from curate.report.tables import PAD, natural_widths, number_table

SAME = 1e-9
STRIP = 28.0  # width of the picture of a row
APART = 0.5  # between columns, besides their padding
VERDICT_INK = {"better": "selected", "like": "quiet", "worse": "warning"}


def score_card(sheet: Sheet) -> list[Any]:
    """The statistics of the first page, and what they are measured from."""
    found = scores(sheet.report)
    if not found:
        return []
    return [score_table(sheet.look, found), _foot(sheet, max(one.draws for one in found))]


def score_table(look: Look, found: Sequence[Score]) -> Any:
    """Each score: selected, random with its interval, ratio, picture and verdict."""
    if all(one.random is None for one in found):
        rows: list[list[Any]] = [[_name(look, one), number(one.selected)] for one in found]
        return number_table(look, ["", "Selected"], rows, [180, 70], [1])
    head = ["", "Selected", "Random", "95% of draws", "Ratio", "", ""]
    rows = [
        [
            _name(look, one),
            number(one.selected),
            number(one.random),
            interval(one.interval) if one.interval else "",
            number(one.ratio),
            Strip(look, one, STRIP),
            _verdict(look, one),
        ]
        for one in found
    ]
    numbers = [["", *row[1:5]] for row in rows]
    columns = [wide + APART for wide in natural_widths(head[:5], numbers, look.small)[1:]]
    verdict = max(fonts.measure(one.verdict, look.small, fonts.BOLD) for one in found) + 2 * PAD
    columns += [STRIP + 2 * PAD, verdict + APART]
    widths = [look.width - sum(columns), *columns]
    return number_table(look, head, rows, widths, [1, 2, 4])


def bars(draws: int) -> str:
    """What the picture of a row shows; empty without draws."""
    if not draws:
        return ""
    return (
        f"Bar: middle 95% of the {draws} random draws; dot: the selection; each row has its own "
        "scale."
    )


def _foot(sheet: Sheet, draws: int) -> Any:
    report = sheet.report
    return sheet.foot(
        f"Distances: {phrases.unit(report)}.",
        bars(draws),
        phrases.measured_from(report.coverage.selected, report, report.counts.input),
        phrases.sampled_maxima(report),
    )


class Strip(Flowable):  # type: ignore[misc]
    """A score at a glance: the interval of the draws as a bar, the selection as a dot."""

    def __init__(self, look: Look, one: Score, width: float) -> None:
        super().__init__()
        self.look = look
        self.one = one
        self.width = width
        self.height = 9.0

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Size on the page."""
        return self.width, self.height

    def draw(self) -> None:
        """A line, the bar with the mean as a diamond, the dot."""
        one, canvas, look = self.one, self.canv, self.look
        if one.interval is None or one.random is None:
            return
        middle = self.height / 2
        ends = [one.selected, one.random, *one.interval]
        low, high = min(ends), max(ends)
        reach = high - low
        if reach <= SAME * abs(high):  # differences of rounding are none
            low, reach = low - 1, 2.0

        def at(value: float) -> float:
            return 4 + (self.width - 8) * (value - low) / reach

        canvas.setStrokeColor(look.ink("rule"))
        canvas.setLineWidth(0.6)
        canvas.line(0, middle, self.width, middle)
        canvas.setFillColor(look.ink("random"))
        left, right = at(one.interval[0]), at(one.interval[1])
        canvas.rect(left - 0.75, middle - 2.5, right - left + 1.5, 5, stroke=0, fill=1)
        canvas.setStrokeColor(look.ink("selected"))
        canvas.setFillColor(look.ink("selected"))
        canvas.circle(at(one.selected), middle, 2.8, stroke=0, fill=1)


def _name(look: Look, one: Score) -> Any:
    name = look.paragraph(one.name, "cell")
    return [name, look.paragraph(one.good, "cell_quiet")]


def _verdict(look: Look, one: Score) -> Any:
    if one.standing is None:
        return ""
    style = look.style("cell_bold")
    style.textColor = look.ink("quiet" if one.neutral else VERDICT_INK[one.standing])
    return Paragraph(escape(one.verdict), style)
