"""report.pdf from a Report, its thumbnails and a template; nothing is computed here.

The same three give the same bytes: nothing comes from the fields that a second run may
change.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from curate.report.build.load import load_report
from curate.report.build.thumbnails import thumbnails_beside
from curate.report.pages.selection import SECTIONS
from curate.report.pages.sheet import Sheet
from curate.report.render.document import DocumentInfo
from curate.report.render.numbers import count
from curate.report.render.sections import DocumentSection, error_summary, make_pdf
from curate.report.render.style import PageStyle
from curate.report.render.template import Template
from curate.report.words import selection
from curate.schema.report import Report


def render(report: Report, thumbnails: Mapping[str, bytes], template: Template) -> bytes:
    """The PDF, as bytes."""
    broken: dict[str, str] = {}
    sheet = Sheet(report, thumbnails, PageStyle(template), _findings(report, template, broken))
    entries = {
        name: DocumentSection(
            SECTIONS[name].bookmark,
            partial(selection.how_to_read, report, name, template.how(name)),
            partial(SECTIONS[name].draw, sheet),
            partial(SECTIONS[name].short, report),
        )
        for name in sheet.findings
    }
    return make_pdf(sheet, _document_info(sheet), entries, broken)


def render_file(report_json: Path, template: Template) -> bytes:
    """The PDF of a report.json and the thumbnails beside it.

    Raises DataError where there is no report. Without its thumbnails the report still is one.
    """
    report = load_report(report_json)
    folder = report_json if report_json.is_dir() else report_json.parent
    return render(report, thumbnails_beside(folder, report.selection.thumbnails), template)


def _findings(report: Report, template: Template, broken: dict[str, str]) -> dict[str, str]:
    """The title of each section that has something to show; what fails goes into `broken`."""
    found: dict[str, str] = {}
    for name in template.sections:
        try:
            finding = SECTIONS[name].finding(report)
        except Exception as error:  # anything: the page says what
            broken[name] = error_summary(error)
            finding = SECTIONS[name].bookmark
        if finding is not None:
            found[name] = finding
    return found


def _document_info(sheet: Sheet) -> DocumentInfo:
    """The template's title with the report's names and counts."""
    report = sheet.report
    title = sheet.template.title
    for key, value in (
        ("{data_name}", report.provenance.data_name),
        ("{selected}", count(report.counts.selected)),
        ("{input}", count(report.counts.input)),
    ):
        title = title.replace(key, value)
    return DocumentInfo(
        title, report.provenance.data_name, report.provenance.versions.get("curate", "")
    )
