"""What a picture file says of itself: its size, how sharp, bright and colourful it is.

All pixel values are of the upright picture over white, at full size, in 8 bits. Luma is
Pillow's "L": (299 R + 587 G + 114 B) / 1000, rounded. Sums are whole numbers, so that a value
is the float64 nearest the exact one, on every machine and with any number of threads.
Cost: decoding and all values together, 30 (PNG) to 90 (JPEG) megapixels a second and thread;
the header columns only open the file.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from curate.core import Picture
from curate.embed.embedder import Encoded, Reason
from curate.embed.pictures import UnreadablePictureError, load_picture, upright_size

BYTES = "bytes"

# name -> what it is. The order is that of the values of `_header` and `_pixels`.
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


class PictureColumns:
    """Encoder of pictures into the values of some columns."""

    batch_size = 16

    def __init__(
        self, fingerprint: str, dims: int, values: Callable[[Picture], list[float]]
    ) -> None:
        self.fingerprint, self.dims, self._values = fingerprint, dims, values

    def encode(self, batch: Sequence[Picture]) -> Encoded:
        """(b', d) float64 values of the pictures that can be read."""
        found: list[list[float]] = []
        unreadable: dict[int, Reason] = {}
        for position, picture in enumerate(batch):
            try:
                found.append(self._values(picture))
            except UnreadablePictureError as error:
                unreadable[position] = error.reason
        return Encoded(np.array(found, dtype=np.float64).reshape(-1, self.dims), unreadable)


def header_columns() -> PictureColumns:
    """The encoder of HEADER."""
    return PictureColumns("picture-header-1", len(HEADER), _header)


def pixel_columns() -> PictureColumns:
    """The encoder of PIXELS. Another number in its name when a formula changes."""
    return PictureColumns("picture-pixels-1", len(PIXELS), _pixels)


def file_bytes(picture: Picture) -> float:
    """Size of its file, NaN where that cannot be known."""
    try:
        with picture.open("rb") as stream:
            return float(stream.seek(0, os.SEEK_END))
    except OSError:
        return math.nan


def _header(picture: Picture) -> list[float]:
    width, height = upright_size(picture)
    return [width, height, width / height]


def _pixels(picture: Picture) -> list[float]:
    shown = load_picture(picture)
    luma = shown.convert("L")
    luminance, variance = _moments(luma.histogram())
    contrast = math.sqrt(variance)
    counts = shown.histogram()
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
    """Mean and variance of whole numbers of which `counts` has how many there are of each."""
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
