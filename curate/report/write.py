"""Report -> files: each is written beside its place and renamed, report.json last.

So whoever finds a report.json finds everything it names.
"""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import IO

from curate.errors import DataError
from curate.files import write_beside
from curate.progress import Stopwatch
from curate.report import thumbnails
from curate.report.build import Run
from curate.report.factors import has_factors, write_factors
from curate.report.load import is_about_spaces, load_report, load_space_report
from curate.report.model import Report
from curate.report.objects import OBJECTS_SET_ASIDE_FILE
from curate.report.outputs import (
    DUPLICATES_FILE,
    FACTORS_FILE,
    REPORT_JSON,
    REPORT_PDF,
    THUMBNAILS_FILE,
    selection_writers,
    write_all,
    write_groups,
    write_set_aside,
)
from curate.report.pdf import render, render_file
from curate.report.per_item import ITEM_FILES, write_items
from curate.report.spaces.write import pictures_beside, render_spaces
from curate.report.template import Template, load_template

log = logging.getLogger("curate")


def write_run(
    folder: Path, run: Run, report: Report, pictures: dict[str, bytes], template: Template
) -> Path:
    """Write everything a run leaves behind to `folder`; returns the path of report.json.

    Raises DataError if it cannot be written there.
    """
    parts = None if run.objects is None else run.objects.parts
    writers = selection_writers(run.dataset, run.selection, run.job.export, parts)
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
        writers[THUMBNAILS_FILE] = lambda stream: thumbnails.write(stream, pictures)
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
    template = load_template(template_file or load_report(report_json).job.template)
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
