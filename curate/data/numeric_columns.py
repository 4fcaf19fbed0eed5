"""Numbers for vectors: arrays and columns of a table as (n, d) arrays of floats.

Floats keep their type, because rounding changes picks. Whole numbers become float32 if all of
them are exact in it, else float64. Arrays are read in blocks, so that a memory-mapped file is
never in memory as a whole. Lists are copied chunk by chunk into the result, so a table of
vectors needs its own memory once more and nothing else.

`read_numeric` reads a table that is itself the data (sensor readings, customers): a column of
numbers is one dimension, a column of texts is one-hot, with one dimension for each distinct
text. Numbers can be scaled, so that a column in metres does not outweigh one in years. A row
without a value in one of the columns is set aside. O(n·d).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt
from numpy.typing import NDArray

from curate.core.memory_map import in_native_order, row_blocks
from curate.core.values import Dataset, FloatArray, IntArray, Problem, Problems
from curate.data.assemble import assemble, name_of
from curate.data.columns import ids_of, is_text, label_of, metadata_of, require
from curate.data.options import ReadOptions
from curate.errors import DataError, RequestError

_EXACT_IN_FLOAT32 = 1 << 24  # float32 holds every whole number up to this one
_NO_VECTOR = 0  # length of a null list, as of an empty one
MOST_CATEGORIES = 1000  # of one column; with more it is hardly a category


# Arrays of numbers.


def float_type(kind: np.dtype[Any]) -> np.dtype[Any]:
    """The floating type that holds every value of `kind` (whole numbers up to 2**53)."""
    if kind.kind == "f":
        return kind.newbyteorder("=")
    return np.dtype(np.float64 if kind.kind in "iu" and kind.itemsize > 2 else np.float32)


def narrowed(matrix: FloatArray) -> FloatArray:
    """Whole numbers (n, d) as float32 if none is beyond 2**24; NaN is allowed."""
    for rows in row_blocks(matrix):
        if (np.abs(matrix[rows]) > _EXACT_IN_FLOAT32).any():
            return matrix
    return matrix.astype(np.float32, copy=False)


def as_floats(matrix: NDArray[Any]) -> FloatArray:
    """`matrix` (n, d) of floats, whole numbers or booleans as native floats.

    Floats are not copied, except by `in_native_order`.
    """
    if matrix.dtype.kind == "f":
        return in_native_order(matrix).astype(float_type(matrix.dtype), copy=False)
    out = np.empty(matrix.shape, float_type(matrix.dtype))
    for rows in row_blocks(matrix):
        out[rows] = matrix[rows]
    return narrowed(out)


def not_finite(matrix: FloatArray, names: list[str] | None = None) -> Problems:
    """The rows of `matrix` (n, d) with NaN or infinity; the detail names the first column."""
    problems: Problems = {}
    for rows in row_blocks(matrix):
        finite = np.isfinite(matrix[rows])
        for row in np.flatnonzero(~finite.all(axis=1)):
            column = int(np.argmin(finite[row]))
            name = names[column] if names else f"column {column}"
            value = matrix[rows.start + row, column]
            problems[int(rows.start + row)] = Problem("not finite", f"{name} is {value}")
    return problems


# Columns of a table.


def is_number(kind: pa.DataType) -> bool:
    """True for a type with one number a row."""
    return bool(pt.is_integer(kind) or pt.is_floating(kind) or pt.is_decimal(kind))


def is_vector(kind: pa.DataType) -> bool:
    """True for a type with a list of numbers a row."""
    lists = pt.is_list(kind) or pt.is_large_list(kind) or pt.is_fixed_size_list(kind)
    return bool(lists and _is_value(kind.value_type))


def from_numbers(table: pa.Table, names: list[str]) -> FloatArray:
    """(n, d) floats from d columns with one number a row; NaN where null.

    The type is the narrowest that holds the values of all columns. Raises TypeError with the
    name of the first column that does not hold numbers.
    """
    kinds = [table.schema.field(name).type for name in names]
    for name, kind in zip(names, kinds, strict=True):
        if not (_is_value(kind) or pt.is_null(kind)):
            raise TypeError(name)
    out = np.empty((table.num_rows, len(names)), np.result_type(*map(_float_type, kinds)))
    for at, name in enumerate(names):
        out[:, at] = _to_numpy(table.column(name))
    return narrowed(out) if all(pt.is_integer(kind) for kind in kinds) else out


def from_lists(column: pa.ChunkedArray) -> tuple[FloatArray, Problems]:
    """(n, d) floats from a column of lists, and the rows that do not have d numbers.

    d is the most common length of the lists; of several, the one that comes first. Rows of
    another length are zeros. A null element is NaN.
    """
    lengths = _lengths(column)  # (n,)
    dims = _most_common(lengths)
    out = np.zeros((len(lengths), dims), _float_type(column.type.value_type))
    start = 0
    for chunk in column.chunks:
        good = lengths[start : start + len(chunk)] == dims
        whole = chunk if good.all() else chunk.filter(pa.array(good))
        rows = start + np.flatnonzero(good)
        out[rows] = _to_numpy(whole.flatten()).reshape(len(rows), dims)
        start += len(chunk)
    problems: Problems = {
        int(row): Problem("no vector", f"row {row}")
        if lengths[row] == _NO_VECTOR
        else Problem("wrong dimension", f"{lengths[row]} numbers, most rows have {dims}")
        for row in np.flatnonzero((lengths != dims) | (lengths == _NO_VECTOR))
    }
    return (narrowed(out) if pt.is_integer(column.type.value_type) else out), problems


def _is_value(kind: pa.DataType) -> bool:
    return is_number(kind) or bool(pt.is_boolean(kind))


def _float_type(kind: pa.DataType) -> np.dtype[Any]:
    if pt.is_decimal(kind):
        return np.dtype(np.float64)
    if pt.is_null(kind):
        return np.dtype(np.float16)
    return float_type(np.dtype(kind.to_pandas_dtype()))


def _to_numpy(values: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    if pt.is_boolean(values.type):
        values = pc.cast(values, pa.uint8())
    elif pt.is_decimal(values.type) or pt.is_null(values.type):
        values = pc.cast(values, pa.float64())
    if isinstance(values, pa.ChunkedArray):
        flat: NDArray[Any] = values.to_numpy()
    else:
        flat = values.to_numpy(zero_copy_only=False)
    return flat


def _lengths(column: pa.ChunkedArray) -> IntArray:
    lengths = pc.fill_null(pc.cast(pc.list_value_length(column), pa.int64()), _NO_VECTOR)
    out: IntArray = lengths.to_numpy()
    return out


def _most_common(lengths: IntArray) -> int:
    values, first, counts = np.unique(lengths[lengths > 0], return_index=True, return_counts=True)
    if not len(values):
        return 0
    best = np.lexsort((first, -counts))[0]
    return int(values[best])


# The columns that --columns names.


def column_patterns(columns: str) -> list[str]:
    """The names and patterns in --columns, separated by commas; quotes protect a comma."""
    return [name.strip() for name in next(csv.reader([columns]), []) if name.strip()]


def matches_patterns(name: str, patterns: Sequence[str]) -> bool:
    """Whether a column has one of these names or fits one of the patterns."""
    return name in patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def read_numeric(table: pa.Table, path: Path, options: ReadOptions) -> Dataset:
    """The data set of the rows of the columns in `options.columns`, scaled as asked.

    Raises RequestError if a name or pattern fits no column, or a column holds neither numbers
    nor texts; DataError if a column has too many distinct texts, or no row is left.
    """
    names = _matching_columns(table.column_names, column_patterns(options.columns or ""), path)
    problems: Problems = {}
    parts: list[FloatArray] = []
    scale = SCALES[options.scale or "none"]
    for name in names:
        kind = table.schema.field(name).type
        if is_number(kind) or pt.is_boolean(kind):
            part = from_numbers(table, [name])  # (n, 1)
            problems = not_finite(part, [name]) | _missing(table.column(name), name) | problems
            parts.append(part)
        elif is_text(kind):
            texts = table.column(name)
            blank = pc.equal(pc.utf8_trim_whitespace(texts), pa.scalar("", kind))
            texts = pc.if_else(blank, pa.scalar(None, kind), texts)
            parts.append(_one_hot(texts, name, path))
            problems = _missing(texts, name) | problems
        else:
            raise RequestError(
                f"column {name!r} of {path.name} cannot be in --columns: it holds {kind}. "
                "Name columns of numbers or texts."
            )
    good = np.ones(table.num_rows, dtype=bool)
    good[list(problems)] = False
    numbers = [is_number(table.schema.field(name).type) for name in names]
    if good.any():
        pairs = zip(parts, numbers, strict=True)
        parts = [scale(part, part[good]) if number else part for part, number in pairs]
    label = label_of(table.column_names, options, path)
    return assemble(
        "vectors",
        ids_of(table, options.id_column, path),
        np.concatenate(parts, axis=1),
        problems,
        name=name_of(path),
        metadata=metadata_of(table, (options.id_column,), label),
        label_column=label,
    )


def _standard(part: FloatArray, good: FloatArray) -> FloatArray:
    """Scaled to mean 0 and standard deviation 1 over the usable rows `good`; 0 if constant."""
    wide = good.astype(np.float64)
    return _divided(part - wide.mean(), wide.std())


def _minmax(part: FloatArray, good: FloatArray) -> FloatArray:
    """Scaled so that the usable rows `good` span 0 to 1; 0 if constant."""
    wide = good.astype(np.float64)
    return _divided(part - wide.min(), wide.max() - wide.min())


def _divided(part: FloatArray, by: np.floating) -> FloatArray:
    return part / by if by > 0 else part * 0.0


SCALES: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "none": lambda part, _good: part,
    "standard": _standard,
    "minmax": _minmax,
}


def _matching_columns(names: Sequence[str], patterns: Sequence[str], path: Path) -> list[str]:
    """The columns in the order of the patterns; those of one pattern in table order."""
    columns: list[str] = []
    for pattern in patterns:
        fits = [name for name in names if name == pattern or fnmatchcase(name, pattern)]
        if not fits:
            require(names, pattern, "columns", path)
        exact = [pattern] if pattern in fits else fits
        columns += [name for name in exact if name not in columns]
    if not columns:
        raise RequestError("--columns names no column. Pass names with commas between them.")
    return columns


def _missing(column: pa.ChunkedArray, name: str) -> Problems:
    rows = pc.indices_nonzero(pc.is_null(column)).to_pylist()
    return {row: Problem("no value", f"{name} in row {row}") for row in rows}


def _one_hot(column: pa.ChunkedArray, name: str, path: Path) -> FloatArray:
    """(n, c) float32, 1 in the column of the row's text; the c distinct texts are sorted."""
    texts = pc.unique(pc.drop_null(column)).sort()
    if len(texts) > MOST_CATEGORIES:
        raise DataError(
            f"column {name!r} of {path.name} has {len(texts):,} distinct texts; a category has at "
            f"most {MOST_CATEGORIES:,}. Leave it out of --columns."
        )
    at = pc.fill_null(pc.index_in(column, texts), -1).to_numpy()
    out = np.zeros((len(column), len(texts)), np.float32)
    rows = np.flatnonzero(at >= 0)
    out[rows, at[rows]] = 1
    return out
