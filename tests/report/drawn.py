"""A drawn report as pypdf reads it back: by something else than what wrote it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from pypdf import PdfReader

from curate.report.render import fonts
from curate.schema.report import Report


@dataclass(frozen=True)
class Drawn:
    """A report and its PDF."""

    report: Report
    pdf: bytes

    @cached_property
    def reader(self) -> PdfReader:
        """The PDF, parsed by something else than what wrote it."""
        return PdfReader(io.BytesIO(self.pdf))

    @cached_property
    def pages(self) -> list[str]:
        """The text of each page, on one line, with plain spaces."""
        return [plain(page.extract_text()) for page in self.reader.pages]

    def page_of(self, bookmark: str) -> int:
        """Number, from 0, of the page that a bookmark leads to."""
        for entry in self.reader.outline:
            if entry.title == bookmark:
                return self.reader.get_destination_page_number(entry)
        raise AssertionError(f"no bookmark {bookmark}")

    def page(self, bookmark: str) -> str:
        """Text of the page that a bookmark leads to."""
        return self.pages[self.page_of(bookmark)]


Draw = Callable[..., Drawn]  # draws a made-up report of what is wanted


def plain(text: str) -> str:
    """`text` with every white space as one blank."""
    return " ".join(text.replace("\u00a0", " ").split())


def beyond_margins(reader: PdfReader, margin: float) -> list[str]:
    """Pieces of text that begin or end outside the margins of their page."""
    folio = re.compile(r"\d+( of \d+)?")  # drawn in a form, whose place pypdf does not tell
    outside = []
    for page in reader.pages:
        right = float(page.mediabox.width) - margin
        found: list[tuple[float, str, float]] = []

        def visit(
            text: str, cm: list[float], tm: list[float], _font: object, size: float,
            found: list[tuple[float, str, float]] = found,
        ) -> None:  # fmt: skip
            if text.strip() and not folio.fullmatch(text.strip()):
                found.append((tm[4] * cm[0] + cm[4], text.strip(), size))

        page.extract_text(visitor_text=visit)
        assert found
        for x, text, size in found:
            wide = 0.0 if "\n" in text else fonts.measure(plain(text), size)
            if x < margin - 0.5 or x + wide > right + 5:  # spaces may shrink
                outside.append(text)
    return outside
