"""The last step of every reader: ids are made unique and a Dataset is built.

Idea: a reader collects what it cannot use as `row -> (reason, detail)`; here ids
that are missing or come twice are added, and all of it is set aside at once, so
that a memory-mapped array is copied at most one time, and not at all when every
row is good. O(n). An item that is bad for another reason does not use up its id:
of two rows with one id, the first usable one is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curate.core.values import Dataset, FloatArray, Kind, SetAside, no_metadata
from curate.errors import DataError

COMPRESSED = (".gz", ".bz2", ".xz")  # suffixes after the one that tells the format
Problems = dict[int, tuple[str, str]]  # row -> (reason, detail)


def assemble(
    kind: Kind,
    ids: Sequence[str | None],
    items: Sequence[Any] | FloatArray,
    bad: Problems,
    *,
    name: str,
    metadata: pa.Table | None = None,
    label_column: str | None = None,
) -> Dataset:
    """The data set of the usable items; `ids`, `items` and `metadata` have n rows each.

    Raises DataError if nothing is left.
    """
    bad = bad | _bad_ids(ids, bad)
    count = len(ids)
    kept = np.ones(count, dtype=bool)  # (n,)
    kept[list(bad)] = False
    if not kept.any():
        raise _nothing_left(name, count, bad)
    whole = Dataset(
        kind=kind,
        ids=[_called(id_, row) for row, id_ in enumerate(ids)],
        items=items,
        metadata=metadata if metadata is not None and metadata.num_columns else no_metadata(count),
        name=name,
        label_column=label_column,
    )
    return whole.keep(kept, [SetAside(whole.ids[row], *bad[row]) for row in sorted(bad)])


def row_numbers(count: int) -> list[str]:
    """Ids where none are given: the row, counted from 0."""
    return [str(row) for row in range(count)]


def name_of(path: Path) -> str:
    """What a report calls a source: the folder, or the file without its suffix."""
    path = path.resolve()
    if path.is_dir():
        return path.name or "data"
    inner = Path(path.stem)
    packed = path.suffix.lower() in COMPRESSED and inner.suffix
    return (inner.stem if packed else path.stem) or "data"


def format_of(path: Path, known: Container[str]) -> str:
    """The suffix that tells the format, lower case: `.csv`, and `.csv.gz` if that is known."""
    two = "".join(path.suffixes[-2:]).lower()
    return two if two in known else path.suffix.lower()


def _bad_ids(ids: Sequence[str | None], bad: Problems) -> Problems:
    found: Problems = {}
    first: dict[str, int] = {}
    for row, id_ in enumerate(ids):
        if row in bad:
            continue
        if id_ is None or not id_.strip():
            found[row] = ("no id", f"row {row}")
        elif id_ in first:
            found[row] = ("duplicate id", f"row {row}; row {first[id_]} has it first")
        else:
            first[id_] = row
    return found


def _called(id_: str | None, row: int) -> str:
    return id_ if id_ is not None and id_.strip() else f"row {row}"


def _nothing_left(name: str, count: int, bad: Problems) -> DataError:
    if not count:
        return DataError(f"{name} has no items. Give a source with at least one.")
    reasons = Counter(reason for reason, _ in bad.values())
    counts = ", ".join(f"{times} {reason}" for reason, times in reasons.most_common())
    return DataError(
        f"{name} has {count} items and none can be used ({counts}). "
        "Give a source with at least one usable item."
    )
