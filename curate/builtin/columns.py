"""The columns that every data set of a kind has, whether its metadata name them or not.

They are computed when a strategy or the report asks for a column of that name which the data
do not have: a column of the user's own wins. What costs decoding is kept by content beside the
embeddings, so that a second run reads no picture.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from curate.builtin import pictures, texts
from curate.core import Dataset, FloatArray, Kind, Picture
from curate.embed.embed import encode_all
from curate.errors import RequestError, did_you_mean
from curate.progress import Progress, silent

# kind of item -> name of a column -> what it is
BUILTIN: dict[Kind, dict[str, str]] = {
    "images": pictures.PICTURE_COLUMNS,
    "text": texts.TEXT_COLUMNS,
    "vectors": {},
}
_OF_TEXT: dict[str, Callable[[str], float]] = {
    "characters": texts.characters,
    "words": texts.words,
    "repetition": texts.repetition,
}
_WHOLE = (*pictures.WHOLE, "characters", "words")


def with_columns(
    dataset: Dataset,
    names: Sequence[str],
    keys: Sequence[bytes],
    *,
    cache_folder: Path | None = None,
    threads: int | None = None,
    progress: Progress = silent,
) -> Dataset:
    """The data set with every column of `names`: its own, or else the built-in one.

    keys  content hashes of its n items
    Raises RequestError for a name that is neither.
    """
    missing = not_its_own(dataset, names)
    if not missing:
        return dataset
    table = builtin_columns(dataset, missing, keys, cache_folder, threads, progress)
    metadata = dataset.metadata
    for name in missing:
        metadata = metadata.append_column(name, table.column(name))
    return replace(dataset, metadata=metadata)


def not_its_own(dataset: Dataset, names: Sequence[str]) -> list[str]:
    """Those of `names` that are built in and not columns of the data.

    Raises RequestError for a name that is neither.
    """
    own, known = dataset.metadata.column_names, BUILTIN[dataset.kind]
    missing = [name for name in dict.fromkeys(names) if name not in own]
    for name in missing:
        if name not in known:
            raise RequestError(
                f"{dataset.name} has no column {name!r}, and none is built in for {dataset.kind}: "
                f"{did_you_mean(name, [*own, *known])}"
            )
    return missing


def builtin_columns(
    dataset: Dataset,
    names: Sequence[str],
    keys: Sequence[bytes],
    cache_folder: Path | None = None,
    threads: int | None = None,
    progress: Progress = silent,
) -> pa.Table:
    """A table of n rows with the built-in columns `names`; null where an item has no value."""
    columns: dict[str, FloatArray] = {}
    if dataset.kind == "images":
        shown: list[Picture] = list(dataset.items)
        if pictures.BYTES in names:
            columns[pictures.BYTES] = np.array([pictures.file_bytes(picture) for picture in shown])
        for group, encoder in (
            (pictures.HEADER, pictures.header_columns),
            (pictures.PIXELS, pictures.pixel_columns),
        ):
            if not group.keys().isdisjoint(names):
                values, without, _, _ = encode_all(
                    shown,
                    keys,
                    encoder(),
                    cache_folder,
                    threads,
                    progress,
                    dtype=np.float64,
                    label="reading pictures",
                )
                values[list(without)] = math.nan
                columns |= dict(zip(group, values.T, strict=True))
    else:
        for name in names:
            of_text = _OF_TEXT[name]
            steps = progress(dataset.items, f"counting {name}", len(dataset))
            columns[name] = np.array([of_text(text) for text in steps], dtype=np.float64)
    return pa.table({name: _as_column(columns[name], name) for name in names})


def columns_listed() -> str:
    """Every built-in column and what it is, for a terminal."""
    lines = ["columns that need not be in the data"]
    for kind, columns in BUILTIN.items():
        if columns:
            lines.append(f"  Of {kind}:")
        for name, what in columns.items():
            lines += textwrap.wrap(
                f"{name}: {what}.", 92, initial_indent=" " * 4, subsequent_indent=" " * 6
            )
    return "\n".join(lines)


def _as_column(values: FloatArray, name: str) -> pa.Array:
    nothing = np.isnan(values)
    if name in _WHOLE:
        return pa.array(np.where(nothing, 0, values).astype(np.int64), mask=nothing)
    return pa.array(values, mask=nothing)
