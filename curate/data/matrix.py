"""Columns of a table as one (n, d) array of floats.

Idea: lists are copied chunk by chunk straight into the array that is handed on, so a
table of vectors needs its own memory once more and nothing else. A list of another
length cannot be a row: it is set aside, where "another" is told by the length that
most rows have.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt
from numpy.typing import NDArray

from curate.core import FloatArray, IntArray
from curate.data.assemble import Bad
from curate.data.floats import float_type, narrowed

_NONE = 0  # length of a null list, for it holds as many numbers as an empty one


def is_number(kind: pa.DataType) -> bool:
    """True for a type with one number a row."""
    return bool(pt.is_integer(kind) or pt.is_floating(kind) or pt.is_decimal(kind))


def is_vector(kind: pa.DataType) -> bool:
    """True for a type with a list of numbers a row."""
    lists = pt.is_list(kind) or pt.is_large_list(kind) or pt.is_fixed_size_list(kind)
    return bool(lists and _is_value(kind.value_type))


def from_numbers(table: pa.Table, names: list[str]) -> FloatArray:
    """(n, d) floats from d columns with one number a row; NaN where null.

    Narrow columns give float16 or float32 if all are that narrow. Raises TypeError with
    the name of the first column that holds no numbers.
    """
    kinds = [table.schema.field(name).type for name in names]
    for name, kind in zip(names, kinds, strict=True):
        if not (_is_value(kind) or pt.is_null(kind)):
            raise TypeError(name)
    out = np.empty((table.num_rows, len(names)), np.result_type(*map(_float_type, kinds)))
    for at, name in enumerate(names):
        out[:, at] = _to_numpy(table.column(name))
    return narrowed(out) if all(pt.is_integer(kind) for kind in kinds) else out


def from_lists(column: pa.ChunkedArray) -> tuple[FloatArray, Bad]:
    """(n, d) floats from a column of lists, and the rows that have no d numbers.

    d is the length that most lists have, and of equally many the one that comes first.
    The rows that are set aside hold zeros; an element that is null is NaN.
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
    bad: Bad = {
        int(row): ("no vector", f"row {row}")
        if lengths[row] == _NONE
        else ("wrong dimension", f"{lengths[row]} numbers, most rows have {dims}")
        for row in np.flatnonzero((lengths != dims) | (lengths == _NONE))
    }
    return (narrowed(out) if pt.is_integer(column.type.value_type) else out), bad


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
    lengths = pc.fill_null(pc.cast(pc.list_value_length(column), pa.int64()), _NONE)
    out: IntArray = lengths.to_numpy()
    return out


def _most_common(lengths: IntArray) -> int:
    values, first, counts = np.unique(lengths[lengths > 0], return_index=True, return_counts=True)
    if not len(values):
        return 0
    best = np.lexsort((first, -counts))[0]
    return int(values[best])
