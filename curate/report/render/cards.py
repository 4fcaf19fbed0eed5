"""Items on a grid: pictures letterboxed to one height, texts cut after three lines.

Every card has a fixed size, so that long ids and texts never overlap anything. Ids that are too
long are shortened in the middle, texts at the end.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable

from curate.report.render import fonts, printable_text
from curate.report.render.style import PageStyle

LEADING = 1.3
TEXT_LINES = 3


@dataclass(frozen=True)
class ItemCard:
    """One item on a grid.

    head   bold word, such as the rank
    aside  number at the right end of the same line, such as the distance
    foot   grey line below, such as the id
    jpeg   picture of the item, or None
    text   text of the item, shown on cards without pictures
    """

    head: str
    aside: str
    foot: str
    jpeg: bytes | None = None
    text: str = ""


class CardRow(Flowable):  # type: ignore[misc]
    """Cards of equal size side by side; a row with fewer cards keeps the grid."""

    def __init__(
        self,
        style: PageStyle,
        cards: Sequence[ItemCard | None],
        columns: int,
        picture: float | None,
    ) -> None:
        """`picture` is the height of the pictures in points; None draws cards with text."""
        super().__init__()
        self.style = style
        self.cards = cards
        self.columns = columns
        self.picture = picture
        self.gap = 9.0

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Width and height on the page, in points."""
        line = self.style.small * LEADING
        self.width = width
        self.each = (width - self.gap * (self.columns - 1)) / self.columns
        if self.picture is None:
            self.height = line * (TEXT_LINES + 2) + 10
        else:
            self.height = self.picture + 2 * line + 10
        return self.width, self.height

    def draw(self) -> None:
        """Draw each card in its cell."""
        for place, card in enumerate(self.cards):
            if card is None:
                continue
            left = place * (self.each + self.gap)
            if self.picture is None:
                self._draw_text(card, left)
            else:
                self._draw_picture(card, left, self.picture)

    def _draw_picture(self, card: ItemCard, left: float, tall: float) -> None:
        style, line = self.style, self.style.small * LEADING
        draw_jpeg(self.canv, style, card.jpeg, (left, self.height - tall, self.each, tall))
        base = self.height - tall - line
        self._line(card, left, base)
        draw_small_text(self.canv, style, (left, base - line), card.foot, self.each, "quiet")

    def _draw_text(self, card: ItemCard, left: float) -> None:
        style, line = self.style, self.style.small * LEADING
        self.canv.setStrokeColor(style.ink("rule"))
        self.canv.setLineWidth(0.4)
        self.canv.line(left, self.height - 1, left + self.each, self.height - 1)
        base = self.height - 1 - line
        self._line(card, left, base)
        self.canv.setFillColor(style.ink("text"))
        self.canv.setFont(fonts.REGULAR, style.small)
        for text in printable_text.wrapped_lines(card.text, self.each, style.small, TEXT_LINES):
            base -= line
            self.canv.drawString(left, base, text)
        draw_small_text(self.canv, style, (left, base - line), card.foot, self.each, "quiet")

    def _line(self, card: ItemCard, left: float, base: float) -> None:
        """The line with the head at the left and the number at the right."""
        canvas, style = self.canv, self.style
        beside = fonts.measure(card.aside, style.small) + 4
        head = printable_text.shortened(card.head, self.each - beside, style.small, fonts.BOLD)
        canvas.setFillColor(style.ink("text"))
        canvas.setFont(fonts.BOLD, style.small)
        canvas.drawString(left, base, head)
        canvas.setFont(fonts.REGULAR, style.small)
        canvas.drawRightString(left + self.each, base, card.aside)


def card_rows(
    style: PageStyle, cards: Sequence[ItemCard], columns: int, picture: float | None
) -> list[CardRow]:
    """Rows with all `cards`, `columns` in each."""
    return [
        CardRow(style, cards[start : start + columns], columns, picture)
        for start in range(0, len(cards), columns)
    ]


def draw_small_text(
    canvas: Any, style: PageStyle, at: tuple[float, float], text: str, width: float, ink: str
) -> None:
    """Draw one small line of text from the data, shortened to `width` points."""
    canvas.setFillColor(style.ink(ink))
    canvas.setFont(fonts.REGULAR, style.small)
    canvas.drawString(*at, printable_text.shortened(text, width, style.small))


def draw_jpeg(
    canvas: Any, style: PageStyle, jpeg: bytes | None, box: tuple[float, float, float, float]
) -> None:
    """Draw a picture letterboxed into (left, bottom, width, height), or the words "no picture"."""
    left, bottom, width, height = box
    if jpeg is not None:
        reader = ImageReader(io.BytesIO(jpeg))
        canvas.drawImage(reader, left, bottom, width, height, preserveAspectRatio=True, anchor="c")
        return
    canvas.setFillColor(style.ink("quiet"))
    canvas.setFont(fonts.REGULAR, style.small)
    canvas.drawCentredString(left + width / 2, bottom + height / 2, "no picture")
