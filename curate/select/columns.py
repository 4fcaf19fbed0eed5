"""Metadata columns as strategies need them: numbers, categories, conditions.

A csv keeps every value as it is written, so text that spells numbers counts as numbers where
numbers are needed. Empty text, null, NaN and infinity are no values.
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
    """(n,) float64, NaN where there is no value.

    Raises RequestError where a value is no number.
    """
    values = _as_floats(column)
    if values is None:
        raise RequestError(
            f"{strategy} needs numbers, and column {name!r} holds {_an_example(column)}: "
            "name another column."
        )
    values[~np.isfinite(values)] = np.nan
    return values


def categories(column: pa.ChunkedArray) -> list[str | None]:
    """n classes as text, None where there is no value; whole numbers without a point."""
    if not _is_text(column.type):
        return [_category(value) for value in column.to_pylist()]
    return [value or None for value in column.to_pylist()]


def meets(column: pa.ChunkedArray, spec: Threshold) -> tuple[BoolArray, tuple[str, ...]]:
    """(n,) whether each item meets the condition; and those of its values that never occur.

    Compared as numbers where both sides are numbers, else as text.
    """
    wanted = spec.value if isinstance(spec.value, tuple) else (spec.value,)
    floats = _as_floats(column) if all(isinstance(one, float) for one in wanted) else None
    if floats is not None:
        known = np.isfinite(floats)
        if spec.op == "in":
            return known & np.isin(floats, wanted), _absent(wanted, set(floats.tolist()))
        absent = () if spec.op in ("<", "<=", ">", ">=") else _absent(wanted, set(floats.tolist()))
        return known & _COMPARE[spec.op](floats, wanted[0]), absent
    if spec.op in ("<", "<=", ">", ">="):
        numbers(column, spec.column, "threshold")  # says what the column holds
    texts = categories(column)
    asked = {_category(one) for one in wanted}
    inside = np.array([text in asked for text in texts], dtype=bool)
    known = np.array([text is not None for text in texts], dtype=bool)
    return known & (~inside if spec.op == "!=" else inside), _absent(asked, set(texts))


def _absent(wanted: Any, values: set[Any]) -> tuple[str, ...]:
    return tuple(str(_category(one)) for one in sorted(wanted) if one not in values)


def _category(value: object) -> str | None:
    if value is None or value == "" or value != value:  # NaN is unlike itself
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind))


def _as_floats(column: pa.ChunkedArray) -> Float64Array | None:
    """(n,) float64 with NaN for nulls; None where a value is no number."""
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


def _an_example(column: pa.ChunkedArray) -> str:
    """The first value that is no number, and what the column holds."""
    for value in column.to_pylist():
        try:
            float(value or 0)
        except (TypeError, ValueError):
            return f"{value!r}"[:60]
    return str(column.type)
