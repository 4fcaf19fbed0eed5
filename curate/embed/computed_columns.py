"""Columns that need not be in the data: computed from a picture, its file, or a text.

They are computed if a strategy or the report needs a column of that name which the data do
not have: a column of the data has priority. Values that need decoding are cached by content
beside the embeddings, so that a second run reads no picture.

Pixel values are of the upright picture over white, at full size, in 8 bits. Luma is Pillow's
"L": (299 R + 587 G + 114 B) / 1000, rounded. Sums are whole numbers, so that a value is the
float64 nearest to the exact one, on every machine and with any number of threads.
Cost: decoding and all pixel values together, 30 (PNG) to 90 (JPEG) megapixels a second and
thread; the header columns only open the file. Texts: O(characters), over 10 million a second.
"""

from __future__ import annotations

import math
import os
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image

from curate.core.pictures import UnreadablePictureError, load_picture, upright_size
from curate.core.values import Dataset, FloatArray, Kind, Picture, Problem
from curate.embed.embed import encode_all
from curate.embed.embedder import Encoded
from curate.errors import RequestError, did_you_mean
from curate.progress import Progress, silent

BYTES = "bytes"

# Name -> description, in the order of the values of `_header` and `_pixels`.
HEADER = {
    "width": "pixels from left to right",
    "height": "pixels from top to bottom",
    "aspect": "width / height",
}
PIXELS = {
    "sharpness": "variance of the Laplacian of luma (up + down + left + right − 4 × centre, "
    "edges repeated)",
    "luminance": "mean luma, 0 to 255",
    "red": "mean of the red channel, 0 to 255",
    "green": "mean of the green channel, 0 to 255",
    "blue": "mean of the blue channel, 0 to 255",
    "contrast": "standard deviation of luma",
    "signal_to_noise": "luminance / contrast; none for a picture of one luma",
}
PICTURE_COLUMNS = {**HEADER, BYTES: "size of the file", **PIXELS}
WHOLE = ("width", "height", BYTES)  # columns of whole numbers

TEXT_COLUMNS = {
    "characters": "Unicode code points, white space included",
    "words": "runs of characters between white space that hold a letter or digit; "
    "of Chinese and Japanese each character is one",
    "repetition": "1 − different / all runs of 8 characters: 0 if none comes twice",
}
RUN = 8  # shorter runs repeat in any long text, longer ones miss short refrains

# Scripts without spaces, whose characters count as words: kana and Han.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKENS = re.compile(f"[{_UNSPACED}]|[^\\s{_UNSPACED}]+")


# Pictures.


class PictureColumns:
    """Encoder of pictures into the values of some columns."""

    batch_size = 16

    def __init__(
        self, fingerprint: str, dims: int, values: Callable[[Picture], list[float]]
    ) -> None:
        self.fingerprint, self.dims, self._values = fingerprint, dims, values

    def encode(self, batch: Sequence[Picture]) -> Encoded:
        """(b', d) float64 values of the readable pictures."""
        rows: list[list[float]] = []
        unreadable: dict[int, Problem] = {}
        for position, picture in enumerate(batch):
            try:
                rows.append(self._values(picture))
            except UnreadablePictureError as error:
                unreadable[position] = error.problem
        return Encoded(np.array(rows, dtype=np.float64).reshape(-1, self.dims), unreadable)


def header_columns() -> PictureColumns:
    """The encoder of HEADER."""
    return PictureColumns("picture-header-1", len(HEADER), _header)


def pixel_columns() -> PictureColumns:
    """The encoder of PIXELS. Count up the number in its name when a formula changes."""
    return PictureColumns("picture-pixels-1", len(PIXELS), _pixels)


def file_bytes(picture: Picture) -> float:
    """Size of the file, NaN if it cannot be read."""
    try:
        with picture.open("rb") as stream:
            return float(stream.seek(0, os.SEEK_END))
    except OSError:
        return math.nan


def _header(picture: Picture) -> list[float]:
    width, height = upright_size(picture)
    return [width, height, width / height]


def _pixels(picture: Picture) -> list[float]:
    image = load_picture(picture)
    luma = image.convert("L")
    luminance, variance = _moments(luma.histogram())
    contrast = math.sqrt(variance)
    counts = image.histogram()
    red, green, blue = (_moments(counts[at : at + 256])[0] for at in (0, 256, 512))
    return [
        laplacian_variance(luma),
        luminance,
        red,
        green,
        blue,
        contrast,
        luminance / contrast if contrast else math.nan,
    ]


def _moments(counts: list[int]) -> tuple[float, float]:
    """Mean and variance of whole numbers; `counts[value]` is the count of a value."""
    n = sum(counts)
    total = sum(value * count for value, count in enumerate(counts))
    squares = sum(value * value * count for value, count in enumerate(counts))
    return total / n, (n * squares - total * total) / (n * n)


def laplacian_variance(luma: Image.Image) -> float:
    """Variance of the 4-neighbour Laplacian of an 8-bit picture, its edge pixels repeated."""
    padded = np.pad(np.asarray(luma).astype(np.int16), 1, mode="edge")  # values stay within 1020
    laplacian: NDArray[np.int16] = padded[:-2, 1:-1] + padded[2:, 1:-1]
    laplacian += padded[1:-1, :-2]
    laplacian += padded[1:-1, 2:]
    laplacian -= 4 * padded[1:-1, 1:-1]
    n = laplacian.size
    total = int(laplacian.sum(dtype=np.int64))
    squares = int(np.einsum("ij,ij->", laplacian, laplacian, dtype=np.int64))
    return (n * squares - total * total) / (n * n)


# Texts in any language.


def characters(text: str) -> int:
    """The column of this name in TEXT_COLUMNS."""
    return len(text)


def words(text: str) -> int:
    """The column of this name in TEXT_COLUMNS."""
    return sum(any(map(str.isalnum, token)) for token in _TOKENS.findall(text))


def repetition(text: str) -> float:
    """The column of this name in TEXT_COLUMNS."""
    runs = len(text) - RUN + 1
    if runs < 1:
        return 0.0
    return 1 - len({text[at : at + RUN] for at in range(runs)}) / runs


# The columns of each kind of item.


# Kind of item -> name of a column -> description.
BUILTIN: dict[Kind, dict[str, str]] = {
    "images": PICTURE_COLUMNS,
    "text": TEXT_COLUMNS,
    "vectors": {},
}
_OF_TEXT: dict[str, Callable[[str], float]] = {
    "characters": characters,
    "words": words,
    "repetition": repetition,
}
_WHOLE = (*WHOLE, "characters", "words")


def add_builtin_columns(
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
    Raises RequestError for an unknown name.
    """
    missing = missing_columns(dataset, names)
    if not missing:
        return dataset
    table = builtin_columns(dataset, missing, keys, cache_folder, threads, progress)
    metadata = dataset.metadata
    for name in missing:
        metadata = metadata.append_column(name, table.column(name))
    return replace(dataset, metadata=metadata)


def missing_columns(dataset: Dataset, names: Sequence[str]) -> list[str]:
    """The `names` that are not columns of the data but built in.

    Raises RequestError for an unknown name.
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
    """A table of n rows with the built-in columns `names`; null if an item has no value."""
    columns: dict[str, FloatArray] = {}
    if dataset.kind == "images":
        pictures: list[Picture] = list(dataset.items)
        if BYTES in names:
            columns[BYTES] = np.array([file_bytes(picture) for picture in pictures])
        for group, encoder in (
            (HEADER, header_columns),
            (PIXELS, pixel_columns),
        ):
            if not group.keys().isdisjoint(names):
                encoded = encode_all(
                    pictures,
                    keys,
                    encoder(),
                    cache_folder,
                    threads,
                    progress,
                    dtype=np.float64,
                    label="reading pictures",
                )
                encoded.vectors[list(encoded.problems)] = math.nan
                columns |= dict(zip(group, encoded.vectors.T, strict=True))
    else:
        for name in names:
            of_text = _OF_TEXT[name]
            steps = progress(dataset.items, f"counting {name}", len(dataset))
            columns[name] = np.array([of_text(text) for text in steps], dtype=np.float64)
    return pa.table({name: _as_column(columns[name], name) for name in names})


def columns_listed() -> str:
    """Every built-in column with its description, for a terminal."""
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
    missing = np.isnan(values)
    if name in _WHOLE:
        return pa.array(np.where(missing, 0, values).astype(np.int64), mask=missing)
    return pa.array(values, mask=missing)
