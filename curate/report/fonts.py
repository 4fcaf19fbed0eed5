"""The one type family of the report: DejaVu Sans, from the files that matplotlib carries.

Page and figure text go through the same two embedded fonts, so that all of it is
searchable. `measure` is the only judge of widths: what it says fits, fits.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

REGULAR = "DejaVuSans"
BOLD = "DejaVuSans-Bold"
# ReportLab writes the text layer of later code points (emoji) so that no reader finds them.
LAST_SEARCHABLE = 0xFFFF


@cache
def register() -> None:
    """Make both fonts known to ReportLab, once."""
    import matplotlib
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    pdfmetrics.registerFontFamily(
        REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD
    )


@cache
def glyphs() -> frozenset[int]:
    """Code points that both fonts can draw."""
    from reportlab.pdfbase import pdfmetrics

    register()
    covered = [set(pdfmetrics.getFont(name).face.charToGlyph) for name in (REGULAR, BOLD)]
    return frozenset(code for code in covered[0] & covered[1] if code <= LAST_SEARCHABLE)


def measure(text: str, size: float, font: str = REGULAR) -> float:
    """Width of `text` in points."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    register()
    return float(stringWidth(text, font, size))
