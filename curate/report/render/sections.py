"""A document from its sections: titles, how-to-read lines, page breaks, and what fails.

The same sections give the same bytes: no clock, no host. A section that cannot be drawn
is replaced by one line that says so; the others stay, and no run is lost to a drawing.
ReportLab's layout is stateful, so such a section costs a second build, and only then.
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
    """A section of a document, ready to be drawn; its title is in `DocumentContent.findings`."""

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
    """The PDF of the sections that `content` has findings for.

    broken  section -> what went wrong already; it gets a page that says so
    """
    with plain_streams():
        try:
            return _pages(content, document_info, _build(content, entries, broken))
        except Exception:  # which section it was shows when each is drawn alone
            for name in content.findings:
                if why := _trouble(content, document_info, entries, name):
                    broken[name] = why
        try:
            return _pages(content, document_info, _build(content, entries, broken))
        except Exception as error:  # no section fails alone: then each says why all did
            broken = dict.fromkeys(content.findings, error_summary(error))
            return _pages(content, document_info, _build(content, entries, broken))


def error_summary(error: Exception) -> str:
    """What an error says, for a page that could not be drawn."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:160] if lines else 'no message'}"


@contextmanager
def plain_streams() -> Iterator[None]:
    """Streams as plain bytes: ReportLab's default wraps them in ASCII, a quarter larger."""
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
    """Title, how to read it, and the body."""
    return [
        SectionTitle(content.findings[name], content.style, name, entry.bookmark),
        content.style.paragraph(entry.how(), "how"),
        *entry.draw(),
    ]


def _failed(content: DocumentContent, entry: DocumentSection, name: str, trouble: str) -> Story:
    """A page that says what went wrong."""
    return [
        SectionTitle(entry.bookmark, content.style, name, entry.bookmark),
        content.style.paragraph(f"This page could not be drawn: {trouble}", "note"),
    ]


def _trouble(
    content: DocumentContent,
    document_info: DocumentInfo,
    entries: Mapping[str, DocumentSection],
    name: str,
) -> str | None:
    """What goes wrong when this section is drawn alone; None if nothing does."""
    try:
        # Links to the other sections need somewhere to lead.
        others = [AnchorFlowable(other) for other in content.findings if other != name]
        _pages(content, document_info, [*others, *_section(content, entries[name], name)])
    except Exception as error:  # anything: the page says what
        return error_summary(error)
    return None


def _pages(content: DocumentContent, document_info: DocumentInfo, story: Story) -> bytes:
    buffer = io.BytesIO()
    Document(buffer, content.style, document_info).write(story)
    return buffer.getvalue()
