"""The first page: the result in words, the score card, the counts, the first picks, the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from reportlab.platypus import Flowable, Image, Paragraph, Table

from curate.report.pages.selection.selection import card_of
from curate.report.pages.sheet import Sheet, shown
from curate.report.render import cards, fonts
from curate.report.render.document import PageOf
from curate.report.render.numbers import count, interval, number
from curate.report.render.printable_text import escape, fit
from curate.report.render.style import Look
from curate.report.render.tables import PAD, facts_table, natural_widths, number_table
from curate.report.words import objectives, selection
from curate.report.words import scores as phrases
from curate.report.words.scores import Score, scores

# --------------------------------------------------------------------------------------
# The score card of the summary: each statistic against random choice, with a verdict in words.


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


# --------------------------------------------------------------------------------------


FIRST = {"images": (8, 50.0), "text": (4, None)}
NAME_WIDTH = 160.0
OBJECTIVES = 3
MET = {True: "Met. ", False: "Not met. ", None: ""}


def draw(sheet: Sheet) -> list[Any]:
    """Everything below the headline."""
    look, notes = sheet.look, sheet.report.selection.notes
    story = [*_logo(sheet), *(look.paragraph(note, "note") for note in notes)]
    if compared := selection.comparison(sheet.report):
        story.append(look.paragraph(" ".join(compared)))
    story += [look.gap(4), *score_card(sheet), *_objectives(sheet)]
    story += [look.gap(6), _counts(sheet), look.gap(2)]
    picks, contents = _first_picks(sheet), [look.gap(4), *_contents(sheet)]
    room = sheet.room(selection.summary(sheet.report), sheet.template.how("summary"))
    # One page: rows of picks go first, for the section `selection` shows them too.
    while picks and sheet.height([*story, *picks, *contents]) > room:
        picks = picks[:-1] if len(picks) > 2 else []
    return [*story, *picks, *contents]


def _logo(sheet: Sheet) -> list[Any]:
    path = sheet.template.logo
    if not path or not Path(path).is_file():
        return []
    logo = Image(path)
    scale = min(1.0, 36 / logo.imageHeight, 160 / logo.imageWidth)
    logo.drawWidth, logo.drawHeight = logo.imageWidth * scale, logo.imageHeight * scale
    logo.hAlign = "RIGHT"
    return [logo, sheet.look.gap(4)]


def _objectives(sheet: Sheet) -> list[Any]:
    """A line for each strategy that has a page of its own."""
    shown = objectives.told(sheet.report)[:OBJECTIVES]
    rows = [(one.written, MET[one.met] + objectives.outcome(one)) for one in shown]
    return [sheet.look.gap(6), facts_table(sheet.look, rows)] if rows else []


def _counts(sheet: Sheet) -> Any:
    """From what was read to what was selected."""
    look, counts = sheet.look, sheet.report.counts
    steps = [("found", counts.read)]
    if counts.set_aside:
        steps.append(("set aside", counts.set_aside))
    steps.append(("input", counts.input))
    if counts.distinct != counts.input:
        steps.append(("different", counts.distinct))
    if counts.datapool:
        steps.append(("in the datapool", counts.datapool))
    if counts.in_datapool:
        steps.append(("in both", counts.in_datapool))
    steps.append(("selected", counts.selected))
    cells = [[count(many) for _, many in steps], [name for name, _ in steps]]
    last = len(steps) - 1
    return Table(
        cells,
        colWidths=[look.width / len(steps)] * len(steps),
        style=[
            ("FONT", (0, 0), (-1, 0), fonts.BOLD, look.title),
            ("FONT", (0, 1), (-1, 1), fonts.REGULAR, look.small),
            ("TEXTCOLOR", (0, 0), (-1, -1), look.ink("text")),
            ("TEXTCOLOR", (0, 1), (-1, 1), look.ink("quiet")),
            ("TEXTCOLOR", (last, 0), (last, 0), look.ink("selected")),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, 0), 6),
            ("TOPPADDING", (0, 1), (-1, 1), 0),
            ("BOTTOMPADDING", (0, 1), (-1, 1), 0),
        ],
    )


def _first_picks(sheet: Sheet) -> list[Any]:
    """A heading and at most two rows of pictures or texts, or the names of a few more."""
    look, kind = sheet.look, sheet.kind
    items = sheet.report.selection.items[: sheet.template.first_picks]
    if kind not in FIRST:
        named = sheet.report.selection.items[: 3 * sheet.template.first_picks]
        told = ", ".join(fit(shown(item), NAME_WIDTH, look.small) for item in named)
        return [look.paragraph("First picks", "heading"), look.paragraph(told, "small")]
    columns, picture = FIRST[kind]
    made = [card_of(sheet, item) for item in items]
    if kind == "images":  # too narrow for paths; they stand with the selection
        made = [
            replace(card, foot=item.label or "") for card, item in zip(made, items, strict=True)
        ]
    return [look.paragraph("First picks", "heading"), *cards.rows(look, made, columns, picture)[:2]]


def _contents(sheet: Sheet) -> list[Any]:
    """The finding of every other page, linked."""
    from curate.report.pages.selection import SECTIONS

    look = sheet.look
    lines = []
    for name, finding in sheet.findings.items():
        if name == "summary":
            continue
        text = f'<link href="#{name}">{escape(finding)}</link>'
        lines.append(
            [
                look.paragraph(SECTIONS[name].bookmark, "cell_bold"),
                Paragraph(text, look.style("cell")),
                PageOf(name, look, 16),
            ]
        )
    if not lines:
        return []
    return [
        look.paragraph("What the pages show", "heading"),
        Table(
            lines,
            colWidths=[116, look.width - 116 - 22, 22],
            style=[
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 2),
                ("TOPPADDING", (0, 0), (-1, -1), 0.4),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0.4),
            ],
        ),
    ]
