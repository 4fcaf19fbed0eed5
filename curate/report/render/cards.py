"""Items on a grid: pictures letterboxed to one height, texts cut after three lines.

Each card draws itself at a fixed size, so that whatever an id or a text holds, nothing
overlaps. What is too long is shortened: ids in the middle, texts at the end.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable

from curate.report.render import fonts, printable_text
from curate.report.render.style import Look

LEADING = 1.3
TEXT_LINES = 3


@dataclass(frozen=True)
class Card:
    """One item on a grid.

    jpeg   its picture, or None
    text   its text, where there is no picture to show
    head   a bold word above or below, such as the rank
    aside  a number at the other end of that line, such as the distance
    foot   a quiet line, such as the id
    """

    head: str
    aside: str
    foot: str
    jpeg: bytes | None = None
    text: str = ""


class Row(Flowable):  # type: ignore[misc]
    """Cards of equal size side by side; a short last row keeps its grid."""

    def __init__(
        self, look: Look, cards: Sequence[Card | None], columns: int, picture: float | None
    ) -> None:
        """`picture` is the height of the pictures; None makes cards of text."""
        super().__init__()
        self.look = look
        self.cards = cards
        self.columns = columns
        self.picture = picture
        self.gap = 9.0

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Size on the page."""
        line = self.look.small * LEADING
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

    def _draw_picture(self, card: Card, left: float, tall: float) -> None:
        look, line = self.look, self.look.small * LEADING
        draw_jpeg(self.canv, look, card.jpeg, (left, self.height - tall, self.each, tall))
        base = self.height - tall - line
        self._line(card, left, base)
        set_text(self.canv, look, (left, base - line), card.foot, self.each, "quiet")

    def _draw_text(self, card: Card, left: float) -> None:
        look, line = self.look, self.look.small * LEADING
        self.canv.setStrokeColor(look.ink("rule"))
        self.canv.setLineWidth(0.4)
        self.canv.line(left, self.height - 1, left + self.each, self.height - 1)
        base = self.height - 1 - line
        self._line(card, left, base)
        self.canv.setFillColor(look.ink("text"))
        self.canv.setFont(fonts.REGULAR, look.small)
        for text in printable_text.lines(card.text, self.each, look.small, TEXT_LINES):
            base -= line
            self.canv.drawString(left, base, text)
        set_text(self.canv, look, (left, base - line), card.foot, self.each, "quiet")

    def _line(self, card: Card, left: float, base: float) -> None:
        """Rank at the left, distance at the right."""
        canvas, look = self.canv, self.look
        beside = fonts.measure(card.aside, look.small) + 4
        head = printable_text.fit(card.head, self.each - beside, look.small, fonts.BOLD)
        canvas.setFillColor(look.ink("text"))
        canvas.setFont(fonts.BOLD, look.small)
        canvas.drawString(left, base, head)
        canvas.setFont(fonts.REGULAR, look.small)
        canvas.drawRightString(left + self.each, base, card.aside)


def rows(look: Look, cards: Sequence[Card], columns: int, picture: float | None) -> list[Row]:
    """All `cards`, row by row."""
    return [
        Row(look, cards[start : start + columns], columns, picture)
        for start in range(0, len(cards), columns)
    ]


def set_text(
    canvas: Any, look: Look, at: tuple[float, float], text: str, width: float, ink: str
) -> None:
    """One small line of text from the data, shortened to `width`."""
    canvas.setFillColor(look.ink(ink))
    canvas.setFont(fonts.REGULAR, look.small)
    canvas.drawString(*at, printable_text.fit(text, width, look.small))


def draw_jpeg(
    canvas: Any, look: Look, jpeg: bytes | None, box: tuple[float, float, float, float]
) -> None:
    """A picture letterboxed into (left, bottom, width, height), or words that there is none."""
    left, bottom, width, height = box
    if jpeg is not None:
        reader = ImageReader(io.BytesIO(jpeg))
        canvas.drawImage(reader, left, bottom, width, height, preserveAspectRatio=True, anchor="c")
        return
    canvas.setFillColor(look.ink("quiet"))
    canvas.setFont(fonts.REGULAR, look.small)
    canvas.drawCentredString(left + width / 2, bottom + height / 2, "no picture")
