"""The first page: the result in words, the score card, the counts, the first picks, the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from reportlab.platypus import Image, Paragraph, Table

from curate.report import cards, fonts, objective_words, words
from curate.report.document import PageOf
from curate.report.literal import escape, fit
from curate.report.numbers import count
from curate.report.sections.score_card import score_card
from curate.report.sections.selection import card_of
from curate.report.sheet import Sheet, shown
from curate.report.tables import facts_table

FIRST = {"images": (8, 50.0), "text": (4, None)}
NAME_WIDTH = 160.0
OBJECTIVES = 3
MET = {True: "Met. ", False: "Not met. ", None: ""}


def draw(sheet: Sheet) -> list[Any]:
    """Everything below the headline."""
    look, notes = sheet.look, sheet.report.selection.notes
    story = [*_logo(sheet), *(look.paragraph(note, "note") for note in notes)]
    if compared := words.comparison(sheet.report):
        story.append(look.paragraph(" ".join(compared)))
    story += [look.gap(4), *score_card(sheet), *_objectives(sheet)]
    story += [look.gap(6), _counts(sheet), look.gap(2)]
    picks, contents = _first_picks(sheet), [look.gap(4), *_contents(sheet)]
    room = sheet.room(words.summary(sheet.report), sheet.template.how("summary"))
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
    shown = objective_words.told(sheet.report)[:OBJECTIVES]
    rows = [(one.written, MET[one.met] + objective_words.outcome(one)) for one in shown]
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
    from curate.report.sections import SECTIONS

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
