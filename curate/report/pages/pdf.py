"""The PDF of a report, from the report, its thumbnails and a template; nothing is computed here.

The same three give the same bytes: nothing comes from the fields that a second run may change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from curate.report.pages import selection_comparison
from curate.report.pages.page import PageContext, PageHead, Section
from curate.report.pages.selection import SECTIONS
from curate.report.pages.spaces import SPACE_SECTIONS
from curate.report.pages.spaces.shorten_names import short_names
from curate.report.render.document import DocumentInfo
from curate.report.render.numbers import count
from curate.report.render.sections import DocumentSection, error_summary, make_pdf
from curate.report.render.style import PageStyle
from curate.report.render.template import Template
from curate.report.words.selection import how_to_read
from curate.schema.report import Report
from curate.schema.selection_comparison import Comparison
from curate.schema.space_reports import SpaceReport


def render(report: Report, thumbnails: Mapping[str, bytes], template: Template) -> bytes:
    """The PDF of a selection, as bytes."""
    sections: dict[str, Section] = {name: SECTIONS[name] for name in template.sections}
    heads, broken = _page_heads(
        sections,
        title=lambda section: section.title(report),
        how=lambda name: how_to_read(report, name, template.how(name)),
    )
    page = PageContext(
        report, thumbnails, PageStyle(template), _item_kind(report, thumbnails), heads
    )
    return _draw(page, sections, broken, _selection_info(report, template))


def render_spaces(
    report: SpaceReport, template: Template, thumbnails: Mapping[str, bytes] = {}
) -> bytes:
    """The PDF of a report about spaces, as bytes."""
    style, sections = PageStyle(template), SPACE_SECTIONS[report.kind]
    names = short_names(report, style)
    heads, broken = _page_heads(
        sections,
        title=lambda section: section.title(report, lambda name: names.get(name, name)),
        how=lambda name: sections[name].how_to_read,
    )
    kind = "images" if thumbnails else "vectors"
    page = PageContext(report, thumbnails, style, kind, heads, names)
    info = DocumentInfo(
        title=f"{report.kind.capitalize()}: {report.name}",
        name=report.name,
        version=report.made.versions.get("curate", ""),
    )
    return _draw(page, sections, broken, info)


def render_comparison(comparison: Comparison, template: Template) -> bytes:
    """The PDF of a comparison of selections, as bytes."""
    sections = selection_comparison.SECTIONS
    heads, broken = _page_heads(
        sections,
        title=lambda section: section.title(comparison),
        how=lambda _: selection_comparison.how_to_read(comparison),
    )
    page = PageContext(comparison, {}, PageStyle(template), comparison.kind, heads)
    info = DocumentInfo(
        title=f"{comparison.data_name}: {len(comparison.selections)} selections",
        name=comparison.data_name,
        version=comparison.curate,
    )
    return _draw(page, sections, broken, info)


def _page_heads(
    sections: Mapping[str, Section],
    title: Callable[[Section], str | None],
    how: Callable[[str], str],
) -> tuple[dict[str, PageHead], dict[str, str]]:
    """The head of each section that has something to show, and the error of each that fails."""
    heads: dict[str, PageHead] = {}
    broken: dict[str, str] = {}
    for name, section in sections.items():
        try:
            sentence = title(section)
            if sentence is not None:
                heads[name] = PageHead(section.bookmark, sentence, how(name))
        except Exception as error:  # any error: the page prints it
            broken[name] = error_summary(error)
            heads[name] = PageHead(section.bookmark, section.bookmark, "")
    return heads, broken


def _draw(
    page: PageContext[Any],
    sections: Mapping[str, Section],
    broken: dict[str, str],
    info: DocumentInfo,
) -> bytes:
    """The document of the sections that have a head."""
    drawn = {
        name: DocumentSection(
            head.bookmark,
            head.title,
            head.how_to_read,
            partial(sections[name].draw, page),
            sections[name].below_last(page.report),
        )
        for name, head in page.heads.items()
    }
    return make_pdf(page.style, info, drawn, broken)


def _item_kind(report: Report, thumbnails: Mapping[str, bytes]) -> str:
    """The kind of the items; images without a single thumbnail are shown by their ids."""
    kind = report.provenance.kind
    if kind == "images" and not any(item.id in thumbnails for item in report.selection.items):
        return "vectors"
    return kind


def _selection_info(report: Report, template: Template) -> DocumentInfo:
    """The template's title with the report's names and counts."""
    title = template.title
    for key, value in (
        ("{data_name}", report.provenance.data_name),
        ("{selected}", count(report.counts.selected)),
        ("{input}", count(report.counts.input)),
    ):
        title = title.replace(key, value)
    return DocumentInfo(
        title, report.provenance.data_name, report.provenance.versions.get("curate", "")
    )
