"""The PDF document: frame, footer, bookmarks and page numbers.

Some text is known only at the end, such as "3 of 14" or the page of a section in the table of
contents. The page refers to a PDF form by name, and the form is defined when all pages are
done, so that one pass is enough.
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

# Flowables that draw nothing.
UNSEEN = (ActionFlowable, CondPageBreak, PageBreak, Spacer)


class SectionTitle(Paragraph):  # type: ignore[misc]
    """The title of a section: its finding, with a bookmark and a link target."""

    def __init__(self, finding: str, style: PageStyle, key: str, bookmark: str) -> None:
        text = _kept_together(finding)
        super().__init__(printable_markup(text), style.paragraph_style("title"))
        self.finding = printable(finding)
        self.words = printable(text).split(" ")
        self.size = style.title
        self.key = key
        self.bookmark = bookmark

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Lines of about equal length, as few as possible; no last word stands alone."""
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
        """Draw the title, and store the finding for the alternative text of the figures below."""
        self.canv.finding = self.finding
        super().draw()


def _kept_together(finding: str) -> str:
    """Without line breaks inside a short parenthesis, so that its two numbers stay together."""
    return re.sub(r"\([^()]{1,32}\)", lambda match: match[0].replace(" ", "\u00a0"), finding)


class SectionPageNumber(Flowable):  # type: ignore[misc]
    """The number of the page on which the section `key` begins; filled in at the end."""

    def __init__(self, key: str, style: PageStyle, width: float) -> None:
        super().__init__()
        self.key = key
        self.width = width
        self.height = style.small

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Width and height on the page, in points."""
        return self.width, self.height

    def draw(self) -> None:
        """Refer to the form with the page number."""
        self.canv.saveState()
        self.canv.translate(self.width, 0)
        self.canv.asked.add(self.key)
        self.canv.doForm(f"page-of-{self.key}")
        self.canv.restoreState()


class _Canvas(Canvas):  # type: ignore[misc]
    """Canvas that fills in page numbers when all pages are done."""

    style: PageStyle

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.finding = ""  # title of the page, for the alternative text of its figures
        self.begins: dict[str, int] = {}
        self.asked: set[str] = set()

    def save(self) -> None:
        """Define the forms with page numbers, then write the file."""
        pages = self.getPageNumber() - 1
        for page in range(1, pages + 1):
            self._form(f"folio-{page}", f"{page} of {pages}")
        for key in sorted(self.asked):
            self._form(f"page-of-{key}", str(self.begins.get(key, "")))
        super().save()

    def _form(self, name: str, text: str) -> None:
        """Define a form with `text`, right-aligned at the origin."""
        size = self.style.small
        self.beginForm(name, -100, -size, 10, 2 * size)
        self.setFillColor(self.style.ink("quiet"))
        self.setFont(fonts.REGULAR, size)
        self.drawRightString(0, 0, text)
        self.endForm()


class DocumentInfo(NamedTuple):
    """Metadata of a document: title, name of the data, version of curate."""

    title: str
    name: str
    version: str


class Document(BaseDocTemplate):  # type: ignore[misc]
    """The PDF document of one report."""

    def __init__(self, target: Any, style: PageStyle, document_info: DocumentInfo) -> None:
        self.document_info = document_info
        self.style = style
        self.section = ""
        self.begun = False  # whether this page has content yet
        self.continued = ""  # the section that continues from the page before
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
        """Add a bookmark for each title, on the page where it was drawn."""
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
        """Draw the footer, and the name of the section on each page after its first."""
        style = self.style
        canvas.saveState()
        canvas.setFillColor(style.ink("quiet"))
        canvas.setFont(fonts.REGULAR, style.small)
        if self.continued:
            top = style.page[1] - style.margin + 6
            canvas.drawString(style.margin, top, f"{self.continued}, continued")
        base = style.margin
        footer = printable(style.template.footer)
        middle = style.page[0] / 2
        room = style.width / 2 - fonts.measure(footer, style.small) / 2 - 12
        name = shortened(self.document_info.name, room, style.small)
        canvas.drawString(style.margin, base, name)
        canvas.drawCentredString(middle, base, footer)
        canvas.translate(style.page[0] - style.margin, base)
        canvas.doForm(f"folio-{canvas.getPageNumber()}")
        canvas.restoreState()
        self.begun, self.continued = False, ""
