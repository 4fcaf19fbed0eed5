"""The first page: the result in words, score card, counts, first picks, and the contents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from reportlab.platypus import Flowable, Image, Paragraph, Table

from curate.report.pages.page import SelectionPage, item_words
from curate.report.pages.selection.picks import pick_card
from curate.report.render import fonts
from curate.report.render.cards import CardRow, card_rows
from curate.report.render.document import SectionPageNumber
from curate.report.render.numbers import count, interval, number
from curate.report.render.printable_text import printable_markup, shortened
from curate.report.render.style import PageStyle
from curate.report.render.tables import PAD, facts_table, natural_widths, number_table
from curate.report.words import objectives, selection
from curate.report.words import scores as phrases
from curate.report.words.scores import Score, scores

# --------------------------------------------------------------------------------------
# The score card: each statistic against random choice, with a verdict in words.


ROUNDING = 1e-9  # relative difference below which two scores are equal
STRIP_WIDTH = 28.0
COLUMN_GAP = 0.5  # between columns, besides their padding
VERDICT_INK = {"better": "selected", "like": "quiet", "worse": "warning"}


def score_card(page: SelectionPage) -> list[Any]:
    """The statistics of the first page, and what they are measured from."""
    rows, report = scores(page.report), page.report
    if not rows:
        return []
    caption = page.caption(
        f"Distances: {phrases.distance_unit(report)}.",
        strip_legend(max(row.draws for row in rows)),
        phrases.sampling_note(report.coverage.selected, report, report.counts.input),
        phrases.sampled_maxima_note(report),
    )
    return [score_table(page.style, rows), caption]


def score_table(style: PageStyle, scores_: Sequence[Score]) -> Any:
    """Each score: selected, random with its interval, ratio, strip and verdict."""
    if all(score.random is None for score in scores_):
        rows: list[list[Any]] = [[_name(style, score), number(score.selected)] for score in scores_]
        return number_table(style, ["", "Selected"], rows, [180, 70], [1])
    head = ["", "Selected", "Random", "95% of draws", "Ratio", "", ""]
    rows = [
        [
            _name(style, score),
            number(score.selected),
            number(score.random),
            interval(score.interval) if score.interval else "",
            number(score.ratio),
            ScoreStrip(style, score, STRIP_WIDTH),
            _verdict(style, score),
        ]
        for score in scores_
    ]
    numbers = [["", *row[1:5]] for row in rows]
    columns = [wide + COLUMN_GAP for wide in natural_widths(head[:5], numbers, style.small)[1:]]
    verdict = max(fonts.measure(score.verdict, style.small, fonts.BOLD) for score in scores_)
    columns += [STRIP_WIDTH + 2 * PAD, verdict + 2 * PAD + COLUMN_GAP]
    widths = [style.width - sum(columns), *columns]
    return number_table(style, head, rows, widths, [1, 2, 4])


def strip_legend(draws: int) -> str:
    """What the strip of a row shows; empty without draws."""
    if not draws:
        return ""
    return (
        f"Bar: middle 95% of the {draws} random draws; dot: the selection; each row has its own "
        "scale."
    )


class ScoreStrip(Flowable):  # type: ignore[misc]
    """A score at a glance: the interval of the draws as a bar, the selection as a dot."""

    def __init__(self, style: PageStyle, score: Score, width: float) -> None:
        super().__init__()
        self.style = style
        self.score = score
        self.width = width
        self.height = 9.0

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Size on the page."""
        return self.width, self.height

    def draw(self) -> None:
        """A line, the bar, the dot."""
        score, canvas, style = self.score, self.canv, self.style
        if score.interval is None or score.random is None:
            return
        middle = self.height / 2
        values = [score.selected, score.random, *score.interval]
        low, high = min(values), max(values)
        reach = high - low
        if reach <= ROUNDING * abs(high):
            low, reach = low - 1, 2.0

        def at(value: float) -> float:
            return 4 + (self.width - 8) * (value - low) / reach

        canvas.setStrokeColor(style.ink("rule"))
        canvas.setLineWidth(0.6)
        canvas.line(0, middle, self.width, middle)
        canvas.setFillColor(style.ink("random"))
        left, right = at(score.interval[0]), at(score.interval[1])
        canvas.rect(left - 0.75, middle - 2.5, right - left + 1.5, 5, stroke=0, fill=1)
        canvas.setStrokeColor(style.ink("selected"))
        canvas.setFillColor(style.ink("selected"))
        canvas.circle(at(score.selected), middle, 2.8, stroke=0, fill=1)


def _name(style: PageStyle, score: Score) -> Any:
    return [style.paragraph(score.name, "cell"), style.paragraph(score.good, "cell_quiet")]


def _verdict(style: PageStyle, score: Score) -> Any:
    if score.standing is None:
        return ""
    verdict_style = style.paragraph_style("cell_bold")
    verdict_style.textColor = style.ink("quiet" if score.neutral else VERDICT_INK[score.standing])
    return Paragraph(printable_markup(score.verdict), verdict_style)


# --------------------------------------------------------------------------------------
# The page.


FIRST_PICKS_COLUMNS = {"images": 8, "text": 4}
PICTURE_HEIGHTS = (50.0, 40.0, 30.0)  # of first picks, the tallest that there is room for
NAME_WIDTH = 160.0
OBJECTIVES_MOST = 3
MET = {True: "Met. ", False: "Not met. ", None: ""}


def draw(page: SelectionPage) -> list[Any]:
    """Everything below the headline."""
    style, notes = page.style, page.report.selection.notes
    story = [*_logo(page), *(style.paragraph(note, "note") for note in notes)]
    if sentences := selection.comparison_sentences(page.report):
        story.append(style.paragraph(" ".join(sentences)))
    story += [style.gap(4), *score_card(page), *_objectives(page)]
    story += [style.gap(6), _counts(page), style.gap(2)]
    contents = [style.gap(4), *_contents(page)]
    return [*story, *_first_picks(page, page.height([*story, *contents])), *contents]


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
    """A line for each strategy that the page on objectives reports."""
    reported = objectives.reported_objectives(page.report)[:OBJECTIVES_MOST]
    rows = [
        (objective.written, MET[objective.met] + objectives.outcome_sentence(objective))
        for objective in reported
    ]
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


def _first_picks(page: SelectionPage, used: float) -> list[Any]:
    """A heading and the first picks, as far as the page has room beside `used` points.

    At most two rows of pictures or texts, or the ids of a few more picks. The section `selection`
    has them too, so they are what goes where the page is full.
    """
    style = page.style
    room = page.free_height("summary") - used
    heading = style.paragraph("First picks", "heading")
    if page.item_kind not in FIRST_PICKS_COLUMNS:
        items = page.report.selection.items[: 3 * page.template.first_picks]
        names = ", ".join(shortened(item_words(item), NAME_WIDTH, style.small) for item in items)
        listed = [heading, style.paragraph(names, "small")]
        return listed if page.height(listed) <= room else []
    heights = PICTURE_HEIGHTS if page.shows_pictures else (None,)
    for most in (2, 1):
        for picture in heights:
            drawn = [heading, *_pick_rows(page, picture)[:most]]
            if page.height(drawn) <= room:
                return drawn
    return []


def _pick_rows(page: SelectionPage, picture: float | None) -> list[CardRow]:
    """The first picks as pictures of this height, or as texts."""
    items = page.report.selection.items[: page.template.first_picks]
    cards = [pick_card(page, item) for item in items]
    if page.shows_pictures:  # too narrow for paths, which stand in the section `selection`
        cards = [
            replace(card, foot=item.label or "") for card, item in zip(cards, items, strict=True)
        ]
    return card_rows(page.style, cards, FIRST_PICKS_COLUMNS[page.item_kind], picture)


def _contents(page: SelectionPage) -> list[Any]:
    """The bookmark, title and page number of every other section, with links."""
    style = page.style
    rows = []
    for name, head in page.heads.items():
        if name == "summary":
            continue
        link = f'<link href="#{name}">{printable_markup(head.title)}</link>'
        rows.append(
            [
                style.paragraph(head.bookmark, "cell_bold"),
                Paragraph(link, style.paragraph_style("cell")),
                SectionPageNumber(name, style, 16),
            ]
        )
    if not rows:
        return []
    return [
        style.paragraph("What the pages show", "heading"),
        Table(
            rows,
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
