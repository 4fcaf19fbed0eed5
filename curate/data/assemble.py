"""The last step of every reader: ids are made unique and a Dataset is built.

A reader collects the items that it cannot use as `Problems`. Here missing and duplicate ids
are added, and all of these items are set aside at once, so that a memory-mapped array is
copied at most once, and not at all if every row is usable. O(n). Of several rows with one
id the first usable row is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curate.core.values import Dataset, FloatArray, Kind, Problem, Problems, SetAside, no_metadata
from curate.errors import DataError

COMPRESSED = (".gz", ".bz2", ".xz")  # suffixes behind the one of the format


def assemble(
    kind: Kind,
    ids: Sequence[str | None],
    items: Sequence[Any] | FloatArray,
    problems: Problems,
    *,
    name: str,
    metadata: pa.Table | None = None,
    label_column: str | None = None,
) -> Dataset:
    """The data set of the items without problems; `ids`, `items`, `metadata` have n rows each.

    Raises DataError if no item is left.
    """
    problems = problems | _id_problems(ids, problems)
    count = len(ids)
    kept = np.ones(count, dtype=bool)  # (n,)
    kept[list(problems)] = False
    if not kept.any():
        raise _nothing_left(name, count, problems)
    whole = Dataset(
        kind=kind,
        ids=[_id_or_row(id_, row) for row, id_ in enumerate(ids)],
        items=items,
        metadata=metadata if metadata is not None and metadata.num_columns else no_metadata(count),
        name=name,
        label_column=label_column,
    )
    return whole.keep(kept, [SetAside(whole.ids[row], *problems[row]) for row in sorted(problems)])


def row_numbers(count: int) -> list[str]:
    """Ids where none are given: the row, counted from 0."""
    return [str(row) for row in range(count)]


def name_of(path: Path) -> str:
    """The name of a source in reports: the folder, or the file without its suffix."""
    path = path.resolve()
    if path.is_dir():
        return path.name or "data"
    inner = Path(path.stem)
    packed = path.suffix.lower() in COMPRESSED and inner.suffix
    return (inner.stem if packed else path.stem) or "data"


def format_of(path: Path, known: Container[str]) -> str:
    """The suffix of the format in lower case: `.csv`, or `.csv.gz` if that is in `known`."""
    two = "".join(path.suffixes[-2:]).lower()
    return two if two in known else path.suffix.lower()


def _id_problems(ids: Sequence[str | None], problems: Problems) -> Problems:
    """The rows without problems so far whose id is missing or a duplicate."""
    more: Problems = {}
    first: dict[str, int] = {}
    for row, id_ in enumerate(ids):
        if row in problems:
            continue
        if id_ is None or not id_.strip():
            more[row] = Problem("no id", f"row {row}")
        elif id_ in first:
            more[row] = Problem("duplicate id", f"row {row}; row {first[id_]} has it first")
        else:
            first[id_] = row
    return more


def _id_or_row(id_: str | None, row: int) -> str:
    return id_ if id_ is not None and id_.strip() else f"row {row}"


def _nothing_left(name: str, count: int, problems: Problems) -> DataError:
    if not count:
        return DataError(f"{name} has no items. Give a source with at least one.")
    reasons = Counter(reason for reason, _ in problems.values())
    counts = ", ".join(f"{times} {reason}" for reason, times in reasons.most_common())
    return DataError(
        f"{name} has {count} items and none can be used ({counts}). "
        "Give a source with at least one usable item."
    )
