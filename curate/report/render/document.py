"""Pages: frame, footer, bookmarks, and page numbers that know how many pages there are.

What is known only at the end ("3 of 14", the page a line of the contents points to) is
drawn as a PDF form that is referred to first and filled last, so one pass is enough.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
)
from reportlab.platypus.doctemplate import ActionFlowable

from curate.report.render import fonts
from curate.report.render.printable_text import printable, printable_markup, shortened
from curate.report.render.style import FOOTER, PageStyle

UNSEEN = (ActionFlowable, CondPageBreak, PageBreak, Spacer)


class SectionTitle(Paragraph):  # type: ignore[misc]
    """The finding at the head of a section: a bookmark and a place to link to."""

    def __init__(self, finding: str, style: PageStyle, key: str, bookmark: str) -> None:
        text = _kept_together(finding)
        super().__init__(printable_markup(text), style.paragraph_style("title"))
        self.finding = printable(finding)
        self.words = printable(text).split(" ")
        self.size = style.title
        self.key = key
        self.bookmark = bookmark

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Lines of about equal length, as many as the full width needs: no last word alone."""
        _, tall = super().wrap(width, height)
        longest = max(fonts.measure(word, self.size, fonts.BOLD) for word in self.words)
        narrow, wide = min(max(width / 2, longest + 1), width), width
        for _ in range(8):
            middle = (narrow + wide) / 2
            same = super().wrap(middle, height)[1] <= tall
            narrow, wide = (narrow, middle) if same else (middle, wide)
        super().wrap(wide, height)
        return width, tall

    def draw(self) -> None:
        """Draw it, and tell the figures below what they show."""
        self.canv.finding = self.finding
        super().draw()


def _kept_together(finding: str) -> str:
    """No line break inside a short parenthesis: its two numbers are read as one thing."""
    return re.sub(r"\([^()]{1,32}\)", lambda found: found[0].replace(" ", "\u00a0"), finding)


class SectionPageNumber(Flowable):  # type: ignore[misc]
    """The number of the page where section `key` begins, known at the end."""

    def __init__(self, key: str, style: PageStyle, width: float) -> None:
        super().__init__()
        self.key = key
        self.width = width
        self.height = style.small

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Size on the page."""
        return self.width, self.height

    def draw(self) -> None:
        """Refer to the form."""
        self.canv.saveState()
        self.canv.translate(self.width, 0)
        self.canv.asked.add(self.key)
        self.canv.doForm(f"page-of-{self.key}")
        self.canv.restoreState()


class _Canvas(Canvas):  # type: ignore[misc]
    """Fills in what is known only when all pages are made."""

    style: PageStyle

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.finding = ""  # of the page: what its figures are described by
        self.begins: dict[str, int] = {}
        self.asked: set[str] = set()

    def save(self) -> None:
        """Define the forms, then write the file."""
        pages = self.getPageNumber() - 1
        for page in range(1, pages + 1):
            self._form(f"folio-{page}", f"{page} of {pages}")
        for key in sorted(self.asked):
            self._form(f"page-of-{key}", str(self.begins.get(key, "")))
        super().save()

    def _form(self, name: str, text: str) -> None:
        """A form with `text` ending at the origin."""
        size = self.style.small
        self.beginForm(name, -100, -size, 10, 2 * size)
        self.setFillColor(self.style.ink("quiet"))
        self.setFont(fonts.REGULAR, size)
        self.drawRightString(0, 0, text)
        self.endForm()


class DocumentInfo(NamedTuple):
    """What a document says of itself: its title, the name of the data, the version of curate."""

    title: str
    name: str
    version: str


class Document(BaseDocTemplate):  # type: ignore[misc]
    """The document of one report."""

    def __init__(self, target: Any, style: PageStyle, document_info: DocumentInfo) -> None:
        self.document_info = document_info
        self.style = style
        self.section = ""
        self.begun = False  # whether anything stands on this page yet
        self.continued = ""  # the section that runs over from the page before
        super().__init__(
            target,
            pagesize=style.page,
            pageCompression=1,
            invariant=1,
            lang=style.template.language,
            title=printable(document_info.title),
            author="",
            subject=printable(document_info.name),
            creator=f"curate {document_info.version}".strip(),
            displayDocTitle=True,
        )
        bottom = style.margin + FOOTER
        frame = Frame(style.margin, bottom, style.width, style.height, 0, 0, 0, 0, id="page")
        self.addPageTemplates(PageTemplate("page", [frame], onPageEnd=self._finish_page))

    def write(self, story: list[Any]) -> None:
        """Lay out `story` and write the file."""
        style = self.style

        class Bound(_Canvas):
            pass

        Bound.style = style
        self.build(story, canvasmaker=Bound)

    def afterFlowable(self, flowable: Any) -> None:  # noqa: N802 - ReportLab's name
        """Bookmark each title where it came to stand."""
        if isinstance(flowable, SectionTitle):
            self.canv.bookmarkPage(flowable.key)
            self.canv.addOutlineEntry(flowable.bookmark, flowable.key, level=0)
            self.canv.begins[flowable.key] = self.canv.getPageNumber()
            self.section = flowable.bookmark
        elif isinstance(flowable, UNSEEN):
            return
        elif not self.begun:
            self.continued = self.section
        self.begun = True

    def _finish_page(self, canvas: Any, _document: Any) -> None:
        """Footer, and on further pages of a section a line that says which."""
        style = self.style
        canvas.saveState()
        canvas.setFillColor(style.ink("quiet"))
        canvas.setFont(fonts.REGULAR, style.small)
        if self.continued:
            top = style.page[1] - style.margin + 6
            canvas.drawString(style.margin, top, f"{self.continued}, continued")
        base = style.margin
        ours = printable(style.template.footer)
        middle = style.page[0] / 2
        room = style.width / 2 - fonts.measure(ours, style.small) / 2 - 12
        name = shortened(self.document_info.name, room, style.small)
        canvas.drawString(style.margin, base, name)
        canvas.drawCentredString(middle, base, ours)
        canvas.translate(style.page[0] - style.margin, base)
        canvas.doForm(f"folio-{canvas.getPageNumber()}")
        canvas.restoreState()
        self.begun, self.continued = False, ""
