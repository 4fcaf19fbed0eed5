"""A PDF from sections: titles, how-to-read lines, page breaks, and sections that fail.

Equal sections give equal bytes: the PDF contains no time and no host name. A section that
cannot be drawn is replaced by a line with the error, so that a drawing error never loses a run.
To find it, each section is drawn alone, because the layout of ReportLab has state; this second
build happens only after an error.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from reportlab import rl_config
from reportlab.platypus import AnchorFlowable, KeepTogether, PageBreak

from curate.report.render.document import Document, DocumentInfo, SectionTitle
from curate.report.render.style import PageStyle
from curate.report.render.template import Template

Story = list[Any]

GAP = 28.0  # between two sections on one page


class DocumentContent:
    """What the pages of a document are drawn from.

    style     fonts, colours and sizes
    findings  section -> its title, for sections that have something to show, in order
    """

    style: PageStyle
    findings: Mapping[str, str]

    @property
    def template(self) -> Template:
        """The settings of the layout that the user chose."""
        return self.style.template

    def foot(self, *sentences: str) -> Any:
        """The small line under a figure; empty sentences are left out."""
        return self.style.paragraph(
            " ".join(sentence for sentence in sentences if sentence), "foot"
        )

    def room(self, title: str, how: str) -> float:
        """Points left on a page below its title and how-to-read line."""
        head = [self.style.paragraph(title, "title"), self.style.paragraph(how, "how")]
        free: float = self.style.height - self.height(head)
        return free

    def height(self, story: Sequence[Any]) -> float:
        """Upper bound on the height of flowables one below the other, in points."""
        wide, high = self.style.width, self.style.height
        each = (
            flowable.wrap(wide, high)[1] + flowable.getSpaceBefore() + flowable.getSpaceAfter()
            for flowable in story
        )
        return float(sum(each))


class DocumentSection(NamedTuple):
    """A section ready to be drawn; its title is in `DocumentContent.findings`.

    how    the how-to-read line
    draw   the flowables below it
    short  whether the section may share a page with the section before
    """

    bookmark: str
    how: Callable[[], str]
    draw: Callable[[], Story]
    short: Callable[[], bool] = lambda: False


def make_pdf(
    content: DocumentContent,
    document_info: DocumentInfo,
    entries: Mapping[str, DocumentSection],
    broken: dict[str, str],
) -> bytes:
    """The PDF of the sections for which `content` has a finding.

    broken  section -> error, for sections that failed already; the PDF shows the error
    """
    with plain_streams():
        try:
            return _pages(content, document_info, _build(content, entries, broken))
        except Exception:  # drawing each section alone shows which one failed
            for name in content.findings:
                if why := _error_alone(content, document_info, entries, name):
                    broken[name] = why
        try:
            return _pages(content, document_info, _build(content, entries, broken))
        except Exception as error:  # no section fails alone: show the error in all
            broken = dict.fromkeys(content.findings, error_summary(error))
            return _pages(content, document_info, _build(content, entries, broken))


def error_summary(error: Exception) -> str:
    """Type and first line of an error, for a page that could not be drawn."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:160] if lines else 'no message'}"


@contextmanager
def plain_streams() -> Iterator[None]:
    """Context that writes PDF streams as bytes; ReportLab's ASCII default is a quarter larger."""
    before = rl_config.useA85
    rl_config.useA85 = 0
    try:
        yield
    finally:
        rl_config.useA85 = before


def _build(
    content: DocumentContent, entries: Mapping[str, DocumentSection], broken: Mapping[str, str]
) -> Story:
    story: Story = []
    for name in content.findings:
        entry = entries[name]
        part = (
            _failed(content, entry, name, broken[name])
            if name in broken
            else _section(content, entry, name)
        )
        if story and name not in broken and entry.short():
            story += [content.style.gap(GAP), KeepTogether(part)]
        else:
            story += [PageBreak(), *part] if story else part
    return story or [content.style.paragraph("This report has nothing to show.")]


def _section(content: DocumentContent, entry: DocumentSection, name: str) -> Story:
    """Title, how-to-read line and body of a section."""
    return [
        SectionTitle(content.findings[name], content.style, name, entry.bookmark),
        content.style.paragraph(entry.how(), "how"),
        *entry.draw(),
    ]


def _failed(content: DocumentContent, entry: DocumentSection, name: str, error: str) -> Story:
    """A page with the error of a section."""
    return [
        SectionTitle(entry.bookmark, content.style, name, entry.bookmark),
        content.style.paragraph(f"This page could not be drawn: {error}", "note"),
    ]


def _error_alone(
    content: DocumentContent,
    document_info: DocumentInfo,
    entries: Mapping[str, DocumentSection],
    name: str,
) -> str | None:
    """The error of this section when it is drawn alone; None without an error."""
    try:
        # Links to the other sections need a target.
        others = [AnchorFlowable(other) for other in content.findings if other != name]
        _pages(content, document_info, [*others, *_section(content, entries[name], name)])
    except Exception as error:  # any error: the page shows it
        return error_summary(error)
    return None


def _pages(content: DocumentContent, document_info: DocumentInfo, story: Story) -> bytes:
    buffer = io.BytesIO()
    Document(buffer, content.style, document_info).write(story)
    return buffer.getvalue()
