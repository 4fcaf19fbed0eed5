"""The picks in order: pictures, texts, or a list of ids, on a few pages at most."""

from __future__ import annotations

from math import ceil
from typing import Any

from reportlab.platypus import Table

from curate.report.pages.page import SelectionPage
from curate.report.pages.selection.maps import NO_PADDING
from curate.report.render import fonts, printable_text
from curate.report.render.cards import CardRow, ItemCard, card_rows
from curate.report.render.numbers import count, number
from curate.report.render.style import PageStyle
from curate.report.render.tables import number_table
from curate.report.words import scores
from curate.schema.report import Item, Report

GRID_COLUMNS = {"images": 6, "text": 3}
PICTURE_HEIGHT = 66.0
TITLE_HEIGHT, CAPTION_HEIGHT = 90.0, 26.0  # points that these take of the pages
LIST_COLUMNS, LIST_GAP = 3, 14.0
RANK_WIDTH, DISTANCE_WIDTH = 34.0, 52.0  # of their columns in a list
FEW_PICKS = 12  # need no page of their own


def fit_below(report: Report) -> bool:
    """Whether the picks fit below another section."""
    return report.counts.selected <= FEW_PICKS


def draw(page: SelectionPage) -> list[Any]:
    """As many picks as the pages hold, and the files with all of them."""
    items = page.report.selection.items
    in_grid = page.item_kind in GRID_COLUMNS
    body, drawn = _grid(page, items) if in_grid else _list(page, items)
    return [*body, page.caption(_files_note(page, drawn))]


def pick_card(page: SelectionPage, item: Item) -> ItemCard:
    """A pick with its rank and distance."""
    label = f" · {item.label}" if item.label and page.item_kind == "text" else ""
    return ItemCard(
        head=count(item.rank),
        aside=_distance(item),
        foot=item.id + label,
        jpeg=page.thumbnails.get(item.id),
        text=item.text or "",
    )


def _distance(item: Item) -> str:
    """To the nearest pick before it, if there is one."""
    return "first" if item.distance is None else number(item.distance)


def _grid(page: SelectionPage, items: list[Item]) -> tuple[list[Any], int]:
    """Pictures or texts, and how many are drawn."""
    style, columns = page.style, GRID_COLUMNS[page.item_kind]
    picture = PICTURE_HEIGHT if page.shows_pictures else None
    (_, tall) = CardRow(style, [], columns, picture).wrap(style.width, style.height)
    most = _rows_that_fit(page, tall) * columns
    cards = [pick_card(page, item) for item in items[:most]]
    return list(card_rows(style, cards, columns, picture)), len(cards)


def _rows_that_fit(page: SelectionPage, tall: float) -> int:
    """Rows on all the pages that the template grants, beside title and caption."""
    height, pages = page.style.height, page.template.pages_of_picks
    if pages == 1:
        return max(1, int((height - TITLE_HEIGHT - CAPTION_HEIGHT) / tall))
    first = int((height - TITLE_HEIGHT) / tall)
    last = int((height - CAPTION_HEIGHT) / tall)
    return max(1, first + (pages - 2) * int(height / tall) + last)


# --------------------------------------------------------------------------------------
# Ids in columns, read downwards, page by page.


def _list(page: SelectionPage, items: list[Item]) -> tuple[list[Any], int]:
    """The blocks of the list, and how many items they hold."""
    style, columns = page.style, _list_columns(page, items)
    line = style.small * 1.2 + 6.5
    first = int((style.height - TITLE_HEIGHT - CAPTION_HEIGHT) / line) - 1
    other = int((style.height - CAPTION_HEIGHT) / line) - 1
    blocks: list[Any] = []
    start = 0
    for place in range(page.template.pages_of_picks):
        rows = other if place else first
        block = items[start : start + columns * rows]
        if not block:
            break
        blocks.append(_block(page, block, min(rows, ceil(len(block) / columns)), columns))
        start += len(block)
    return blocks, start


def _list_columns(page: SelectionPage, items: list[Item]) -> int:
    """One column less where the names of most items would be cut."""
    style = page.style
    room = _column_width(style, LIST_COLUMNS) - RANK_WIDTH - DISTANCE_WIDTH - 6
    names = [printable_text.printable(_name(item)[:200]) for item in items[:200]]
    cut = sum(fonts.measure(name, style.small) > room for name in names)
    return LIST_COLUMNS - (2 * cut > len(names))


def _column_width(style: PageStyle, columns: int) -> float:
    return float((style.width - (columns - 1) * LIST_GAP) / columns)


def _block(page: SelectionPage, block: list[Item], rows: int, columns: int) -> Any:
    """The columns of one page."""
    wide = _column_width(page.style, columns)
    tables = [
        _column(page, block[start : start + rows], wide) for start in range(0, len(block), rows)
    ]
    tables += [""] * (columns - len(tables))
    return Table(
        [tables],
        colWidths=[wide + LIST_GAP] * (columns - 1) + [wide],
        style=NO_PADDING,
    )


def _column(page: SelectionPage, items: list[Item], wide: float) -> Any:
    room = wide - RANK_WIDTH - DISTANCE_WIDTH
    rows = [
        [
            count(item.rank),
            printable_text.shortened(_name(item), room - 6, page.style.small),
            _distance(item),
        ]
        for item in items
    ]
    head = ["Rank", "Item", "Distance"]
    return number_table(page.style, head, rows, [RANK_WIDTH, room, DISTANCE_WIDTH], [0, 2])


def _name(item: Item) -> str:
    return f"{item.id} · {item.label}" if item.label else item.id


def _files_note(page: SelectionPage, drawn: int) -> str:
    report = page.report
    files = [
        report.selection.files[kind]
        for kind in ("csv", "jsonl", "txt")
        if kind in report.selection.files
    ]
    listed = f"{', '.join(files[:-1])} and {files[-1]}" if len(files) > 1 else "".join(files)
    if drawn == report.counts.selected:
        return f"All picks are shown; {listed} have them with their metadata."
    picks = scores.picks_text(report.counts.selected)
    return f"{count(drawn)} of {picks} are shown; all are in {listed}."
