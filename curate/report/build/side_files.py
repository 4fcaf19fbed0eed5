"""The files beside report.json: the selection for other tools, and lists too long for the report.

| file | content |
|---|---|
| selected.txt, .csv, .jsonl | the picks in order: ids, and ids with metadata |
| removed.txt | ids of the items that were not selected, in the order of the source |
| factors.csv | the factor of each strategy at each pick, if a product of strategies picked |
| items.parquet, items.csv | one row for each input item, see `items_table` |
| set_aside.csv, objects_set_aside.csv | what could not be used, with the reason |
| duplicates.csv | groups of items with the same content |
| dropped.csv | items that a deduplicating strategy left out, with the kept item close to them |

The files of one run are written together (`write_all`): an interrupted run leaves the files of
the run before. Cost: O(n); items.parquet takes 2 seconds for a million items.
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
from curate.core.csv_files import write_csv
from curate.core.values import Dataset, Dropped, Selection
from curate.errors import DataError
from curate.export.records import PictureObjects, plain, records, write_lines
from curate.export.registry import FORMATS, Format
from curate.measure.selection.objectives import MeasuredObjective

if TYPE_CHECKING:
    import pyarrow as pa

    from curate.report.build.finished_run import FinishedRun

Writer = Callable[[IO[bytes]], None]

REPORT_PDF = "report.pdf"
REPORT_JSON = "report.json"
SELECTED_FILES = {"txt": "selected.txt", "csv": "selected.csv", "jsonl": "selected.jsonl"}
REMOVED_FILE = "removed.txt"
FACTORS_FILE = "factors.csv"
ITEM_FILES = {"parquet": "items.parquet", "csv": "items.csv"}
SET_ASIDE_FILE = "set_aside.csv"
OBJECTS_SET_ASIDE_FILE = "objects_set_aside.csv"
DUPLICATES_FILE = "duplicates.csv"
DROPPED_FILE = "dropped.csv"
THUMBNAILS_FILE = "thumbnails.parquet"
# Every file that a run may write. A run deletes those of an earlier run that it does not write.
ALL_FILES = (
    *SELECTED_FILES.values(),
    REMOVED_FILE,
    FACTORS_FILE,
    *(tool.file for tool in FORMATS.values()),
    *ITEM_FILES.values(),
    SET_ASIDE_FILE,
    OBJECTS_SET_ASIDE_FILE,
    DUPLICATES_FILE,
    DROPPED_FILE,
    THUMBNAILS_FILE,
    REPORT_PDF,
    REPORT_JSON,
)


def check_writable(folder: Path) -> None:
    """Raise DataError if `folder` can certainly not be written. Creates nothing."""
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise DataError(f"cannot write to {folder}: {nearest} is a file. Pass another with --out.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise DataError(
            f"cannot write to {folder}: {nearest} is not writable. Pass another with --out."
        )


def write_all(
    folder: Path, writers: Mapping[str, Writer], stale: Sequence[str] = ALL_FILES
) -> None:
    """Write every file beside its place; when all are complete, rename them in order.

    writers  file name -> function that writes it
    stale    files of an earlier run, deleted unless they are in `writers`

    Raises DataError if the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as renames:  # renames in the reverse order of entering
            streams = {
                name: renames.enter_context(write_beside(folder / name))
                for name in reversed(list(writers))
            }
            for name, writer in writers.items():
                writer(streams[name])
        for name in stale:
            if name not in writers:
                (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise DataError(
            f"cannot write to {folder}: {error.strerror or error}. Pass another folder with --out."
        ) from None


def write_selection(
    folder: Path,
    dataset: Dataset,
    selection: Selection,
    exports: Sequence[str],
    parts: PictureObjects | None,
) -> Path:
    """Write the selection without a report; returns the path of the list of ids.

    parts  the objects in the images, for export formats that store them; None without objects
    """
    write_all(folder, selection_writers(dataset, selection, exports, parts))
    return folder / SELECTED_FILES["txt"]


def selection_files(exports: Sequence[str], *, factors: bool = False) -> dict[str, str]:
    """Purpose -> name of each file with selected or removed ids, as report.json lists them."""
    tools = {name: FORMATS[name].file for name in exports}
    return (
        {**SELECTED_FILES, "removed": REMOVED_FILE}
        | ({"factors": FACTORS_FILE} if factors else {})
        | tools
    )


def selection_writers(
    dataset: Dataset, selection: Selection, exports: Sequence[str], parts: PictureObjects | None
) -> dict[str, Writer]:
    """File name -> writer, for the selection and for what was left out of it."""
    writers: dict[str, Writer] = {
        SELECTED_FILES["txt"]: lambda stream: _write_selected_ids(stream, dataset, selection),
        SELECTED_FILES["csv"]: lambda stream: _write_selected_csv(stream, dataset, selection),
        SELECTED_FILES["jsonl"]: lambda stream: _write_selected_jsonl(stream, dataset, selection),
        REMOVED_FILE: lambda stream: _write_removed_ids(stream, dataset, selection),
    }
    for name in exports:
        writers[FORMATS[name].file] = _export_writer(FORMATS[name], dataset, selection, parts)
    if dataset.set_aside:
        writers[SET_ASIDE_FILE] = lambda stream: write_set_aside(stream, dataset)
    if (dropped := selection.dropped) is not None:
        writers[DROPPED_FILE] = lambda stream: _write_dropped(stream, dataset, selection, dropped)
    return writers


def _export_writer(
    export_format: Format, dataset: Dataset, selection: Selection, parts: PictureObjects | None
) -> Writer:
    write_with_objects = export_format.write_with_objects
    if parts is None or write_with_objects is None:
        return lambda stream: export_format.write(stream, dataset, selection)
    return lambda stream: write_with_objects(stream, dataset, selection, parts)


def _write_selected_ids(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    write_lines(stream, (dataset.ids[row] for row in selection.picks))


def _write_removed_ids(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    """The ids of the usable items that were not selected, in the order of the source."""
    picked = set(selection.picks.tolist())
    write_lines(stream, (id_ for row, id_ in enumerate(dataset.ids) if row not in picked))


def _write_selected_csv(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    picks = list(records(dataset, selection))
    rows = [[_csv_cell(value) for value in pick.values()] for pick in picks]
    write_csv(stream, list(picks[0]), rows)


def _write_selected_jsonl(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    for pick in records(dataset, selection):
        stream.write((json.dumps(plain(pick), ensure_ascii=False, default=str) + "\n").encode())


def _csv_cell(value: object) -> object:
    """The value of a csv cell; nested values as JSON."""
    return json.dumps(plain(value), default=str) if isinstance(value, list | dict) else value


def _write_dropped(
    stream: IO[bytes], dataset: Dataset, selection: Selection, dropped: Dropped
) -> None:
    """Each dropped item, the kept item close to it (empty if that is in the datapool), and the
    distance between them."""
    ids = [dataset.ids[row] for row in selection.picks]
    rows = [
        [dataset.ids[row], ids[kept] if kept < len(ids) else "", float(distance)]
        for row, kept, distance in zip(*dropped, strict=True)
    ]
    write_csv(stream, ["id", "kept", "distance"], rows)


def write_set_aside(stream: IO[bytes], dataset: Dataset) -> None:
    """The items that a data set could not use, as csv: id, reason, detail."""
    rows = [[item.id, item.reason, item.detail] for item in dataset.set_aside]
    write_csv(stream, ["id", "reason", "detail"], rows)


def write_groups(stream: IO[bytes], dataset: Dataset, groups: Sequence[Sequence[int]]) -> None:
    """Groups of rows with the same content, as csv: group, id."""
    rows = [[number, dataset.ids[row]] for number, group in enumerate(groups, 1) for row in group]
    write_csv(stream, ["group", "id"], rows)


def has_factors(objectives: Sequence[MeasuredObjective]) -> bool:
    """Whether a product of strategies picked, so that each pick has a factor of each strategy."""
    return any(objective.at_pick is not None for objective in objectives)


def factors_of(objectives: Sequence[MeasuredObjective], place: int) -> list[float | None] | None:
    """The factor of each strategy at the pick in `place` (from 0); None for thresholds.

    None for the whole list if no product picked.
    """
    if not has_factors(objectives):
        return None
    return [
        None if objective.at_pick is None else float(objective.at_pick[place])
        for objective in objectives
    ]


def write_factors(
    stream: IO[bytes],
    dataset: Dataset,
    selection: Selection,
    objectives: Sequence[MeasuredObjective],
) -> None:
    """The factors of all picks as csv: rank, id, and a column for each strategy with factors."""
    columns = [
        (objective.result.written, objective.at_pick)
        for objective in objectives
        if objective.at_pick is not None
    ]
    rows = [
        [place + 1, dataset.ids[row], *(float(factors[place]) for _, factors in columns)]
        for place, row in enumerate(selection.picks.tolist())
    ]
    write_csv(stream, ["rank", "id", *(written for written, _ in columns)], rows)


def write_items(stream: IO[bytes], run: FinishedRun, kind: str) -> None:
    """Write `items_table` as parquet or csv (`kind`). Equal runs give equal bytes."""
    import pyarrow.csv
    import pyarrow.parquet

    table = items_table(run)
    if kind == "parquet":
        pyarrow.parquet.write_table(table, stream, compression="zstd")
    else:
        pyarrow.csv.write_csv(table, stream)


def items_table(run: FinishedRun) -> pa.Table:
    """A row for each input item, in the order of the input.

    id                      id of the item
    row                     its position in the source, from 0
    rank                    1 for the first pick; null if not selected
    coverage                distance to the nearest pick or datapool item
    nearest                 id of that item
    nearest_in_datapool     whether that item is in the datapool
    pca_x, pca_y, pacmap_x, pacmap_y, map_x, map_y
                            position on each map that was made; null for items not on the maps
    """
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
            **_map_columns(run, n),
        }
    )


def _map_columns(run: FinishedRun, n: int) -> dict[str, Any]:
    """The x and y columns of each map, null for items that are not on it."""
    import pyarrow as pa

    maps = run.analysis.maps
    missing = np.ones(n, dtype=bool)
    missing[maps.rows] = False
    columns = {}
    for name, projection in (("pca", maps.pca), ("pacmap", maps.pacmap), ("map", maps.asked)):
        for axis in ("x", "y") if projection is not None else ():
            values = np.zeros(n)
            values[maps.rows] = getattr(projection, axis)
            columns[f"{name}_{axis}"] = pa.array(values, mask=missing)
    return columns
