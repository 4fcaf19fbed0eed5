"""Fonts of the report: one regular and one bold family, each a chain of fonts.

A character is drawn with the first font of the chain that has it: the font of the template if
there is one, then DejaVu Sans from the files of matplotlib, then Droid Sans Fallback for
Chinese, Japanese and Korean, which is loaded only when needed. Text of pages and of figures uses
the same two families, so that all text is embedded and searchable. All widths come from
`measure`, so that text which fits by `measure` fits on the page.

ReportLab registers fonts globally in the process; `use` sets the chains of both families.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from curate.report.render.bidi import displayed

REGULAR = "DejaVuSans"
BOLD = "DejaVuSans-Bold"
FALLBACK = "DroidSansFallback.ttf"
# PDF viewers cannot search text with later code points (emoji), as ReportLab writes it.
LAST_SEARCHABLE = 0xFFFF
SAME_NAMED: Counter[bytes] = Counter()
SUBSETS = 1000  # more than the subsets of 256 glyphs that ReportLab makes of one font


class Family:
    """A chain of fonts that ReportLab uses like one font.

    Text is given in reading order. It is reordered and shaped here, when a line is measured or
    drawn, so that no other code has to handle right-to-left text.
    """

    _multiByte = 1  # noqa: N815 - ReportLab's names: it measures by `stringWidth`
    _dynamicFont = 1  # noqa: N815 - and embeds the characters passed to `splitString`
    shapable = False

    def __init__(self, name: str) -> None:
        self.fontName = name
        self.use([shipped(name)])

    def use(self, chain: list[Any]) -> None:
        """Draw each character with the first of these fonts that has it, else with the fallback."""
        self.chain = chain
        self.face, self.encoding = chain[0].face, chain[0].encoding
        self.places: dict[str, int | None] = {}
        self.widths: dict[str, float] = {}

    def font(self, place: int) -> Any:
        """The font at a place of the chain; the fallback comes after the last."""
        return self.chain[place] if place < len(self.chain) else fallback()

    def place(self, character: str) -> int | None:
        """Place in the chain of the first font that has the character; None if none has it."""
        if character not in self.places:
            code = ord(character)
            places = (
                i for i in range(len(self.chain) + 1) if code in self.font(i).face.charToGlyph
            )
            self.places[character] = next(places, None) if code <= LAST_SEARCHABLE else None
        return self.places[character]

    def has(self, character: str) -> bool:
        """Whether the character can be drawn."""
        return self.place(character) is not None

    def stringWidth(self, text: str | bytes, size: float, encoding: str = "utf8") -> float:  # noqa: ARG002, N802
        """Width of the text as drawn, in points."""
        widths, total = self.widths, 0.0
        for character in displayed(_decoded(text), self.has):
            wide = widths.get(character)
            if wide is None:
                face = self.font(self.place(character) or 0).face
                wide = face.charWidths.get(ord(character), face.defaultWidth)
                widths[character] = wide
            total += wide
        return 0.001 * size * total

    def splitString(self, text: str | bytes, doc: Any, encoding: str = "utf8") -> Any:  # noqa: ARG002, N802
        """(subset, bytes) for each run of the text, in drawing order.

        The number of a subset also encodes the font: place × SUBSETS + subset of the font.
        """
        runs, run, last = [], "", 0
        for character in displayed(_decoded(text), self.has):
            place = self.place(character) or 0
            if place != last and run:
                runs += self._split(run, last, doc)
                run = ""
            run, last = run + character, place
        return [*runs, *self._split(run, last, doc)]

    def _split(self, run: str, place: int, doc: Any) -> list[tuple[int, bytes]]:
        pieces = self.font(place).splitString(run, doc)
        return [(place * SUBSETS + subset, codes) for subset, codes in pieces]

    def getSubsetInternalName(self, subset: int, doc: Any) -> str:  # noqa: N802
        """The name by which a page refers to a subset."""
        name: str = self.font(subset // SUBSETS).getSubsetInternalName(subset % SUBSETS, doc)
        return name


@cache
def register() -> tuple[Family, Family]:
    """Both families, registered with ReportLab once."""
    from reportlab.pdfbase import pdfmetrics

    both = Family(REGULAR), Family(BOLD)
    for family in both:
        pdfmetrics.registerFont(family)
    pdfmetrics.registerFontFamily(
        REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD
    )
    return both


def use(regular: str, bold: str) -> None:
    """Put these TrueType files first in the chains; an empty path keeps the shipped fonts."""
    for family, own in zip(register(), (regular, bold), strict=True):
        chain = [shipped(family.fontName)]
        family.use([face(own), *chain] if own else chain)


def has(character: str) -> bool:
    """Whether both families can draw the character."""
    return all(family.has(character) for family in register())


def measure(text: str, size: float, font: str = REGULAR) -> float:
    """Width of `text` in points."""
    return register()[font == BOLD].stringWidth(text, size)


def shipped(name: str) -> Any:
    """One of the DejaVu fonts in the files of matplotlib."""
    import matplotlib

    return face(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"))


@cache
def fallback() -> Any:
    """Droid Sans Fallback, for characters that DejaVu lacks."""
    with as_file(files("curate.report.render.typefaces").joinpath(FALLBACK)) as path:
        return face(str(path))


@cache
def face(path: str) -> Any:
    """A TrueType file as a ReportLab font. Raises TTFError or OSError if it cannot be read."""
    from reportlab.pdfbase.ttfonts import TTFont

    font = TTFont(Path(path).stem, path)
    name = font.face.name
    SAME_NAMED[name] += 1
    if (
        SAME_NAMED[name] > 1
    ):  # fonts in a PDF must have different names, but two files may have the same
        font.face.name = name + b"-%d" % SAME_NAMED[name]
    return font


def _decoded(text: str | bytes) -> str:
    return text.decode() if isinstance(text, bytes) else text
