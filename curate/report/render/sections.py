"""A PDF from sections: titles, how-to-read lines, page breaks, and sections that fail.

Equal sections give equal bytes: the PDF contains no time and no host name. A section that
cannot be drawn is replaced by a line with the error, so that a drawing error never loses a run.
To find it, each section is drawn alone, because the layout of ReportLab has state; this second
build happens only after an error.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from reportlab import rl_config
from reportlab.platypus import AnchorFlowable, KeepTogether, PageBreak

from curate.report.render.document import Document, DocumentInfo, SectionTitle
from curate.report.render.style import PageStyle

Story = list[Any]

GAP = 28.0  # between two sections on one page


class DocumentSection(NamedTuple):
    """A section of a document, ready to be drawn.

    below_last  whether it goes on the page of the section before, if there is room
    """

    bookmark: str
    title: str
    how_to_read: str
    draw: Callable[[], Story]
    below_last: bool = False


def make_pdf(
    style: PageStyle,
    document_info: DocumentInfo,
    sections: Mapping[str, DocumentSection],
    broken: Mapping[str, str],
) -> bytes:
    """The PDF of the sections, in their order.

    broken  section -> the error that it failed with already; its page says so
    """
    with plain_streams():
        try:
            return _pages(style, document_info, _build(style, sections, broken))
        except Exception:  # drawing each section alone shows which one failed
            failed = {
                name: error
                for name in sections
                if (error := _drawing_error(style, document_info, sections, name))
            }
        try:
            return _pages(style, document_info, _build(style, sections, {**broken, **failed}))
        except Exception as error:  # no section fails alone: then each page says why all failed
            all_broken = dict.fromkeys(sections, error_summary(error))
            return _pages(style, document_info, _build(style, sections, all_broken))


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
    style: PageStyle, sections: Mapping[str, DocumentSection], broken: Mapping[str, str]
) -> Story:
    story: Story = []
    for name, section in sections.items():
        body = (
            _failed(style, section, name, broken[name])
            if name in broken
            else _section(style, section, name)
        )
        if story and name not in broken and section.below_last:
            story += [style.gap(GAP), KeepTogether(body)]
        else:
            story += [PageBreak(), *body] if story else body
    return story or [style.paragraph("This report has nothing to show.")]


def _section(style: PageStyle, section: DocumentSection, name: str) -> Story:
    """Title, how-to-read line and body of a section."""
    return [
        SectionTitle(section.title, style, name, section.bookmark),
        style.paragraph(section.how_to_read, "how"),
        *section.draw(),
    ]


def _failed(style: PageStyle, section: DocumentSection, name: str, error: str) -> Story:
    """A page with the error of a section."""
    return [
        SectionTitle(section.bookmark, style, name, section.bookmark),
        style.paragraph(f"This page could not be drawn: {error}", "note"),
    ]


def _drawing_error(
    style: PageStyle,
    document_info: DocumentInfo,
    sections: Mapping[str, DocumentSection],
    name: str,
) -> str | None:
    """The error of a section when it is drawn alone; None if it can be drawn."""
    try:
        # Links to the other sections need a target.
        others = [AnchorFlowable(other) for other in sections if other != name]
        _pages(style, document_info, [*others, *_section(style, sections[name], name)])
    except Exception as error:  # any error: the page prints it
        return error_summary(error)
    return None


def _pages(style: PageStyle, document_info: DocumentInfo, story: Story) -> bytes:
    buffer = io.BytesIO()
    Document(buffer, style, document_info).write(story)
    return buffer.getvalue()
