"""Arrays and columns as they stand in the page: JSON, with numbers as base64 of their bytes."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curate.export.records import plain

WORDS = 200  # characters of a cell or a text
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


def column_packed(name: str, column: pa.ChunkedArray) -> dict[str, Any] | None:
    """A column that can be shown: numbers, or words with a code for each; None for bytes."""
    type_ = column.type
    if isinstance(type_, pa.ExtensionType) or pa.types.is_null(type_):
        return None
    if _is_bytes(type_):
        return None
    if pa.types.is_integer(type_) or pa.types.is_floating(type_):
        values = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return {"name": name, "kind": "number", "values": packed(values.astype(np.float64))}
    return words_packed(name, [_cell(value) for value in column.to_pylist()])


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
    return text[:WORDS]
