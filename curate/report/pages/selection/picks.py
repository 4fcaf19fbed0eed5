"""The picks in order: pictures, cards of text, or a list of ids, on a few pages at most."""

from __future__ import annotations

from math import ceil
from typing import Any

from reportlab.platypus import Table

from curate.report.pages.page import SelectionPage
from curate.report.render import cards, fonts, printable_text
from curate.report.render.cards import ItemCard
from curate.report.render.numbers import count, number
from curate.report.render.style import PageStyle
from curate.report.render.tables import number_table
from curate.report.words import scores
from curate.schema.report import Item, Report

COLUMNS = {"images": 6, "text": 3}
PICTURE = 66.0
ROOM_FIRST, ROOM_FOOT = 90.0, 26.0  # points that title and footnote take of the pages
LIST_COLUMNS, LIST_GAP = 3, 14.0
RANK, DISTANCE = 34.0, 52.0  # widths of their columns in a list


FEW = 12  # picks that need no page_ of their own


def few(report: Report) -> bool:
    """Whether the picks fit below another section."""
    return report.counts.selected <= FEW


def draw(page: SelectionPage) -> list[Any]:
    """As many picks as the pages hold, and where the others are."""
    items = page.report.selection.items
    body, shown = _listed(page, items) if page.item_kind not in COLUMNS else _carded(page, items)
    return [*body, page.caption(_where(page, shown))]


def card_of(page: SelectionPage, item: Item) -> ItemCard:
    """An item with its rank and distance."""
    aside = "first" if item.distance is None else number(item.distance)
    label = f" · {item.label}" if item.label and page.item_kind == "text" else ""
    return ItemCard(
        head=count(item.rank),
        aside=aside,
        foot=item.id + label,
        jpeg=page.thumbnails.get(item.id),
        text=item.text or "",
    )


def _carded(page: SelectionPage, items: list[Item]) -> tuple[list[Any], int]:
    style, columns = page.style, COLUMNS[page.item_kind]
    picture = PICTURE if page.item_kind == "images" else None
    (_, tall) = cards.CardRow(style, [], columns, picture).wrap(style.width, style.height)
    most = _rows_that_fit(page, tall) * columns
    made = [card_of(page, item) for item in items[:most]]
    return list(cards.card_rows(style, made, columns, picture)), len(made)


def _listed(page: SelectionPage, items: list[Item]) -> tuple[list[Any], int]:
    """Ids in columns, read downwards, page_ by page_."""
    style, columns = page.style, _list_columns(page, items)
    line = style.small * 1.2 + 6.5
    first = int((style.height - ROOM_FIRST - ROOM_FOOT) / line) - 1
    other = int((style.height - ROOM_FOOT) / line) - 1
    blocks: list[Any] = []
    start = 0
    for page_ in range(page.template.pages_of_picks):
        rows = other if page_ else first
        part = items[start : start + columns * rows]
        if not part:
            break
        blocks.append(_columns(page, part, min(rows, ceil(len(part) / columns)), columns))
        start += len(part)
    return blocks, start


def _list_columns(page: SelectionPage, items: list[Item]) -> int:
    """One column less where the names of most items would be cut."""
    style = page.style
    room = _list_width(style, LIST_COLUMNS) - RANK - DISTANCE - 6
    named = [printable_text.printable(_named(item)[:200]) for item in items[:200]]
    cut = sum(fonts.measure(name, style.small) > room for name in named)
    return LIST_COLUMNS - (2 * cut > len(named))


def _list_width(style: PageStyle, columns: int) -> float:
    return float((style.width - (columns - 1) * LIST_GAP) / columns)


def _columns(page: SelectionPage, part: list[Item], rows: int, columns: int) -> Any:
    wide = _list_width(page.style, columns)
    tables = [
        _id_table(page, part[place : place + rows], wide) for place in range(0, len(part), rows)
    ]
    tables += [""] * (columns - len(tables))
    return Table(
        [tables],
        colWidths=[wide + LIST_GAP] * (columns - 1) + [wide],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ],
    )


def _id_table(page: SelectionPage, items: list[Item], wide: float) -> Any:
    room = wide - RANK - DISTANCE
    rows = [
        [
            count(item.rank),
            printable_text.shortened(_named(item), room - 6, page.style.small),
            "first" if item.distance is None else number(item.distance),
        ]
        for item in items
    ]
    return number_table(
        page.style, ["Rank", "Item", "Distance"], rows, [RANK, room, DISTANCE], [0, 2]
    )


def _named(item: Item) -> str:
    return f"{item.id} · {item.label}" if item.label else item.id


def _rows_that_fit(page: SelectionPage, tall: float) -> int:
    """Rows on all the pages that the template grants, beside title and footnote."""
    height, pages = page.style.height, page.template.pages_of_picks
    if pages == 1:
        return max(1, int((height - ROOM_FIRST - ROOM_FOOT) / tall))
    first = int((height - ROOM_FIRST) / tall)
    return max(1, first + (pages - 2) * int(height / tall) + int((height - ROOM_FOOT) / tall))


def _where(page: SelectionPage, shown: int) -> str:
    report = page.report
    files = [
        report.selection.files[kind]
        for kind in ("csv", "jsonl", "txt")
        if kind in report.selection.files
    ]
    place = f"{', '.join(files[:-1])} and {files[-1]}" if len(files) > 1 else "".join(files)
    if shown == report.counts.selected:
        return f"All that is selected is shown; with its metadata it is in {place}."
    return f"{count(shown)} of {scores.picks_counted(report.counts.selected)} are shown; all are in {place}."
