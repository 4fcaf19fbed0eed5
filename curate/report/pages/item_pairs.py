"""Two items side by side with their distance: pictures, texts, or a table of ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from reportlab.platypus import Flowable

from curate.report.pages.page import PageContext
from curate.report.render import cards, fonts, printable_text
from curate.report.render.numbers import count, number

PAIRS_IN_ROW = {"images": 3, "text": 1}
TEXT_LINES = 2
GAP = 16.0  # between pairs
MIDDLE = 34.0  # between the two items of a pair, at least
TABLE_TEXT = 300.0  # width of an item in a table, before it is broken into lines


class PairItem(NamedTuple):
    """One item of a pair.

    text         its text, or what else stands for its id
    ink          colour of the line under it: a set
    mark         stands before its id
    picture_key  key of its thumbnail, if that is not the id
    """

    id: str
    text: str
    ink: str
    mark: str = ""
    picture_key: str = ""


class ItemPair(NamedTuple):
    """Two items and their distance."""

    first: PairItem
    second: PairItem
    distance: float


def pairs_in_row(page: PageContext[Any]) -> int | None:
    """How many pairs stand in a row; None if they are rows of a table."""
    return PAIRS_IN_ROW.get(page.item_kind)


def item_pairs(
    page: PageContext[Any],
    pairs: Sequence[ItemPair],
    heads: tuple[str, str],
    *,
    arrow: bool = True,
) -> list[Any]:
    """Rows of numbered pairs; `heads` name the two items where they are a table."""
    columns = pairs_in_row(page)
    if columns is None:
        return [_pair_table(page, pairs, heads)]
    numbered = [
        pair._replace(first=pair.first._replace(mark=f"{count(rank)}:\u00a0{pair.first.mark}"))
        for rank, pair in enumerate(pairs, 1)
    ]
    middle = distance_width(page, pairs)
    return [
        PairRow(page, numbered[start : start + columns], columns, middle, arrow=arrow)
        for start in range(0, len(numbered), columns)
    ]


def distance_width(page: PageContext[Any], pairs: Sequence[ItemPair]) -> float:
    """Points between the two items of a pair: as wide as the longest distance."""
    small = page.style.small
    widths = (fonts.measure(number(pair.distance), small, fonts.BOLD) for pair in pairs)
    return max(MIDDLE, max(widths, default=0.0) + 12)


class PairRow(Flowable):  # type: ignore[misc]
    """Pairs in one row: item, distance over an arrow or a line, item."""

    def __init__(
        self,
        page: PageContext[Any],
        pairs: Sequence[ItemPair],
        columns: int,
        middle: float,
        *,
        arrow: bool = True,
    ) -> None:
        super().__init__()
        self.page = page
        self.pairs = pairs
        self.columns = columns
        self.middle = middle
        self.arrow = arrow

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Size on the page."""
        pictures = self.page.shows_pictures
        line = self.page.style.small * cards.LEADING
        self.width = width
        self.pair_width = (width - GAP * (self.columns - 1)) / self.columns
        self.item_width = (self.pair_width - self.middle) / 2
        self.tall = self.item_width if pictures else TEXT_LINES * line
        self.id_lines = 2 if pictures else 1
        self.height = self.tall + self.id_lines * line + 14
        return self.width, self.height

    def draw(self) -> None:
        """Draw each pair in its place."""
        for place, pair in enumerate(self.pairs):
            left = place * (self.pair_width + GAP)
            self._draw_item(left, pair.first)
            self._draw_item(left + self.item_width + self.middle, pair.second)
            self._draw_distance(left + self.item_width, number(pair.distance))

    def _draw_item(self, left: float, item: PairItem) -> None:
        page, style, canvas = self.page, self.page.style, self.canv
        width, small = self.item_width, self.page.style.small
        line = small * cards.LEADING
        low = self.height - self.tall
        if page.shows_pictures:
            jpeg = page.thumbnails.get(item.picture_key or item.id)
            cards.draw_jpeg(canvas, style, jpeg, (left, low, width, self.tall))
        else:
            canvas.setFillColor(style.ink("text"))
            canvas.setFont(fonts.REGULAR, small)
            lines = printable_text.wrapped_lines(item.text or item.id, width, small, TEXT_LINES)
            for row, text in enumerate(lines):
                canvas.drawString(left, self.height - (row + 1) * line + 2, text)
        canvas.setStrokeColor(style.ink(item.ink))
        canvas.setLineWidth(1.2)
        canvas.line(left, low - 4, left + width, low - 4)
        canvas.setFillColor(style.ink("quiet"))
        canvas.setFont(fonts.REGULAR, small)
        name = printable_text.shortened(
            item.mark + item.id, width * (1 if self.id_lines == 1 else 1.9), small
        )
        lines = printable_text.wrapped_lines(name, width, small, self.id_lines)
        for row, text in enumerate(lines, 1):
            canvas.drawString(left, low - 4 - row * line, text)

    def _draw_distance(self, left: float, distance: str) -> None:
        canvas, style = self.canv, self.page.style
        base = self.height - self.tall / 2
        canvas.setFillColor(style.ink("text"))
        canvas.setFont(fonts.BOLD, style.small)
        canvas.drawCentredString(left + self.middle / 2, base + 3, distance)
        canvas.setStrokeColor(style.ink("quiet"))
        canvas.setLineWidth(0.6)
        start, end = left + 4, left + self.middle - 4
        canvas.line(start, base, end, base)
        if self.arrow:
            canvas.line(end - 3, base + 2, end, base)
            canvas.line(end - 3, base - 2, end, base)


def _pair_table(page: PageContext[Any], pairs: Sequence[ItemPair], heads: tuple[str, str]) -> Any:
    def cell(item: PairItem) -> str:
        text = printable_text.shortened(item.text or item.id, TABLE_TEXT, page.style.small)
        return f"{text} {item.mark}".strip()

    rows = [
        [count(rank), cell(pair.first), cell(pair.second), number(pair.distance)]
        for rank, pair in enumerate(pairs, 1)
    ]
    return page.table(["", *heads, "Distance"], rows, text=(1, 2))
