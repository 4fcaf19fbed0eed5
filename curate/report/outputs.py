"""The selection and what was left out, as files that other tools read.

Ids a line, csv and jsonl with metadata, and lists of items set aside and of duplicates.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from curate.core import Dataset, Dropped, Selection
from curate.errors import DataError, StrictError
from curate.export.formats import FORMATS, Format
from curate.export.lines import write_lines
from curate.export.parts import Parts
from curate.export.records import plain, records
from curate.files import write_beside
from curate.job import Job
from curate.report.objects import OBJECTS_SET_ASIDE_FILE
from curate.report.per_item import ITEM_FILES

Writer = Callable[[IO[bytes]], None]

SELECTED_FILES = {"txt": "selected.txt", "csv": "selected.csv", "jsonl": "selected.jsonl"}
REMOVED_FILE = "removed.txt"
FACTORS_FILE = "factors.csv"
SET_ASIDE_FILE = "set_aside.csv"
DUPLICATES_FILE = "duplicates.csv"
DROPPED_FILE = "dropped.csv"
THUMBNAILS_FILE = "thumbnails.parquet"
REPORT_PDF = "report.pdf"
REPORT_JSON = "report.json"
# What a run may leave; of an earlier run in the same folder, what this one does not is removed.
ALL_FILES = (
    *SELECTED_FILES.values(),
    REMOVED_FILE,
    FACTORS_FILE,
    *(chosen.file for chosen in FORMATS.values()),
    *ITEM_FILES.values(),
    SET_ASIDE_FILE,
    OBJECTS_SET_ASIDE_FILE,
    DUPLICATES_FILE,
    DROPPED_FILE,
    THUMBNAILS_FILE,
    REPORT_PDF,
    REPORT_JSON,
)


def selection_files(exports: Sequence[str], *, factors: bool = False) -> dict[str, str]:
    """What each file with picks or with what was left is for -> its name."""
    tools = {name: FORMATS[name].file for name in exports}
    return (
        {**SELECTED_FILES, "removed": REMOVED_FILE}
        | ({"factors": FACTORS_FILE} if factors else {})
        | tools
    )


def selection_writers(
    dataset: Dataset, selection: Selection, exports: Sequence[str], parts: Parts | None
) -> dict[str, Writer]:
    """File name -> what writes it, for the selection and the items set aside."""
    writers: dict[str, Writer] = {
        SELECTED_FILES["txt"]: lambda stream: _write_selected(stream, dataset, selection),
        SELECTED_FILES["csv"]: lambda stream: _write_csv(stream, dataset, selection),
        SELECTED_FILES["jsonl"]: lambda stream: _write_jsonl(stream, dataset, selection),
        REMOVED_FILE: lambda stream: _write_removed(stream, dataset, selection),
    }
    for name in exports:
        writers[FORMATS[name].file] = _export_writer(FORMATS[name], dataset, selection, parts)
    if dataset.set_aside:
        writers[SET_ASIDE_FILE] = lambda stream: write_set_aside(stream, dataset)
    if (dropped := selection.dropped) is not None:
        writers[DROPPED_FILE] = lambda stream: _write_dropped(stream, dataset, selection, dropped)
    return writers


def _export_writer(
    chosen: Format, dataset: Dataset, selection: Selection, parts: Parts | None
) -> Writer:
    with_parts = chosen.write_with_parts
    if parts is None or with_parts is None:
        return lambda stream: chosen.write(stream, dataset, selection)
    return lambda stream: with_parts(stream, dataset, selection, parts)


def output_folder(job: Job, dataset_name: str) -> Path:
    """Where a job writes; a name with odd signs makes a plain folder all the same.

    A selection that is measured goes beside the one of the data: reports/clipart-chosen.
    """
    if job.selection:
        file = Path(job.selection)
        dataset_name += f"-{file.parent.name if file.suffix == '.json' else file.stem}"
    plain = re.sub(r"[^\w.-]+", "_", dataset_name).strip("._-")
    return Path(job.out) if job.out else Path("reports") / (plain or "data")


def enforce_strict(job: Job, dataset: Dataset) -> None:
    """Raise StrictError if the job is strict and items were set aside."""
    if job.strict and dataset.set_aside:
        raise StrictError(
            f"{dataset.left_out_in_words()}: see {SET_ASIDE_FILE}. Everything else is done."
        )


def check_writable(folder: Path) -> None:
    """Raise DataError if `folder` can certainly not be written; nothing is created."""
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise DataError(f"cannot write to {folder}: {nearest} is a file. Pass another with --out.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise DataError(
            f"cannot write to {folder}: {nearest} is not writable. Pass another with --out."
        )


def write_selection(
    folder: Path,
    dataset: Dataset,
    selection: Selection,
    exports: Sequence[str],
    parts: Parts | None,
) -> Path:
    """Write the selection alone; returns the path of the list of ids."""
    write_all(folder, selection_writers(dataset, selection, exports, parts))
    return folder / SELECTED_FILES["txt"]


def write_all(folder: Path, writers: Mapping[str, Writer]) -> None:
    """Write every file beside its place, and when all are whole rename them, in order.

    So an interrupt leaves the files of one run. Raises DataError where the folder cannot be
    written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as renames:  # which it does in the reverse order of entering
            streams = {
                name: renames.enter_context(write_beside(folder / name))
                for name in reversed(list(writers))
            }
            for name, writer in writers.items():
                writer(streams[name])
        for name in ALL_FILES:
            if name not in writers:
                (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise DataError(
            f"cannot write to {folder}: {error.strerror or error}. Pass another folder with --out."
        ) from None


def write_groups(stream: IO[bytes], dataset: Dataset, groups: Sequence[Sequence[int]]) -> None:
    """Groups of equal items as csv: group, id."""
    rows = [[number, dataset.ids[row]] for number, group in enumerate(groups, 1) for row in group]
    write_table(stream, ["group", "id"], rows)


def _write_selected(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    write_lines(stream, (dataset.ids[row] for row in selection.picks))


def _write_removed(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    """The ids that could have been selected and were not, in the order of the source."""
    picked = set(selection.picks.tolist())
    write_lines(stream, (id_ for row, id_ in enumerate(dataset.ids) if row not in picked))


def _write_csv(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    found = list(records(dataset, selection))
    rows = [[_cell(value) for value in record.values()] for record in found]
    write_table(stream, list(found[0]), rows)


def _write_jsonl(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    for record in records(dataset, selection):
        stream.write((json.dumps(plain(record), ensure_ascii=False, default=str) + "\n").encode())


def _cell(value: object) -> object:
    """What stands in a csv cell: nested values as JSON."""
    return json.dumps(plain(value), default=str) if isinstance(value, list | dict) else value


def write_set_aside(stream: IO[bytes], dataset: Dataset) -> None:
    """What a data set had to leave out as csv: id, reason, detail."""
    rows = [[one.id, one.reason, one.detail] for one in dataset.set_aside]
    write_table(stream, ["id", "reason", "detail"], rows)


def _write_dropped(
    stream: IO[bytes], dataset: Dataset, selection: Selection, dropped: Dropped
) -> None:
    """Each dropped item, the kept one that is near it (none if that is in the datapool), and
    how far that is."""
    ids = [dataset.ids[row] for row in selection.picks]
    rows = [
        [dataset.ids[row], ids[kept] if kept < len(ids) else "", float(distance)]
        for row, kept, distance in zip(*dropped, strict=True)
    ]
    write_table(stream, ["id", "kept", "distance"], rows)


def write_table(stream: IO[bytes], header: list[str], rows: Sequence[Sequence[object]]) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    text.detach()
