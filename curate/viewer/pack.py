"""Arrays and columns as they stand in the page: JSON, with numbers as base64 of their bytes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.export.records import plain

WORDS = 200  # characters of a cell or a text
FEW = 20  # different numbers written as text that are still names, each with a colour of its own
WHOLE = 2**53  # integers beyond are no floats, and stay text
TYPES = {"uint16": "u2", "uint32": "u4", "int32": "i4", "float32": "f4", "float64": "f8"}


def packed(values: NDArray[Any]) -> dict[str, str]:
    """An array, flattened, little-endian."""
    flat = np.ascontiguousarray(values)
    raw = flat.astype(flat.dtype.newbyteorder("<")).tobytes()
    return {"type": TYPES[flat.dtype.name], "data": base64.b64encode(raw).decode()}


def rows_packed(rows: NDArray[Any], most: int) -> dict[str, str]:
    """Rows below `most`, as narrow as they go."""
    return packed(rows.astype(np.uint16 if most <= 1 << 16 else np.uint32))


def places_packed(places: NDArray[Any]) -> dict[str, str]:
    """(m, 2) places on one square grid of 65,536 steps: finer than any screen."""
    low = places.min(axis=0)
    span = float((places.max(axis=0) - low).max()) or 1.0
    return packed(np.round((places - low) / span * 65535).astype(np.uint16))


def column_packed(
    name: str, column: pa.ChunkedArray, *, named: bool = False
) -> dict[str, Any] | None:
    """A column that can be shown: numbers, or words with a code for each; None for bytes.

    Dates are numbers too: milliseconds since 1970. Numbers and dates written as text, as all are
    in a CSV file, are what they look like, if there are more than FEW. With `named`, as for
    labels, whatever it has are words. `digits` says how many of a number's digits mean anything.
    """
    type_ = column.type
    if isinstance(type_, pa.ExtensionType) or pa.types.is_null(type_):
        return None
    if _is_bytes(type_):
        return None
    if not named:
        numbers = _numbers(column)
        if numbers is not None:
            digits = {16: 4, 32: 7}.get(type_.bit_width, 15) if pa.types.is_floating(type_) else 15
            return {"name": name, "kind": "number", "digits": digits, "values": packed(numbers)}
        times = _times(column)
        if times is not None:
            return {"name": name, "kind": "number", "time": True, "values": packed(times)}
    return words_packed(name, [_cell(value) for value in column.to_pylist()])


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64] | None:
    """What a column of numbers, or of texts that are all numbers, says; None if it is none."""
    type_ = column.type
    if _is_text(type_):
        if not _all_like(NUMBER, column):
            return None
    elif not (pa.types.is_integer(type_) or pa.types.is_floating(type_)):
        return None
    values: NDArray[np.float64] = _filled(column).cast(pa.float64(), safe=False).to_numpy()
    if pa.types.is_floating(type_):
        return values
    finite = values[np.isfinite(values)]
    if len(finite) and (finite == np.floor(finite)).all() and np.abs(finite).max() > WHOLE:
        return None
    return values


def _times(column: pa.ChunkedArray) -> NDArray[np.float64] | None:
    """Milliseconds since 1970 of a column of dates, or of texts that are; None if it is none."""
    type_ = column.type
    try:
        if _is_text(type_):
            if not _all_like(DATE, column):
                return None
            column = _filled(column).cast(pa.timestamp("ns"))
        elif not (pa.types.is_date(type_) or pa.types.is_timestamp(type_)):
            return None
        ticks = column.cast(pa.timestamp("ms"), safe=False).cast(pa.int64())
    except pa.ArrowException:  # a 30th of February
        return None
    values: NDArray[np.float64] = ticks.cast(pa.float64()).to_numpy()
    return values


def _all_like(form: re.Pattern[str], column: pa.ChunkedArray) -> bool:
    """Whether there are more than FEW different texts, gaps aside, and all have the form."""
    texts = [one for one in pc.unique(column).to_pylist() if one]
    return len(texts) > FEW and all(form.fullmatch(one) for one in texts)


def _filled(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column in which no text is empty: such is a gap."""
    if not _is_text(column.type):
        return column
    return pc.if_else(pc.equal(column, ""), None, column)


NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,2})?")  # 007 is a name
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?)?")


def words_packed(name: str, words: Sequence[str | None]) -> dict[str, Any]:
    """A column of words: its different ones by how often they come, and a code for each row."""
    many: dict[str, int] = {}
    for word in words:
        if word is not None:
            many[word] = many.get(word, 0) + 1
    names = sorted(many, key=lambda word: (-many[word], word))
    code = {word: place for place, word in enumerate(names)}
    codes = np.array([-1 if word is None else code[word] for word in words], dtype=np.int32)
    return {"name": name, "kind": "words", "names": names, "codes": packed(codes)}


def as_script(told: Any) -> str:
    """JSON that can stand in a page: no sign of it can end the element or begin markup."""
    text = json.dumps(told, separators=(",", ":"))  # ASCII only, lone surrogates included
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))


def _is_bytes(type_: pa.DataType) -> bool:
    if pa.types.is_struct(type_):
        return any(_is_bytes(type_.field(at).type) for at in range(type_.num_fields))
    return bool(
        pa.types.is_binary(type_)
        or pa.types.is_large_binary(type_)
        or pa.types.is_fixed_size_binary(type_)
        or pa.types.is_fixed_size_list(type_)
    )


def _cell(value: Any) -> str | None:
    if value is None:
        return None
    nested = isinstance(value, list | dict)
    text = json.dumps(plain(value), default=str, ensure_ascii=False) if nested else str(value)
    return short(text)


def short(text: str) -> str:
    """As much of a text as the page shows."""
    return text if len(text) <= WORDS else f"{text[: WORDS - 1]}…"
