"""Reports about spaces -> report.pdf and report.json; and back, to draw them again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import IO

from curate.report import thumbnails
from curate.report.look import Look
from curate.report.outputs import REPORT_JSON, REPORT_PDF, THUMBNAILS_FILE, Writer, write_all
from curate.report.pages import Entry, first_line, make_pdf
from curate.report.spaces import compare_pages, drift_pages, evaluate_pages
from curate.report.spaces.brief import brief
from curate.report.spaces.evaluation import EvaluationReport
from curate.report.spaces.kinds import SpaceReport
from curate.report.spaces.sheets import SpaceSection, SpaceSheet
from curate.report.template import Template, load_template

SECTIONS: dict[str, dict[str, SpaceSection]] = {
    "evaluation": evaluate_pages.SECTIONS,
    "comparison": compare_pages.SECTIONS,
    "drift": drift_pages.SECTIONS,
}


def render_spaces(
    report: SpaceReport, template: Template, pictures: Mapping[str, bytes] = {}
) -> bytes:
    """The PDF, as bytes; nothing from the fields that a second run may change."""
    look = Look(template)
    report = brief(report, look)
    broken: dict[str, str] = {}
    findings: dict[str, str] = {}
    sections = SECTIONS[report.kind]
    for name, section in sections.items():
        try:
            finding = section.finding(report)
        except Exception as error:  # anything: the page says what
            broken[name], finding = first_line(error), section.bookmark
        if finding is not None:
            findings[name] = finding
    sheet = SpaceSheet(report, pictures, look, findings)
    entries = {
        name: Entry(
            sections[name].bookmark,
            partial(str, sections[name].how),
            partial(sections[name].draw, sheet),
            partial(bool, sections[name].short),
        )
        for name in findings
    }
    return make_pdf(sheet, sheet.imprint(), entries, broken)


def pictures_beside(report: SpaceReport, folder: Path) -> dict[str, bytes]:
    """The thumbnails that a report in `folder` names; without them it still is one."""
    name = None if isinstance(report, EvaluationReport) else report.thumbnails
    # Only a plain name: report.json must not make us open files elsewhere.
    side = folder / Path(name).name if name else None
    return thumbnails.read(side) if side is not None and side.is_file() else {}


def write_space_report(
    folder: Path, report: SpaceReport, files: Mapping[str, bytes], pictures: Mapping[str, bytes]
) -> Path:
    """Write side files, report.pdf and, last, report.json; returns the path of that.

    Raises DataError where the folder cannot be written.
    """
    writers: dict[str, Writer] = {
        name: partial(_write, content=content) for name, content in files.items()
    }
    if pictures:
        writers[THUMBNAILS_FILE] = partial(thumbnails.write, thumbnails=pictures)
    pdf = render_spaces(report, load_template(None), pictures)
    writers[REPORT_PDF] = partial(_write, content=pdf)
    text = report.model_dump_json(indent=1) + "\n"
    writers[REPORT_JSON] = partial(_write, content=text.encode())
    write_all(folder, writers)
    return folder / REPORT_JSON


def _write(stream: IO[bytes], content: bytes) -> None:
    stream.write(content)
