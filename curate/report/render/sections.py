"""A document from its sections: titles, how-to-read lines, page breaks, and what fails.

The same sections give the same bytes: no clock, no host. A section that cannot be drawn
is replaced by one line that says so; the others stay, and no run is lost to a drawing.
ReportLab's layout is stateful, so such a section costs a second build, and only then.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from reportlab import rl_config
from reportlab.platypus import AnchorFlowable, KeepTogether, PageBreak

from curate.report.pages.sheet import Page
from curate.report.render.document import Document, DocumentInfo, SectionTitle

Story = list[Any]

GAP = 28.0  # between two sections on one page


class DocumentSection(NamedTuple):
    """A section of a document, ready to be drawn; its title is in `Page.findings`."""

    bookmark: str
    how: Callable[[], str]
    draw: Callable[[], Story]
    short: Callable[[], bool] = lambda: False


def make_pdf(
    page: Page,
    document_info: DocumentInfo,
    entries: Mapping[str, DocumentSection],
    broken: dict[str, str],
) -> bytes:
    """The PDF of the sections that `page` has findings for.

    broken  section -> what went wrong already; it gets a page that says so
    """
    with plain_streams():
        try:
            return _pages(page, document_info, _build(page, entries, broken))
        except Exception:  # which section it was shows when each is drawn alone
            for name in page.findings:
                if why := _trouble(page, document_info, entries, name):
                    broken[name] = why
        try:
            return _pages(page, document_info, _build(page, entries, broken))
        except Exception as error:  # no section fails alone: then each says why all did
            broken = dict.fromkeys(page.findings, error_summary(error))
            return _pages(page, document_info, _build(page, entries, broken))


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


def _build(page: Page, entries: Mapping[str, DocumentSection], broken: Mapping[str, str]) -> Story:
    story: Story = []
    for name in page.findings:
        entry = entries[name]
        part = (
            _failed(page, entry, name, broken[name])
            if name in broken
            else _section(page, entry, name)
        )
        if story and name not in broken and entry.short():
            story += [page.style.gap(GAP), KeepTogether(part)]
        else:
            story += [PageBreak(), *part] if story else part
    return story or [page.style.paragraph("This report has nothing to show.")]


def _section(page: Page, entry: DocumentSection, name: str) -> Story:
    """Title, how to read it, and the body."""
    return [
        SectionTitle(page.findings[name], page.style, name, entry.bookmark),
        page.style.paragraph(entry.how(), "how"),
        *entry.draw(),
    ]


def _failed(page: Page, entry: DocumentSection, name: str, trouble: str) -> Story:
    """A page that says what went wrong."""
    return [
        SectionTitle(entry.bookmark, page.style, name, entry.bookmark),
        page.style.paragraph(f"This page could not be drawn: {trouble}", "note"),
    ]


def _trouble(
    page: Page, document_info: DocumentInfo, entries: Mapping[str, DocumentSection], name: str
) -> str | None:
    """What goes wrong when this section is drawn alone; None if nothing does."""
    try:
        # Links to the other sections need somewhere to lead.
        others = [AnchorFlowable(other) for other in page.findings if other != name]
        _pages(page, document_info, [*others, *_section(page, entries[name], name)])
    except Exception as error:  # anything: the page says what
        return error_summary(error)
    return None


def _pages(page: Page, document_info: DocumentInfo, story: Story) -> bytes:
    buffer = io.BytesIO()
    Document(buffer, page.style, document_info).write(story)
    return buffer.getvalue()
