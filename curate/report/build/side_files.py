"""The selection and what was left out, as files that other tools read.

Ids a line, csv and jsonl with metadata, and lists of items set aside and of duplicates.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from curate.core.atomic_files import write_beside
from curate.core.tables import write_csv
from curate.core.values import Dataset, Dropped, Selection
from curate.errors import DataError
from curate.export.formats import FORMATS, Format
from curate.export.records import PictureObjects, plain, records, write_lines
from curate.measure.selection.objectives import MeasuredObjective
from curate.report.build.finished_run import OBJECTS_SET_ASIDE_FILE

if TYPE_CHECKING:
    import pyarrow as pa

    from curate.report.build.finished_run import FinishedRun

# --------------------------------------------------------------------------------------
# What each objective gave each pick: the breakdown of a product, inline and as a side file.


def has_factors(objectives: Sequence[MeasuredObjective]) -> bool:
    """Whether picks were made by a product, and so have a breakdown."""
    return any(one.at_pick is not None for one in objectives)


def factors_of(objectives: Sequence[MeasuredObjective], place: int) -> list[float | None] | None:
    """The factor of each objective for the pick at `place`, None for thresholds."""
    if not has_factors(objectives):
        return None
    return [None if one.at_pick is None else float(one.at_pick[place]) for one in objectives]


def write_factors(
    stream: IO[bytes],
    dataset: Dataset,
    selection: Selection,
    objectives: Sequence[MeasuredObjective],
) -> None:
    """All picks as csv: rank, id, and a column for each objective that has factors."""
    told = [one for one in objectives if one.at_pick is not None]
    rows = [
        [
            rank,
            dataset.ids[row],
            *(float(one.at_pick[rank - 1]) for one in told if one.at_pick is not None),
        ]
        for rank, row in enumerate(selection.picks.tolist(), 1)
    ]
    write_csv(stream, ["rank", "id", *(one.result.written for one in told)], rows)


# --------------------------------------------------------------------------------------
# Side files with a row for each input item: what report.json would be too long for.
#
# Rows are in the order of the input. Columns: `id`, `row` (where it stands in the source, from
# 0), `rank` (1 for the first pick), `coverage` (distance to the nearest pick or datapool item),
# `nearest` (id of that), `nearest_in_datapool`, and for the items on the maps `pca_x`, `pca_y`,
# `pacmap_x`, `pacmap_y`. Cost: O(n), 2 seconds for a million items.


ITEM_FILES = {"parquet": "items.parquet", "csv": "items.csv"}


def write_items(stream: IO[bytes], run: FinishedRun, kind: str) -> None:
    """Write the file of one `kind`, a key of ITEM_FILES. Equal runs give equal bytes."""
    import pyarrow.csv
    import pyarrow.parquet

    table = items_table(run)
    if kind == "parquet":
        pyarrow.parquet.write_table(table, stream, compression="zstd")
    else:
        pyarrow.csv.write_csv(table, stream)


def items_table(run: FinishedRun) -> pa.Table:
    """The rows of all input items."""
    import pyarrow as pa

    selection, dataset = run.selection, run.dataset
    n, k = len(dataset), len(selection)
    rank = np.zeros(n, dtype=np.int64)
    rank[selection.picks] = np.arange(1, k + 1)
    ids = pa.array(dataset.ids, pa.string())
    members = ids.take(pa.array(selection.picks))
    if run.datapool is not None:
        members = pa.concat_arrays([members, pa.array(run.datapool.ids, pa.string())])
    return pa.table(
        {
            "id": ids,
            "row": dataset.source_positions(),
            "rank": pa.array(rank, mask=rank == 0),
            "coverage": selection.coverage,
            "nearest": members.take(pa.array(selection.nearest)),
            "nearest_in_datapool": selection.nearest >= k,
            **_coordinates(run, n),
        }
    )


def _coordinates(run: FinishedRun, n: int) -> dict[str, Any]:
    """Columns of the maps that there are, null for items that are not on them."""
    import pyarrow as pa

    maps = run.analysis.maps
    missing = np.ones(n, dtype=bool)
    missing[maps.rows] = False
    columns = {}
    for name, one in (("pca", maps.pca), ("pacmap", maps.pacmap), ("map", maps.asked)):
        for axis in ("x", "y") if one is not None else ():
            values = np.zeros(n)
            values[maps.rows] = getattr(one, axis)
            columns[f"{name}_{axis}"] = pa.array(values, mask=missing)
    return columns


# --------------------------------------------------------------------------------------


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
    dataset: Dataset, selection: Selection, exports: Sequence[str], parts: PictureObjects | None
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
    chosen: Format, dataset: Dataset, selection: Selection, parts: PictureObjects | None
) -> Writer:
    with_parts = chosen.write_with_objects
    if parts is None or with_parts is None:
        return lambda stream: chosen.write(stream, dataset, selection)
    return lambda stream: with_parts(stream, dataset, selection, parts)


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
    parts: PictureObjects | None,
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
    write_csv(stream, ["group", "id"], rows)


def _write_selected(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    write_lines(stream, (dataset.ids[row] for row in selection.picks))


def _write_removed(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    """The ids that could have been selected and were not, in the order of the source."""
    picked = set(selection.picks.tolist())
    write_lines(stream, (id_ for row, id_ in enumerate(dataset.ids) if row not in picked))


def _write_csv(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    found = list(records(dataset, selection))
    rows = [[_cell(value) for value in record.values()] for record in found]
    write_csv(stream, list(found[0]), rows)


def _write_jsonl(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    for record in records(dataset, selection):
        stream.write((json.dumps(plain(record), ensure_ascii=False, default=str) + "\n").encode())


def _cell(value: object) -> object:
    """What stands in a csv cell: nested values as JSON."""
    return json.dumps(plain(value), default=str) if isinstance(value, list | dict) else value


def write_set_aside(stream: IO[bytes], dataset: Dataset) -> None:
    """What a data set had to leave out as csv: id, reason, detail."""
    rows = [[one.id, one.reason, one.detail] for one in dataset.set_aside]
    write_csv(stream, ["id", "reason", "detail"], rows)


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
    write_csv(stream, ["id", "kept", "distance"], rows)
