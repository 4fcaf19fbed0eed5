"""Columns of a table as they are: numbers as numbers, categories one-hot.

Idea: for tables that are the data (sensor readings, customers), not vectors about them.
A column of numbers is one dimension, a column of texts one for each distinct text, 1 where
a row has it. Numbers can be scaled, so that a column in metres does not outweigh one in
years; categories are not. A row without a value in any of the columns is set aside.
O(n·d). The columns stay in the metadata, for a reader wants to see them.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from curate.core import Dataset, FloatArray
from curate.data.assemble import Bad, assemble, name_of
from curate.data.columns import ids_of, is_text, label_of, metadata_of, require
from curate.data.floats import not_finite
from curate.data.matrix import from_numbers, is_number
from curate.data.options import ReadOptions
from curate.errors import DataError, RequestError

MOST_CATEGORIES = 1000  # of one column; beyond that it is hardly a category


def column_patterns(columns: str) -> list[str]:
    """What --columns names: names or patterns between commas; quotes keep a comma."""
    return [name.strip() for name in next(csv.reader([columns]), []) if name.strip()]


def is_chosen(name: str, patterns: Sequence[str]) -> bool:
    """Whether a column is among those that --columns names."""
    return name in patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def read_numeric(table: pa.Table, path: Path, options: ReadOptions) -> Dataset:
    """The data set of the rows of the columns in `options.columns`, scaled as asked.

    Raises RequestError if a name or pattern fits no column, or a column holds neither
    numbers nor texts; DataError if it has too many different texts, or no row is left.
    """
    names = _chosen(table.column_names, column_patterns(options.columns or ""), path)
    bad: Bad = {}
    parts: list[FloatArray] = []
    scale = SCALES[options.scale or "none"]
    for name in names:
        kind = table.schema.field(name).type
        if is_number(kind) or pt.is_boolean(kind):
            part = from_numbers(table, [name])  # (n, 1)
            bad = not_finite(part, [name]) | _missing(table.column(name), name) | bad
            parts.append(part)
        elif is_text(kind):
            texts = table.column(name)
            blank = pc.equal(pc.utf8_trim_whitespace(texts), pa.scalar("", kind))
            texts = pc.if_else(blank, pa.scalar(None, kind), texts)
            parts.append(_one_hot(texts, name, path))
            bad = _missing(texts, name) | bad
        else:
            raise RequestError(
                f"column {name!r} of {path.name} cannot be in --columns: it holds {kind}. "
                "Name columns of numbers or texts."
            )
    good = np.ones(table.num_rows, dtype=bool)
    good[list(bad)] = False
    numbers = [is_number(table.schema.field(name).type) for name in names]
    if good.any():
        pairs = zip(parts, numbers, strict=True)
        parts = [scale(part, part[good]) if number else part for part, number in pairs]
    label = label_of(table.column_names, options, path)
    return assemble(
        "vectors",
        ids_of(table, options.id_column, path),
        np.concatenate(parts, axis=1),
        bad,
        name=name_of(path),
        metadata=metadata_of(table, (options.id_column,), label),
        label_column=label,
    )


def _standard(part: FloatArray, good: FloatArray) -> FloatArray:
    """Mean 0 and standard deviation 1 over the usable rows; a constant column becomes 0."""
    wide = good.astype(np.float64)
    return _divided(part - wide.mean(), wide.std())


def _minmax(part: FloatArray, good: FloatArray) -> FloatArray:
    """The usable rows span 0 to 1; a constant column becomes 0."""
    wide = good.astype(np.float64)
    return _divided(part - wide.min(), wide.max() - wide.min())


def _divided(part: FloatArray, by: np.floating) -> FloatArray:
    return part / by if by > 0 else part * 0.0


SCALES: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "none": lambda part, _good: part,
    "standard": _standard,
    "minmax": _minmax,
}


def _chosen(names: Sequence[str], patterns: Sequence[str], path: Path) -> list[str]:
    """Columns that are named, in the order of the names; those of a pattern as they stand."""
    found: list[str] = []
    for pattern in patterns:
        fits = [name for name in names if name == pattern or fnmatchcase(name, pattern)]
        if not fits:
            require(names, pattern, "columns", path)
        exact = [pattern] if pattern in fits else fits
        found += [name for name in exact if name not in found]
    if not found:
        raise RequestError("--columns names no column. Pass names with commas between them.")
    return found


def _missing(column: pa.ChunkedArray, name: str) -> Bad:
    rows = pc.indices_nonzero(pc.is_null(column)).to_pylist()
    return {row: ("no value", f"{name} in row {row}") for row in rows}


def _one_hot(column: pa.ChunkedArray, name: str, path: Path) -> FloatArray:
    """(n, c) float32 with 1 for the text that a row has; c distinct texts, sorted."""
    texts = pc.unique(pc.drop_null(column)).sort()
    if len(texts) > MOST_CATEGORIES:
        raise DataError(
            f"column {name!r} of {path.name} has {len(texts):,} different texts, and at most "
            f"{MOST_CATEGORIES:,} are taken for categories. Leave it out of --columns."
        )
    at = pc.fill_null(pc.index_in(column, texts), -1).to_numpy()
    out = np.zeros((len(column), len(texts)), np.float32)
    rows = np.flatnonzero(at >= 0)
    out[rows, at[rows]] = 1
    return out
