"""The template as ReportLab objects: page size, frame, colours, paragraph styles.

Also the line style of each set of items, which distinguishes sets in grey print, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, Spacer

from curate.report.render import fonts
from curate.report.render.printable_text import printable_markup
from curate.report.render.template import Template

PAGE_SIZES = {"A4": A4, "Letter": LETTER}
DARKER = 0.74
FOOTER = 18.0  # points kept free for the footer above the bottom margin


@dataclass(frozen=True)
class SetStyle:
    """Name and line style of a set of items, the same on every page.

    dashes  as matplotlib takes a line style
    width   of the line, in points
    fill    opacity of the area under its histogram
    """

    name: str
    dashes: tuple[float, tuple[float, ...]] | str
    width: float
    fill: float


SETS = {
    "input": SetStyle("input", (0, (1, 1)), 1.2, 0.16),
    "random": SetStyle("random", (0, (5, 2)), 1.2, 0.0),
    "datapool": SetStyle("datapool", (0, (6, 2, 1, 2)), 1.2, 0.0),
    "union": SetStyle("selected ∪ datapool", (0, (3, 1, 1, 1, 1, 1)), 1.2, 0.0),
    "selected": SetStyle("selected", "-", 1.8, 0.16),
}


class PageStyle:
    """Page size, fonts, colours and paragraph styles of a template. Lengths are in points."""

    def __init__(self, template: Template) -> None:
        fonts.use(template.font, template.font_bold)
        self.template = template
        self.page = PAGE_SIZES[template.page_size]
        self.margin = template.margin_mm * mm
        self.width = self.page[0] - 2 * self.margin
        self.height = self.page[1] - 2 * self.margin - FOOTER
        self.small = template.size_small
        self.text = template.size_text
        self.title = template.size_title

    def ink(self, name: str) -> Any:
        """ReportLab colour of a set, or of `warning`, `text`, `quiet`, `rule`."""
        return HexColor(self.template.color(name))

    def paragraph_style(self, name: str) -> ParagraphStyle:
        """The ReportLab style with this name in STYLES."""
        size, bold, color, before, after = STYLES[name]
        points = {"title": self.title, "text": self.text, "small": self.small}[size]
        font = fonts.BOLD if bold else fonts.REGULAR
        return ParagraphStyle(
            name,
            fontName=font,
            bulletFontName=font,
            fontSize=points,
            leading=points * (1.22 if size == "title" else 1.4),
            textColor=self.ink(color),
            spaceBefore=before,
            spaceAfter=after,
            splitLongWords=1,
        )

    def paragraph(self, text: str, style: str = "text", bold: str = "") -> Any:
        """A paragraph of `text`, printed as it is, after the `bold` words."""
        lead = f'<font name="{fonts.BOLD}">{printable_markup(bold)}</font> ' if bold else ""
        return Paragraph(lead + printable_markup(text), self.paragraph_style(style))

    def defined(self, texts: list[str], style: str = "text") -> list[Any]:
        """One paragraph for each text; the term before the first colon is bold."""
        paragraphs = []
        for text in texts:
            term, colon, rest = text.partition(": ")
            paragraphs.append(
                self.paragraph(rest, style, term + ":") if colon else self.paragraph(text, style)
            )
        return paragraphs

    def paragraph_list(self, texts: list[str], style: str = "text") -> list[Any]:
        """One paragraph for each text."""
        return [self.paragraph(text, style) for text in texts]

    def label_color(self, name: str) -> str:
        """The colour of a set, darker, so that thin letters are readable on white."""
        parts = [int(self.template.color(name)[place : place + 2], 16) for place in (1, 3, 5)]
        return "#" + "".join(f"{round(DARKER * part):02x}" for part in parts)

    def gap(self, points: float) -> Any:
        """Vertical white space."""
        return Spacer(1, points)


# name -> size, bold, colour, space before, space after
STYLES = {
    "title": ("title", True, "text", 0.0, 7.0),
    "how": ("text", False, "quiet", 0.0, 8.0),
    "text": ("text", False, "text", 0.0, 5.0),
    "note": ("text", False, "warning", 0.0, 4.0),
    "heading": ("text", True, "text", 8.0, 4.0),
    "small": ("small", False, "text", 0.0, 3.0),
    "foot": ("small", False, "quiet", 4.0, 0.0),
    "cell": ("small", False, "text", 0.0, 0.0),
    "cell_bold": ("small", True, "text", 0.0, 0.0),
    "cell_quiet": ("small", False, "quiet", 0.0, 0.0),
}
