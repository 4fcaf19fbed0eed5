"""report.pdf from a Report, its thumbnails and a template; nothing is computed here.

The same three give the same bytes: no clock, no host, nothing from the fields that a
second run may change. A section that cannot be drawn is replaced by one line that says
so; the others stay. ReportLab's layout is stateful, so such a section costs a second
build, and only then.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reportlab import rl_config
from reportlab.platypus import AnchorFlowable, KeepTogether, PageBreak

from curate.report import words
from curate.report.document import Document, Imprint, Title
from curate.report.load import load_report
from curate.report.look import Look
from curate.report.model import Report
from curate.report.numbers import count
from curate.report.sections import SECTIONS
from curate.report.sheet import Sheet
from curate.report.template import Template
from curate.report.thumbnails import read

Story = list[Any]

GAP = 28.0  # between two sections on one page


def render(report: Report, thumbnails: Mapping[str, bytes], template: Template) -> bytes:
    """The PDF, as bytes."""
    broken: dict[str, str] = {}
    sheet = Sheet(report, thumbnails, Look(template), _findings(report, template, broken))
    with plain_streams():
        try:
            return _build(sheet, broken)
        except Exception:  # which section it was shows when each is drawn alone
            for name in sheet.findings:
                if why := _trouble(sheet, name):
                    broken[name] = why
            return _build(sheet, broken)


def render_file(report_json: Path, template: Template) -> bytes:
    """The PDF of a report.json and the thumbnails beside it.

    Raises DataError where there is no report. Without its thumbnails the report still is one.
    """
    report = load_report(report_json)
    folder = report_json if report_json.is_dir() else report_json.parent
    name = report.selection.thumbnails
    # Only a plain name: report.json must not make us open files elsewhere.
    side = folder / Path(name).name if name else None
    thumbnails = read(side) if side is not None and side.is_file() else {}
    return render(report, thumbnails, template)


@contextmanager
def plain_streams() -> Iterator[None]:
    """Streams as plain bytes: ReportLab's default wraps them in ASCII, a quarter larger."""
    before = rl_config.useA85
    rl_config.useA85 = 0
    try:
        yield
    finally:
        rl_config.useA85 = before


def _findings(report: Report, template: Template, broken: dict[str, str]) -> dict[str, str]:
    """The title of each section that has something to show; what fails goes into `broken`."""
    found: dict[str, str] = {}
    for name in template.sections:
        try:
            finding = SECTIONS[name].finding(report)
        except Exception as error:  # anything: the page says what
            broken[name] = _first_line(error)
            finding = SECTIONS[name].bookmark
        if finding is not None:
            found[name] = finding
    return found


def _build(sheet: Sheet, broken: Mapping[str, str]) -> bytes:
    story: Story = []
    for name in sheet.findings:
        part = _failed(sheet, name, broken[name]) if name in broken else _section(sheet, name)
        if story and SECTIONS[name].short(sheet.report):
            story += [sheet.look.gap(GAP), KeepTogether(part)]
        else:
            story += [PageBreak(), *part] if story else part
    return _pages(sheet, story or [sheet.look.paragraph("This report has nothing to show.")])


def _section(sheet: Sheet, name: str) -> Story:
    """Title, how to read it, and the body."""
    section = SECTIONS[name]
    return [
        Title(sheet.findings[name], sheet.look, name, section.bookmark),
        sheet.look.paragraph(words.how(sheet.report, name, sheet.template.how(name)), "how"),
        *section.draw(sheet),
    ]


def _failed(sheet: Sheet, name: str, trouble: str) -> Story:
    """A page that says what went wrong."""
    bookmark = SECTIONS[name].bookmark
    return [
        Title(bookmark, sheet.look, name, bookmark),
        sheet.look.paragraph(f"This page could not be drawn: {trouble}", "note"),
    ]


def _trouble(sheet: Sheet, name: str) -> str | None:
    """What goes wrong when this section is drawn alone; None if nothing does."""
    try:
        # Links to the other sections need somewhere to lead.
        others = [AnchorFlowable(other) for other in sheet.findings if other != name]
        _pages(sheet, [*others, *_section(sheet, name)])
    except Exception as error:  # anything: the page says what
        return _first_line(error)
    return None


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:160] if lines else 'no message'}"


def _pages(sheet: Sheet, story: Story) -> bytes:
    buffer = io.BytesIO()
    Document(buffer, sheet.look, _imprint(sheet)).write(story)
    return buffer.getvalue()


def _imprint(sheet: Sheet) -> Imprint:
    """The template's title with the report's names and counts."""
    report = sheet.report
    title = sheet.template.title
    for key, value in (
        ("{data_name}", report.provenance.data_name),
        ("{selected}", count(report.counts.selected)),
        ("{input}", count(report.counts.input)),
    ):
        title = title.replace(key, value)
    return Imprint(title, report.provenance.data_name, report.provenance.versions.get("curate", ""))
