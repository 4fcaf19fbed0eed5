"""Report -> files: each is written beside its place and renamed, report.json last.

So whoever finds a report.json finds everything it names.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import IO

from curate.core.atomic_files import write_beside
from curate.errors import DataError
from curate.progress import Stopwatch
from curate.report.build import thumbnails
from curate.report.build.finished_run import OBJECTS_SET_ASIDE_FILE, FinishedRun
from curate.report.build.load import is_about_spaces, load_report, load_space_report
from curate.report.build.side_files import (
    DUPLICATES_FILE,
    FACTORS_FILE,
    ITEM_FILES,
    REPORT_JSON,
    REPORT_PDF,
    THUMBNAILS_FILE,
    Writer,
    has_factors,
    selection_writers,
    write_all,
    write_factors,
    write_groups,
    write_items,
    write_set_aside,
)
from curate.report.pages.pdf import render, render_comparison, render_file, render_spaces
from curate.report.render.template import Template, load_template
from curate.schema.evaluation import EvaluationReport
from curate.schema.report import Report
from curate.schema.selection_comparison import Comparison
from curate.schema.space_reports import SpaceReport

log = logging.getLogger("curate")


def write_run(
    folder: Path, run: FinishedRun, report: Report, pictures: dict[str, bytes], template: Template
) -> Path:
    """Write everything a run leaves behind to `folder`; returns the path of report.json.

    Raises DataError if it cannot be written there.
    """
    parts = None if run.objects is None else run.objects.parts
    writers = selection_writers(run.dataset, run.selection, run.job.report.export, parts)
    if has_factors(run.objectives):
        writers[FACTORS_FILE] = lambda stream: write_factors(
            stream, run.dataset, run.selection, run.objectives
        )
    if report.duplicates.file:
        groups = run.analysis.duplicate_groups
        writers[DUPLICATES_FILE] = lambda stream: write_groups(stream, run.dataset, groups)
    if parts is not None and parts.dataset.set_aside:
        boxes = parts.dataset
        writers[OBJECTS_SET_ASIDE_FILE] = lambda stream: write_set_aside(stream, boxes)
    if report.selection.thumbnails:
        writers[THUMBNAILS_FILE] = lambda stream: thumbnails.write_thumbnails(stream, pictures)
    for kind, name in ITEM_FILES.items():
        writers[name] = partial(write_items, run=run, kind=kind)
    watch = Stopwatch()

    def draw(stream: IO[bytes]) -> None:
        with watch("draw"):
            stream.write(render(report, pictures, template))

    writers[REPORT_PDF] = draw
    writers[REPORT_JSON] = lambda stream: _write_json(stream, _timed(report, watch))
    write_all(folder, writers)
    return folder / REPORT_JSON


def _timed(report: Report, watch: Stopwatch) -> Report:
    """The report with the stages of `watch` among its timings."""
    stages = report.timings.stages | watch.seconds
    update = {"stages": stages, "total": round(sum(stages.values()), 3)}
    return report.model_copy(update={"timings": report.timings.model_copy(update=update)})


def redraw(report_json: Path, out: Path | None, template_file: str | None) -> Path:
    """Draw the PDF of an earlier run again, from report.json and its pictures alone.

    Returns the path of the PDF, by default beside report.json. Raises DataError for an
    unusable report or an unwritable place, RequestError for a template that cannot be right.
    """
    folder = report_json if report_json.is_dir() else report_json.parent
    target = out or folder / REPORT_PDF
    if is_about_spaces(report_json):
        about = load_space_report(report_json)
        pictures = pictures_beside(about, folder)
        write_file(target, render_spaces(about, load_template(template_file), pictures))
        return target
    template = load_template(template_file or load_report(report_json).job.report.template)
    pictured = load_report(report_json).selection.thumbnails
    if pictured and not (folder / Path(pictured).name).is_file():
        log.warning("%s is not beside the report: it is drawn without pictures", pictured)
    write_file(target, render_file(report_json, template))
    return target


def write_file(path: Path, content: bytes) -> None:
    """Write one file beside its place and rename it; DataError where that is impossible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with write_beside(path) as stream:
            stream.write(content)
    except OSError as error:
        raise DataError(f"cannot write {path}: {error.strerror or error}.") from None


def _write_json(stream: IO[bytes], report: Report) -> None:
    stream.write((report.model_dump_json(indent=1) + "\n").encode())


# --------------------------------------------------------------------------------------
# Comparison -> compare.json and compare.pdf, each whole or not at all.


COMPARE_JSON, COMPARE_PDF = "compare.json", "compare.pdf"


def write_comparison(folder: Path, comparison: Comparison, template: str | None) -> Path:
    """Write both to `folder`; returns compare.json, which is written last.

    Raises DataError if it cannot be written there.
    """
    write_file(folder / COMPARE_PDF, render_comparison(comparison, load_template(template)))
    text = comparison.model_dump_json(indent=1) + "\n"
    write_file(folder / COMPARE_JSON, text.encode())
    return folder / COMPARE_JSON


# --------------------------------------------------------------------------------------
# Reports about spaces -> report.pdf and report.json; and back, to draw them again.


def pictures_beside(report: SpaceReport, folder: Path) -> dict[str, bytes]:
    """The thumbnails that a report in `folder` names; without them it still is one."""
    name = None if isinstance(report, EvaluationReport) else report.thumbnails
    # Only a plain name: report.json must not make us open files elsewhere.
    side = folder / Path(name).name if name else None
    return thumbnails.read_thumbnails(side) if side is not None and side.is_file() else {}


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
        writers[THUMBNAILS_FILE] = partial(thumbnails.write_thumbnails, thumbnails=pictures)
    pdf = render_spaces(report, load_template(None), pictures)
    writers[REPORT_PDF] = partial(_write, content=pdf)
    text = report.model_dump_json(indent=1) + "\n"
    writers[REPORT_JSON] = partial(_write, content=text.encode())
    write_all(folder, writers)
    return folder / REPORT_JSON


def _write(stream: IO[bytes], content: bytes) -> None:
    stream.write(content)
