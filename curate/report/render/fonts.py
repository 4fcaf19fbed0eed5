"""The type of the report: one regular and one bold family, each a chain of fonts.

A character is drawn with the first font of the chain that has it: the template's, if it
names one, then DejaVu Sans, from the files that matplotlib carries, then Droid Sans
Fallback for Chinese, Japanese and Korean, which is read only when it is needed. Page and
figure text go through the same two families, so that all of it is embedded and
searchable. `measure` is the only judge of widths: what it says fits, fits.

Both families are the process's own, as ReportLab wants it: `use` sets what they draw with.
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
# ReportLab writes the text layer of later code points (emoji) so that no reader finds them.
LAST_SEARCHABLE = 0xFFFF
SAME_NAMED: Counter[bytes] = Counter()
SUBSETS = 1000  # more than the parts of 256 glyphs that ReportLab cuts one font into


class Family:
    """Fonts in a chain, in the place of one font of ReportLab.

    Text comes in the order in which it is read; it is turned and shaped here, where a line
    is measured and drawn, so that nobody else has to know of directions.
    """

    _multiByte = 1  # noqa: N815 - ReportLab's names: it measures by `stringWidth`
    _dynamicFont = 1  # noqa: N815 - and embeds what `splitString` was asked for
    shapable = False

    def __init__(self, name: str) -> None:
        self.fontName = name
        self.use([shipped(name)])

    def use(self, chain: list[Any]) -> None:
        """Draw with these fonts, the first that has a character, and at last the fallback."""
        self.chain = chain
        self.face, self.encoding = chain[0].face, chain[0].encoding
        self.places: dict[str, int | None] = {}
        self.widths: dict[str, float] = {}

    def font(self, place: int) -> Any:
        """The font at a place of the chain; the fallback is behind its end."""
        return self.chain[place] if place < len(self.chain) else fallback()

    def place(self, one: str) -> int | None:
        """Which font of the chain has the character, None if none has it."""
        if one not in self.places:
            code = ord(one)
            found = (i for i in range(len(self.chain) + 1) if code in self.font(i).face.charToGlyph)
            self.places[one] = next(found, None) if code <= LAST_SEARCHABLE else None
        return self.places[one]

    def has(self, one: str) -> bool:
        """Whether the character can be drawn."""
        return self.place(one) is not None

    def stringWidth(self, text: str | bytes, size: float, encoding: str = "utf8") -> float:  # noqa: ARG002, N802
        """Width in points, as drawn."""
        widths, total = self.widths, 0.0
        for one in displayed(_decoded(text), self.has):
            wide = widths.get(one)
            if wide is None:
                face = self.font(self.place(one) or 0).face
                wide = widths[one] = face.charWidths.get(ord(one), face.defaultWidth)
            total += wide
        return 0.001 * size * total

    def splitString(self, text: str | bytes, doc: Any, encoding: str = "utf8") -> Any:  # noqa: ARG002, N802
        """(subset, bytes) of the text in the order of drawing; a subset names a font, too."""
        made, run, last = [], "", 0
        for one in displayed(_decoded(text), self.has):
            place = self.place(one) or 0
            if place != last and run:
                made += self._split(run, last, doc)
                run = ""
            run, last = run + one, place
        return [*made, *self._split(run, last, doc)]

    def _split(self, run: str, place: int, doc: Any) -> list[tuple[int, bytes]]:
        pieces = self.font(place).splitString(run, doc)
        return [(place * SUBSETS + subset, codes) for subset, codes in pieces]

    def getSubsetInternalName(self, subset: int, doc: Any) -> str:  # noqa: N802
        """The name by which a page asks for a subset."""
        name: str = self.font(subset // SUBSETS).getSubsetInternalName(subset % SUBSETS, doc)
        return name


@cache
def register() -> tuple[Family, Family]:
    """Both families, made known to ReportLab once."""
    from reportlab.pdfbase import pdfmetrics

    both = Family(REGULAR), Family(BOLD)
    for family in both:
        pdfmetrics.registerFont(family)
    pdfmetrics.registerFontFamily(
        REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD
    )
    return both


def use(regular: str, bold: str) -> None:
    """Draw with these TrueType files where they have a character; empty for none."""
    for family, own in zip(register(), (regular, bold), strict=True):
        chain = [shipped(family.fontName)]
        family.use([face(own), *chain] if own else chain)


def has(one: str) -> bool:
    """Whether both families can draw the character."""
    return all(family.has(one) for family in register())


def measure(text: str, size: float, font: str = REGULAR) -> float:
    """Width of `text` in points."""
    return register()[font == BOLD].stringWidth(text, size)


def shipped(name: str) -> Any:
    """One of the DejaVu fonts that matplotlib carries."""
    import matplotlib

    return face(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"))


@cache
def fallback() -> Any:
    """Droid Sans Fallback, for what DejaVu lacks."""
    with as_file(files("curate.report.render.typefaces").joinpath(FALLBACK)) as path:
        return face(str(path))


@cache
def face(path: str) -> Any:
    """A TrueType file as a font of ReportLab. Raises TTFError or OSError if it is none."""
    from reportlab.pdfbase.ttfonts import TTFont

    font = TTFont(Path(path).stem, path)
    name = font.face.name
    SAME_NAMED[name] += 1
    if SAME_NAMED[name] > 1:  # a PDF tells fonts apart by their names, and two files may share one
        font.face.name = name + b"-%d" % SAME_NAMED[name]
    return font


def _decoded(text: str | bytes) -> str:
    return text.decode() if isinstance(text, bytes) else text
