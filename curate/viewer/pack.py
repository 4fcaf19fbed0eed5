"""Arrays and metadata columns as JSON for the page; numbers are base64 of their bytes."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.export.records import plain

TEXT_CHARACTERS = 200  # of a cell or a text
MOST_CODES = 20  # up to so many different numbers written as text are class codes, not numbers
EXACT_INTEGERS = 2**53  # float64 holds integers exactly up to here; larger ones stay text
TYPES = {"uint16": "u2", "uint32": "u4", "int32": "i4", "float32": "f4", "float64": "f8"}


def pack_array(values: NDArray[Any]) -> dict[str, str]:
    """The flattened array, little-endian."""
    flat = np.ascontiguousarray(values)
    raw = flat.astype(flat.dtype.newbyteorder("<")).tobytes()
    return {"type": TYPES[flat.dtype.name], "data": base64.b64encode(raw).decode()}


def pack_rows(rows: NDArray[Any], n: int) -> dict[str, str]:
    """Row numbers below n, in the narrowest type that holds them."""
    return pack_array(rows.astype(np.uint16 if n <= 1 << 16 else np.uint32))


def pack_coordinates(coordinates: NDArray[Any]) -> dict[str, str]:
    """(m, 2) coordinates on a square grid of 65,536 steps, finer than any screen."""
    low = coordinates.min(axis=0)
    span = float((coordinates.max(axis=0) - low).max()) or 1.0
    return pack_array(np.round((coordinates - low) / span * 65535).astype(np.uint16))


def pack_column(
    name: str, column: pa.ChunkedArray, *, is_label: bool = False
) -> dict[str, Any] | None:
    """A column as numbers or as words with a code for each row; None for bytes.

    Dates become numbers: milliseconds since 1970. Text that holds only numbers or only dates
    counts as such if it has more than MOST_CODES different values (CSV files hold only text).
    A label column always becomes words. `digits` is the number of significant digits.
    """
    type_ = column.type
    if isinstance(type_, pa.ExtensionType) or pa.types.is_null(type_):
        return None
    if _is_bytes(type_):
        return None
    if not is_label:
        numbers = _numbers(column)
        if numbers is not None:
            digits = {16: 4, 32: 7}.get(type_.bit_width, 15) if pa.types.is_floating(type_) else 15
            return {"name": name, "kind": "number", "digits": digits, "values": pack_array(numbers)}
        times = _times(column)
        if times is not None:
            return {"name": name, "kind": "number", "time": True, "values": pack_array(times)}
    return pack_words(name, [_cell(value) for value in column.to_pylist()])


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64] | None:
    """(n,) numbers of a column of numbers, or of texts that are all numbers; else None."""
    type_ = column.type
    if _is_text(type_):
        if not _all_match(NUMBER, column):
            return None
    elif not (pa.types.is_integer(type_) or pa.types.is_floating(type_)):
        return None
    values: NDArray[np.float64] = _empty_as_null(column).cast(pa.float64(), safe=False).to_numpy()
    if pa.types.is_floating(type_):
        return values
    finite = values[np.isfinite(values)]
    if len(finite) and (finite == np.floor(finite)).all() and np.abs(finite).max() > EXACT_INTEGERS:
        return None
    return values


def _times(column: pa.ChunkedArray) -> NDArray[np.float64] | None:
    """(n,) milliseconds since 1970 of a column of dates, or of texts that are; else None."""
    type_ = column.type
    try:
        if _is_text(type_):
            if not _all_match(DATE, column):
                return None
            column = _empty_as_null(column).cast(pa.timestamp("ns"))
        elif not (pa.types.is_date(type_) or pa.types.is_timestamp(type_)):
            return None
        ticks = column.cast(pa.timestamp("ms"), safe=False).cast(pa.int64())
    except pa.ArrowException:  # a 30th of February
        return None
    values: NDArray[np.float64] = ticks.cast(pa.float64()).to_numpy()
    return values


def _all_match(pattern: re.Pattern[str], column: pa.ChunkedArray) -> bool:
    """Whether all texts match, empty ones aside, and more than MOST_CODES are different."""
    texts = [text for text in pc.unique(column).to_pylist() if text]
    return len(texts) > MOST_CODES and all(pattern.fullmatch(text) for text in texts)


def _empty_as_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with null in place of empty text."""
    if not _is_text(column.type):
        return column
    return pc.if_else(pc.equal(column, ""), None, column)


# 007 is a code, not a number.
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,2})?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?)?")


def pack_words(name: str, words: Sequence[str | None]) -> dict[str, Any]:
    """A column of words: the different ones, most frequent first, and a code for each row."""
    counts = Counter(word for word in words if word is not None)
    names = sorted(counts, key=lambda word: (-counts[word], word))
    code = {word: place for place, word in enumerate(names)}
    codes = np.array([-1 if word is None else code[word] for word in words], dtype=np.int32)
    return {"name": name, "kind": "words", "names": names, "codes": pack_array(codes)}


def as_script(value: Any) -> str:
    """JSON for a script element: `<`, `>` and `&` are escaped, so it cannot end the element."""
    text = json.dumps(value, separators=(",", ":"))  # ASCII only, lone surrogates too
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))


def _is_bytes(type_: pa.DataType) -> bool:
    if pa.types.is_struct(type_):
        return any(_is_bytes(type_.field(place).type) for place in range(type_.num_fields))
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
    """The beginning of a text, as much as the page shows."""
    return text if len(text) <= TEXT_CHARACTERS else f"{text[: TEXT_CHARACTERS - 1]}…"
