"""Reports -> files: the report of a selection, a comparison of selections, a report about spaces.

| report | functions | files |
|---|---|---|
| of a selection | `write_run` | report.json, report.pdf and all of `side_files` |
| comparison of selections | `write_comparison` | compare.json, compare.pdf |
| about spaces | `write_space_report` | report.json, report.pdf and given side files |

All three write in the same way (`_write_report`): every file is written beside its place, and
when all are complete they are renamed, the JSON last. So whoever finds a report.json finds
every file that it names. `redraw` draws the PDF of a stored report again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO

from pydantic import BaseModel

from curate.core.atomic_files import write_beside
from curate.errors import DataError
from curate.progress import Stopwatch
from curate.report.build.finished_run import FinishedRun
from curate.report.build.load import is_about_spaces, load_report, load_space_report
from curate.report.build.side_files import (
    ALL_FILES,
    DUPLICATES_FILE,
    FACTORS_FILE,
    ITEM_FILES,
    OBJECTS_SET_ASIDE_FILE,
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
from curate.report.build.thumbnails import thumbnails_beside, write_thumbnails
from curate.report.pages.pdf import render, render_comparison, render_spaces
from curate.report.render.template import Template, load_template
from curate.schema.evaluation import EvaluationReport
from curate.schema.report import Report
from curate.schema.selection_comparison import Comparison
from curate.schema.space_reports import SpaceReport

COMPARE_JSON, COMPARE_PDF = "compare.json", "compare.pdf"

log = logging.getLogger("curate")


def write_run(
    folder: Path, run: FinishedRun, report: Report, pictures: dict[str, bytes], template: Template
) -> Path:
    """Write the report of a selection with all side files; returns the path of report.json.

    pictures  id -> JPEG, from `thumbnails_of_run`

    Raises DataError if the folder cannot be written.
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
        objects = parts.dataset
        writers[OBJECTS_SET_ASIDE_FILE] = lambda stream: write_set_aside(stream, objects)
    if report.selection.thumbnails:
        writers[THUMBNAILS_FILE] = partial(write_thumbnails, thumbnails=pictures)
    for kind, name in ITEM_FILES.items():
        writers[name] = partial(write_items, run=run, kind=kind)
    watch = Stopwatch()

    def draw() -> bytes:
        with watch("draw"):
            return render(report, pictures, template)

    # The JSON is made after the PDF is drawn: it contains the time of that.
    return _write_report(folder, draw, lambda: _with_stages(report, watch), side_files=writers)


def write_comparison(folder: Path, comparison: Comparison, template: str | None) -> Path:
    """Write compare.json and compare.pdf; returns the path of compare.json.

    template  as in `load_template`

    Raises DataError if the folder cannot be written.
    """
    settings = load_template(template)
    return _write_report(
        folder,
        lambda: render_comparison(comparison, settings),
        lambda: comparison,
        names=(COMPARE_PDF, COMPARE_JSON),
        stale=(),  # the folder may be that of a run
    )


def write_space_report(
    folder: Path, report: SpaceReport, files: Mapping[str, bytes], pictures: Mapping[str, bytes]
) -> Path:
    """Write a report about spaces with its side files; returns the path of report.json.

    files     name -> content of each side file
    pictures  id -> JPEG of the items that the report shows

    Raises DataError if the folder cannot be written.
    """
    writers: dict[str, Writer] = {
        name: partial(_write_bytes, content=content) for name, content in files.items()
    }
    if pictures:
        writers[THUMBNAILS_FILE] = partial(write_thumbnails, thumbnails=pictures)
    template = load_template(None)
    return _write_report(
        folder,
        lambda: render_spaces(report, template, pictures),
        lambda: report,
        side_files=writers,
    )


def redraw(report_json: Path, out: Path | None, template_file: str | None) -> Path:
    """Draw the PDF of a stored report again, from report.json and its thumbnails alone.

    report_json    a report.json of a selection or about spaces, or its folder
    out            where to write the PDF; None for report.pdf beside report.json
    template_file  as in `load_template`; None for the template of the run

    Returns the path of the PDF. Raises DataError if the report is unusable or the PDF cannot be
    written, RequestError if a setting of the template is invalid.
    """
    folder = report_json if report_json.is_dir() else report_json.parent
    target = out or folder / REPORT_PDF
    if is_about_spaces(report_json):
        about = load_space_report(report_json)
        name = None if isinstance(about, EvaluationReport) else about.thumbnails
        pdf = render_spaces(about, load_template(template_file), thumbnails_beside(folder, name))
    else:
        report = load_report(report_json)
        template = load_template(template_file or report.job.report.template)
        name = report.selection.thumbnails
        if name and not (folder / Path(name).name).is_file():
            log.warning("%s is not beside the report: the PDF is drawn without pictures", name)
        pdf = render(report, thumbnails_beside(folder, name), template)
    write_file(target, pdf)
    return target


def write_file(path: Path, content: bytes) -> None:
    """Write one file beside its place, then rename it. Raises DataError if that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with write_beside(path) as stream:
            stream.write(content)
    except OSError as error:
        raise DataError(f"cannot write {path}: {error.strerror or error}.") from None


def _write_report(
    folder: Path,
    draw: Callable[[], bytes],
    report: Callable[[], BaseModel],
    *,
    side_files: Mapping[str, Writer] = {},
    names: tuple[str, str] = (REPORT_PDF, REPORT_JSON),
    stale: Sequence[str] = ALL_FILES,
) -> Path:
    """Write side files, PDF and JSON to `folder`, all or none; returns the path of the JSON.

    draw    makes the PDF
    report  called after `draw`, returns what the JSON contains
    names   of the PDF and of the JSON
    stale   files of an earlier run, deleted unless they are written again
    """
    pdf_name, json_name = names
    writers: dict[str, Writer] = {
        **side_files,
        pdf_name: lambda stream: _write_bytes(stream, draw()),
        json_name: lambda stream: _write_bytes(
            stream, (report().model_dump_json(indent=1) + "\n").encode()
        ),
    }
    write_all(folder, writers, stale)
    return folder / json_name


def _with_stages(report: Report, watch: Stopwatch) -> Report:
    """The report with the stages of `watch` added to its timings."""
    stages = report.timings.stages | watch.seconds
    update = {"stages": stages, "total": round(sum(stages.values()), 3)}
    return report.model_copy(update={"timings": report.timings.model_copy(update=update)})


def _write_bytes(stream: IO[bytes], content: bytes) -> None:
    stream.write(content)
