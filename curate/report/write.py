"""Report -> files: each is written beside its place and renamed, report.json last.

So whoever finds a report.json finds everything it names.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from curate.errors import DataError
from curate.files import write_beside
from curate.report import thumbnails
from curate.report.build import (
    DUPLICATES_FILE,
    SELECTED_FILES,
    SET_ASIDE_FILE,
    THUMBNAILS_FILE,
    Run,
)
from curate.report.load import load_report
from curate.report.model import Report
from curate.report.pdf import render, render_file
from curate.report.template import Template, load_template

REPORT_JSON = "report.json"
REPORT_PDF = "report.pdf"


def write_run(
    folder: Path, run: Run, report: Report, pictures: dict[str, bytes], template: Template
) -> Path:
    """Write everything a run leaves behind to `folder`; returns the path of report.json.

    Raises DataError if it cannot be written there.
    """
    writers: dict[str, Callable[[IO[bytes]], None]] = {
        SELECTED_FILES["txt"]: lambda stream: _write_ids(stream, run),
        SELECTED_FILES["csv"]: lambda stream: _write_csv(stream, run),
        SELECTED_FILES["jsonl"]: lambda stream: _write_jsonl(stream, run),
    }
    if report.set_aside.file:
        writers[SET_ASIDE_FILE] = lambda stream: _write_set_aside(stream, run)
    if report.duplicates.file:
        writers[DUPLICATES_FILE] = lambda stream: _write_groups(stream, run)
    if report.selection.thumbnails:
        writers[THUMBNAILS_FILE] = lambda stream: thumbnails.write(stream, pictures)
    writers[REPORT_PDF] = lambda stream: _write_bytes(stream, render(report, pictures, template))
    writers[REPORT_JSON] = lambda stream: _write_bytes(stream, to_json(report))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in {SET_ASIDE_FILE, DUPLICATES_FILE, THUMBNAILS_FILE} - writers.keys():
            (folder / name).unlink(missing_ok=True)  # of an earlier run; this one has none
        for name, writer in writers.items():
            with write_beside(folder / name) as stream:
                writer(stream)
    except OSError as error:
        raise DataError(
            f"cannot write to {folder}: {error.strerror or error}. Pass another folder with --out."
        ) from None
    return folder / REPORT_JSON


def redraw(report_json: Path, out: Path | None, template_file: str | None) -> Path:
    """Draw the PDF of an earlier run again, from report.json and its pictures alone.

    Returns the path of the PDF, by default beside report.json. Raises DataError for an
    unusable report or an unwritable place, RequestError for a template that cannot be right.
    """
    folder = report_json if report_json.is_dir() else report_json.parent
    template = load_template(template_file or load_report(report_json).job.template)
    target = out or folder / REPORT_PDF
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


def to_json(report: Report) -> bytes:
    """The bytes of report.json."""
    return (report.model_dump_json(indent=1) + "\n").encode()


def _write_bytes(stream: IO[bytes], content: bytes) -> None:
    stream.write(content)


def _write_ids(stream: IO[bytes], run: Run) -> None:
    for row in run.selection.picks:
        stream.write((_one_line(run.dataset.ids[row]) + "\n").encode())


def _one_line(name: str) -> str:
    """An id with its line breaks escaped, so that the file keeps one id a line."""
    return name.replace("\\", "\\\\").replace("\n", "\\n") if "\n" in name else name


def _records(run: Run) -> Iterator[dict[str, object]]:
    """Rank, id, distance at selection, then the metadata of each pick."""
    chosen = run.dataset.metadata_of(run.selection.picks).to_pylist()
    for rank, (row, metadata) in enumerate(zip(run.selection.picks, chosen, strict=True), 1):
        distance = float(run.selection.distances[rank - 1])
        own = {
            "rank": rank,
            "id": run.dataset.ids[row],
            "distance": distance if distance != float("inf") else None,
        }
        yield own | {
            (name if name not in own else f"metadata.{name}"): value
            for name, value in metadata.items()
        }


def _write_csv(stream: IO[bytes], run: Run) -> None:
    records = list(_records(run))
    _write_table(stream, list(records[0]), [list(record.values()) for record in records])


def _write_jsonl(stream: IO[bytes], run: Run) -> None:
    for record in _records(run):
        stream.write((json.dumps(record, ensure_ascii=False, default=str) + "\n").encode())


def _write_set_aside(stream: IO[bytes], run: Run) -> None:
    rows = [[one.id, one.reason, one.detail] for one in run.dataset.set_aside]
    _write_table(stream, ["id", "reason", "detail"], rows)


def _write_groups(stream: IO[bytes], run: Run) -> None:
    rows = [
        [number, run.dataset.ids[row]]
        for number, group in enumerate(run.analysis.duplicate_groups, 1)
        for row in group
    ]
    _write_table(stream, ["group", "id"], rows)


def _write_table(stream: IO[bytes], header: list[str], rows: Sequence[Sequence[object]]) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    text.detach()
