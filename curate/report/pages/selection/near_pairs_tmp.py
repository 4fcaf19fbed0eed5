"""Two items side by side with their distance: pictures, texts, or a table of ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from reportlab.platypus import Flowable

from curate.report.pages.page import SelectionPage
from curate.report.render import cards, fonts, printable_text
from curate.report.render.numbers import count, number
from curate.report.render.style import PageStyle
from curate.report.render.tables import number_table

COLUMNS = {"images": 3, "text": 1}
TEXT_LINES = 2
GAP = 16.0  # between pairs
MIDDLE = 34.0  # within one, at least


class Side(NamedTuple):
    """One item of a pair; `mark` stands before its id, `ink` is the colour of its line."""

    id: str
    text: str
    ink: str
    mark: str = ""
    picture: str = ""  # key of the thumbnail, where it is not the id


class Beside(NamedTuple):
    """A pair."""

    one: Side
    other: Side
    distance: float


def columns_of(page: SelectionPage) -> int | None:
    """How many pairs stand in a row; None where they are a table."""
    return COLUMNS.get(page.item_kind)


def side_by_side_pairs(
    page: SelectionPage, pairs: Sequence[Beside], heads: tuple[str, str], *, arrow: bool = True
) -> list[Any]:
    """Rows of pairs, numbered; `heads` name the two sides where they are a table."""
    columns = columns_of(page)
    named = [
        pair._replace(one=pair.one._replace(mark=f"{count(place)}:\u00a0{pair.one.mark}"))
        for place, pair in enumerate(pairs, 1)
    ]
    if columns is None:
        return [_table(page, pairs, heads)]
    return [
        PairRow(
            page, named[start : start + columns], columns, middle_of(page, pairs), arrow=arrow
        )
        for start in range(0, len(named), columns)
    ]


def middle_of(page: SelectionPage, pairs: Sequence[Beside]) -> float:
    """Room between the two sides: as wide as the longest distance."""
    small = page.style.small
    written = (fonts.measure(number(one.distance), small, fonts.BOLD) for one in pairs)
    return max(MIDDLE, max(written, default=0.0) + 12)


class PairRow(Flowable):  # type: ignore[misc]
    """Pairs in one row: item, distance over an arrow or a line, item."""

    def __init__(
        self,
        page: SelectionPage,
        pairs: Sequence[Beside],
        columns: int,
        middle: float,
        *,
        arrow: bool = True,
    ) -> None:
        super().__init__()
        self.page = page
        self.style: PageStyle = page.style
        self.pairs = pairs
        self.columns = columns
        self.middle = middle
        self.arrow = arrow

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Size on the page."""
        line = self.style.small * cards.LEADING
        self.width = width
        self.each = (width - GAP * (self.columns - 1)) / self.columns
        self.side = (self.each - self.middle) / 2
        self.tall = tall = self.side if self.page.item_kind == "images" else TEXT_LINES * line
        self.height = tall + (2 if self.page.item_kind == "images" else 1) * line + 14
        return self.width, self.height

    def draw(self) -> None:
        """Draw each pair in its place."""
        for place, pair in enumerate(self.pairs):
            left = place * (self.each + GAP)
            self._item(left, pair.one)
            self._item(left + self.side + self.middle, pair.other)
            self._distance(left + self.side, number(pair.distance))

    def _item(self, left: float, one: Side) -> None:
        style, canvas = self.style, self.canv
        line = style.small * cards.LEADING
        low = self.height - self.tall
        if self.page.item_kind == "images":
            box = (left, low, self.side, self.tall)
            cards.draw_jpeg(canvas, style, self.page.thumbnails.get(one.picture or one.id), box)
        else:
            canvas.setFillColor(style.ink("text"))
            canvas.setFont(fonts.REGULAR, style.small)
            broken = printable_text.wrapped_lines(
                one.text or one.id, self.side, style.small, TEXT_LINES
            )
            for row, words in enumerate(broken):
                canvas.drawString(left, self.height - (row + 1) * line + 2, words)
        canvas.setStrokeColor(style.ink(one.ink))
        canvas.setLineWidth(1.2)
        canvas.line(left, low - 4, left + self.side, low - 4)
        canvas.setFillColor(style.ink("quiet"))
        canvas.setFont(fonts.REGULAR, style.small)
        room = 1 if self.page.item_kind == "text" else 2  # lines that `wrap` has counted
        named = printable_text.shortened(
            one.mark + one.id, self.side * (1 if room == 1 else 1.9), style.small
        )
        for row, part in enumerate(
            printable_text.wrapped_lines(named, self.side, style.small, room), 1
        ):
            canvas.drawString(left, low - 4 - row * line, part)

    def _distance(self, left: float, distance: str) -> None:
        canvas, style = self.canv, self.style
        middle = left + self.middle / 2
        base = self.height - self.tall / 2
        canvas.setFillColor(style.ink("text"))
        canvas.setFont(fonts.BOLD, style.small)
        canvas.drawCentredString(middle, base + 3, distance)
        canvas.setStrokeColor(style.ink("quiet"))
        canvas.setLineWidth(0.6)
        start, end = left + 4, left + self.middle - 4
        canvas.line(start, base, end, base)
        if self.arrow:
            canvas.line(end - 3, base + 2, end, base)
            canvas.line(end - 3, base - 2, end, base)


def _table(page: SelectionPage, pairs: Sequence[Beside], heads: tuple[str, str]) -> Any:
    wide = (page.style.width - 30 - 70) / 2
    rows = [
        [
            count(place),
            printable_text.shortened(pair.one.id, wide - 8, page.style.small),
            printable_text.shortened(pair.other.id, wide - 60, page.style.small)
            + (f" {pair.other.mark.strip()}" if pair.other.mark else ""),
            number(pair.distance),
        ]
        for place, pair in enumerate(pairs, 1)
    ]
    head = ["", *heads, "Distance"]
    return number_table(page.style, head, rows, [30, wide, wide, 70], [3])
