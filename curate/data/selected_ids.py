"""The ids of an existing selection, and the rows of a data set that have them.

The source is the folder of a run, a report.json, a text file with an id a line, or a table with
an id column. The order of the file is the order in which the items were selected.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from curate.core.values import Dataset, IntArray
from curate.data.assemble import format_of
from curate.data.columns import require, strings
from curate.data.options import ReadOptions
from curate.data.read_errors import reading
from curate.data.tables import LIGHTLY_IDS, LOADERS, load_table
from curate.data.text_lines import lines_of
from curate.errors import DataError, RequestError, one_line

# In the folder of a run, the most exact one first: line ends in ids are escaped in the others.
OF_A_RUN = ("selected.jsonl", "selected.csv", "selected.txt")
ID_NAMES = ("id", "ids", LIGHTLY_IDS, "filename", "file_name", "path", "name")


def read_selected_ids(path: Path, id_column: str | None = None) -> list[str]:
    """The ids in the order of `path`.

    id_column  of a table; by default one of ID_NAMES, or the only column
    Raises DataError for a file that cannot be read or has no ids, RequestError for a missing
    column.
    """
    if path.is_dir():
        files = [path / name for name in OF_A_RUN if (path / name).is_file()]
        if not files:
            raise DataError(
                f"{path} is not the folder of a run: it has none of {', '.join(OF_A_RUN)}. "
                "Give the file with the ids."
            )
        path = files[0]
    suffix = format_of(path, LOADERS)
    if suffix == ".json":
        ids = _of_report(path)
    elif suffix in LOADERS:
        ids = _of_table(path, id_column)
    elif suffix in ("", ".txt", ".list"):
        ids = [line.rstrip("\r") for line in lines_of(path) if line.strip()]
    else:
        raise DataError(
            f"cannot read ids from {path}: unknown format {suffix!r}. Give the folder of a run, a "
            f"report.json, a .txt with an id a line, or one of {', '.join(LOADERS)}."
        )
    if not ids:
        raise DataError(f"{path} has no ids. Give a file with at least one.")
    return ids


def rows_with_ids(
    ids: Sequence[str], dataset: Dataset, source: str, *, ignore_unknown: bool = False
) -> tuple[IntArray, tuple[str, ...]]:
    """The (k,) rows with these ids, in their order, and notes for the reader of the report.

    A repeated id counts once, and an id whose item was set aside is left out; notes say so.
    Raises RequestError for an unknown id, unless `ignore_unknown`, and if no id is left.
    """
    row_of = {id_: row for row, id_ in enumerate(dataset.ids)}
    aside = {item.id for item in dataset.set_aside}
    distinct = list(dict.fromkeys(ids))
    unknown = [id_ for id_ in distinct if id_ not in row_of and id_ not in aside]
    if unknown and not ignore_unknown:
        examples = ", ".join(map(repr, dataset.ids[:3])) + (" …" if len(dataset) > 3 else "")
        raise RequestError(
            f"{_count(len(unknown), len(distinct), source)} not among the {len(dataset)} items of "
            f"{dataset.name}, as {unknown[0]!r} (ids there are {examples}). Check that both are "
            "of the same data, or pass --ignore-unknown."
        )
    rows = [row_of[id_] for id_ in distinct if id_ in row_of]
    if not rows:
        raise RequestError(
            f"none of the {len(distinct)} ids of {source} is an item of {dataset.name} that can be "
            "used. Check that both are of the same data."
        )
    return np.array(rows, dtype=np.int64), _notes(ids, distinct, unknown, aside, source)


def _notes(
    ids: Sequence[str], distinct: list[str], unknown: list[str], aside: set[str], source: str
) -> tuple[str, ...]:
    notes = []
    if unknown:
        notes.append(f"{_count(len(unknown), len(distinct), source)} not in the data: ignored.")
    out = sum(id_ in aside for id_ in distinct)
    if out:
        notes.append(
            f"{_count(out, len(distinct), source)} set aside, because the item cannot be used."
        )
    if len(ids) > len(distinct):
        repeats = len(ids) - len(distinct)
        lines = "1 line repeats an id" if repeats == 1 else f"{repeats} lines repeat ids"
        notes.append(f"{lines} of {source}: each id counts once, at its first place.")
    return tuple(notes)


def _count(some: int, all_: int, source: str) -> str:
    return f"{some} of the {all_} ids of {source} {'is' if some == 1 else 'are'}"


def _of_table(path: Path, id_column: str | None) -> list[str]:
    names = load_table(path, ReadOptions()).column_names
    if id_column is not None and id_column in names:
        column = id_column
    else:
        column = next((name for name in ID_NAMES if name in names), None) or _only(names, path)
    # Read again now that the column is known, so that 007 is not 7.
    ids = strings(load_table(path, ReadOptions(id_column=column)), column, "id_column", path)
    return [id_ for id_ in ids if id_ is not None]


def _only(names: list[str], path: Path) -> str:
    if len(names) > 1:
        require(names, "id", "id_column", path)
    return names[0]


def _of_report(path: Path) -> list[str]:
    """The ids in a report.json, or in a JSON list of ids."""
    with reading(path):
        text = path.read_text(encoding="utf-8")
    try:
        content: Any = json.loads(text)
        if isinstance(content, list):
            return [str(id_) for id_ in content]
        items, count = content["selection"]["items"], content["counts"]["selected"]
        files = content["selection"]["files"]
        if len(items) >= count:
            return [str(item["id"]) for item in items]
        return read_selected_ids(path.parent / Path(files["jsonl"]).name)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path} holds no selection ({type(error).__name__}: {one_line(error)}). Give a "
            "report.json of `curate select`, or a list of ids."
        ) from None
