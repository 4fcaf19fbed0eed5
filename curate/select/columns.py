"""Metadata columns as strategies need them: numbers, categories, conditions.

Values of a CSV are text, so text that can be read as numbers counts as numbers where numbers
are needed. Empty text, null, NaN and infinity count as missing.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from curate.core.distance import Float64Array
from curate.core.values import BoolArray
from curate.errors import RequestError
from curate.schema.strategies import Threshold

_COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def numbers(column: pa.ChunkedArray, name: str, strategy: str) -> Float64Array:
    """(n,) float64, NaN for missing values.

    Raises RequestError, which names the `strategy`, if a value is not a number.
    """
    values = _as_floats(column)
    if values is None:
        raise RequestError(
            f"{strategy} needs numbers, and column {name!r} holds {_not_a_number(column)}: "
            "name another column."
        )
    values[~np.isfinite(values)] = np.nan
    return values


def categories(column: pa.ChunkedArray) -> list[str | None]:
    """n categories as text, None for missing values; whole numbers without a decimal point."""
    if not _is_text(column.type):
        return [_category(value) for value in column.to_pylist()]
    return [value or None for value in column.to_pylist()]


def meets(column: pa.ChunkedArray, spec: Threshold) -> tuple[BoolArray, tuple[str, ...]]:
    """(n,) whether each item meets the condition; and the values of `spec` that never occur.

    Values are compared as numbers if both sides are numbers, else as text.
    """
    wanted = spec.value if isinstance(spec.value, tuple) else (spec.value,)
    floats = _as_floats(column) if all(isinstance(value, float) for value in wanted) else None
    if floats is not None:
        present = np.isfinite(floats)
        if spec.op == "in":
            return present & np.isin(floats, wanted), _absent(wanted, set(floats.tolist()))
        absent = () if spec.op in ("<", "<=", ">", ">=") else _absent(wanted, set(floats.tolist()))
        return present & _COMPARE[spec.op](floats, wanted[0]), absent
    if spec.op in ("<", "<=", ">", ">="):
        numbers(column, spec.column, "threshold")  # raises the error
    texts = categories(column)
    named = {_category(value) for value in wanted}
    inside = np.array([text in named for text in texts], dtype=bool)
    present = np.array([text is not None for text in texts], dtype=bool)
    return present & (~inside if spec.op == "!=" else inside), _absent(named, set(texts))


def _absent(wanted: Any, values: set[Any]) -> tuple[str, ...]:
    """Those of `wanted` that are not among `values`, as text."""
    return tuple(str(_category(value)) for value in sorted(wanted) if value not in values)


def _category(value: object) -> str | None:
    if value is None or value == "" or value != value:  # NaN differs from itself
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind))


def _as_floats(column: pa.ChunkedArray) -> Float64Array | None:
    """(n,) float64 with NaN for nulls; None if a value is not a number."""
    kind = column.type
    if pt.is_nested(kind) or pt.is_temporal(kind):
        return None
    if _is_text(kind):
        trimmed = pc.utf8_trim_whitespace(column)
        empty = pc.equal(trimmed, pa.scalar("", kind))
        column = pc.if_else(empty, pa.scalar(None, kind), trimmed)
    try:
        floats: Float64Array = np.array(
            pc.cast(column, pa.float64(), safe=False).to_numpy(), dtype=np.float64
        )
    except pa.ArrowException:
        return None
    return floats


def _not_a_number(column: pa.ChunkedArray) -> str:
    """The first value that is not a number, as text; if there is none, the column's type."""
    for value in column.to_pylist():
        try:
            float(value or 0)
        except (TypeError, ValueError):
            return f"{value!r}"[:60]
    return str(column.type)
