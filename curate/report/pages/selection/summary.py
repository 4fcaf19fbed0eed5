"""The first page: the result in words, the score card, the counts, the first picks, the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from reportlab.platypus import Flowable, Image, Paragraph, Table

from curate.report.pages.selection.selection import card_of
from curate.report.pages.page import SelectionPage, item_words
from curate.report.render import cards, fonts
from curate.report.render.document import SectionPageNumber
from curate.report.render.numbers import count, interval, number
from curate.report.render.printable_text import printable_markup, shortened
from curate.report.render.style import PageStyle
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


def score_card(page: SelectionPage) -> list[Any]:
    """The statistics of the first page, and what they are measured from."""
    found = scores(page.report)
    if not found:
        return []
    return [score_table(page.style, found), _foot(page, max(one.draws for one in found))]


def score_table(style: PageStyle, found: Sequence[Score]) -> Any:
    """Each score: selected, random with its interval, ratio, picture and verdict."""
    if all(one.random is None for one in found):
        rows: list[list[Any]] = [[_name(style, one), number(one.selected)] for one in found]
        return number_table(style, ["", "Selected"], rows, [180, 70], [1])
    head = ["", "Selected", "Random", "95% of draws", "Ratio", "", ""]
    rows = [
        [
            _name(style, one),
            number(one.selected),
            number(one.random),
            interval(one.interval) if one.interval else "",
            number(one.ratio),
            Strip(style, one, STRIP),
            _verdict(style, one),
        ]
        for one in found
    ]
    numbers = [["", *row[1:5]] for row in rows]
    columns = [wide + APART for wide in natural_widths(head[:5], numbers, style.small)[1:]]
    verdict = max(fonts.measure(one.verdict, style.small, fonts.BOLD) for one in found) + 2 * PAD
    columns += [STRIP + 2 * PAD, verdict + APART]
    widths = [style.width - sum(columns), *columns]
    return number_table(style, head, rows, widths, [1, 2, 4])


def bars(draws: int) -> str:
    """What the picture of a row shows; empty without draws."""
    if not draws:
        return ""
    return (
        f"Bar: middle 95% of the {draws} random draws; dot: the selection; each row has its own "
        "scale."
    )


def _foot(page: SelectionPage, draws: int) -> Any:
    report = page.report
    return page.caption(
        f"Distances: {phrases.distance_unit(report)}.",
        bars(draws),
        phrases.sampling_note(report.coverage.selected, report, report.counts.input),
        phrases.sampled_maxima_note(report),
    )


class Strip(Flowable):  # type: ignore[misc]
    """A score at a glance: the interval of the draws as a bar, the selection as a dot."""

    def __init__(self, style: PageStyle, one: Score, width: float) -> None:
        super().__init__()
        self.style = style
        self.one = one
        self.width = width
        self.height = 9.0

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Size on the page."""
        return self.width, self.height

    def draw(self) -> None:
        """A line, the bar with the mean as a diamond, the dot."""
        one, canvas, style = self.one, self.canv, self.style
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

        canvas.setStrokeColor(style.ink("rule"))
        canvas.setLineWidth(0.6)
        canvas.line(0, middle, self.width, middle)
        canvas.setFillColor(style.ink("random"))
        left, right = at(one.interval[0]), at(one.interval[1])
        canvas.rect(left - 0.75, middle - 2.5, right - left + 1.5, 5, stroke=0, fill=1)
        canvas.setStrokeColor(style.ink("selected"))
        canvas.setFillColor(style.ink("selected"))
        canvas.circle(at(one.selected), middle, 2.8, stroke=0, fill=1)


def _name(style: PageStyle, one: Score) -> Any:
    name = style.paragraph(one.name, "cell")
    return [name, style.paragraph(one.good, "cell_quiet")]


def _verdict(style: PageStyle, one: Score) -> Any:
    if one.standing is None:
        return ""
    verdict_style = style.paragraph_style("cell_bold")
    verdict_style.textColor = style.ink("quiet" if one.neutral else VERDICT_INK[one.standing])
    return Paragraph(printable_markup(one.verdict), verdict_style)


# --------------------------------------------------------------------------------------


FIRST = {"images": (8, 50.0), "text": (4, None)}
NAME_WIDTH = 160.0
OBJECTIVES = 3
MET = {True: "Met. ", False: "Not met. ", None: ""}


def draw(page: SelectionPage) -> list[Any]:
    """Everything below the headline."""
    style, notes = page.style, page.report.selection.notes
    story = [*_logo(page), *(style.paragraph(note, "note") for note in notes)]
    if compared := selection.comparison_sentences(page.report):
        story.append(style.paragraph(" ".join(compared)))
    story += [style.gap(4), *score_card(page), *_objectives(page)]
    story += [style.gap(6), _counts(page), style.gap(2)]
    picks, contents = _first_picks(page), [style.gap(4), *_contents(page)]
    room = page.room(selection.summary_title(page.report), page.template.how("summary"))
    # One page: rows of picks go first, for the section `selection` shows them too.
    while picks and page.height([*story, *picks, *contents]) > room:
        picks = picks[:-1] if len(picks) > 2 else []
    return [*story, *picks, *contents]


def _logo(page: SelectionPage) -> list[Any]:
    path = page.template.logo
    if not path or not Path(path).is_file():
        return []
    logo = Image(path)
    scale = min(1.0, 36 / logo.imageHeight, 160 / logo.imageWidth)
    logo.drawWidth, logo.drawHeight = logo.imageWidth * scale, logo.imageHeight * scale
    logo.hAlign = "RIGHT"
    return [logo, page.style.gap(4)]


def _objectives(page: SelectionPage) -> list[Any]:
    """A line for each strategy that has a page of its own."""
    shown = objectives.reported_objectives(page.report)[:OBJECTIVES]
    rows = [(one.written, MET[one.met] + objectives.outcome_sentence(one)) for one in shown]
    return [page.style.gap(6), facts_table(page.style, rows)] if rows else []


def _counts(page: SelectionPage) -> Any:
    """From what was read to what was selected."""
    style, counts = page.style, page.report.counts
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
        colWidths=[style.width / len(steps)] * len(steps),
        style=[
            ("FONT", (0, 0), (-1, 0), fonts.BOLD, style.title),
            ("FONT", (0, 1), (-1, 1), fonts.REGULAR, style.small),
            ("TEXTCOLOR", (0, 0), (-1, -1), style.ink("text")),
            ("TEXTCOLOR", (0, 1), (-1, 1), style.ink("quiet")),
            ("TEXTCOLOR", (last, 0), (last, 0), style.ink("selected")),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, 0), 6),
            ("TOPPADDING", (0, 1), (-1, 1), 0),
            ("BOTTOMPADDING", (0, 1), (-1, 1), 0),
        ],
    )


def _first_picks(page: SelectionPage) -> list[Any]:
    """A heading and at most two rows of pictures or texts, or the names of a few more."""
    style, kind = page.style, page.item_kind
    items = page.report.selection.items[: page.template.first_picks]
    if kind not in FIRST:
        named = page.report.selection.items[: 3 * page.template.first_picks]
        told = ", ".join(shortened(item_words(item), NAME_WIDTH, style.small) for item in named)
        return [style.paragraph("First picks", "heading"), style.paragraph(told, "small")]
    columns, picture = FIRST[kind]
    made = [card_of(page, item) for item in items]
    if kind == "images":  # too narrow for paths; they stand with the selection
        made = [
            replace(card, foot=item.label or "") for card, item in zip(made, items, strict=True)
        ]
    return [
        style.paragraph("First picks", "heading"),
        *cards.card_rows(style, made, columns, picture)[:2],
    ]


def _contents(page: SelectionPage) -> list[Any]:
    """The finding of every other page, linked."""
    from curate.report.pages.selection import SECTIONS

    style = page.style
    lines = []
    for name, finding in page.findings.items():
        if name == "summary":
            continue
        text = f'<link href="#{name}">{printable_markup(finding)}</link>'
        lines.append(
            [
                style.paragraph(SECTIONS[name].bookmark, "cell_bold"),
                Paragraph(text, style.paragraph_style("cell")),
                SectionPageNumber(name, style, 16),
            ]
        )
    if not lines:
        return []
    return [
        style.paragraph("What the pages show", "heading"),
        Table(
            lines,
            colWidths=[116, style.width - 116 - 22, 22],
            style=[
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 2),
                ("TOPPADDING", (0, 0), (-1, -1), 0.4),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0.4),
            ],
        ),
    ]
