"""`perceptual`: colour, gradients and layout of a picture; numpy and Pillow, no weights.

Three parts: which colours there are (a joint histogram), where they are (an 8 × 8 grid of mean
colours), and which edges run where (histograms of gradients in 8 × 8 cells, as in HOG: Dalal
and Triggs, 2005). Pictures that look alike are near, not pictures that mean the same. 832
numbers a picture, each part of unit length times its weight; 500 pictures a second and thread.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from curate.core.pictures import square
from curate.embed.embedder import ModelEmbedder, fingerprint_of

SIDE = 64
GRID = 8  # cells a side, of layout and gradients
LEVELS = 4  # of each channel in the histogram of colours
DIRECTIONS = 9  # of edges, over half a turn
PREPROCESSING = "1: letterbox 64, YCbCr; colours 64, layout 192, gradients 576"
WEIGHTS = (1.0, 0.6, 1.0)  # of colours, layout and gradients


def perceptual() -> ModelEmbedder:
    """Embedder of picture files; (b', 832) float32."""
    return ModelEmbedder(
        name="perceptual",
        kind="images",
        metric="euclidean",
        fingerprint=fingerprint_of("perceptual", [PREPROCESSING, repr(WEIGHTS)]),
        prepare=lambda path: _features(square(path, SIDE)),
        forward=np.stack,
        dims=LEVELS**3 + 3 * GRID**2 + DIRECTIONS * GRID**2,
        items_per_call=16,
    )


def _features(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(832,) float32 of a (64, 64, 3) picture."""
    as_bytes = np.asarray(Image.fromarray(pixels).convert("YCbCr"))
    colours: NDArray[np.float32] = as_bytes.astype(np.float32) / np.float32(255)
    parts = (_histogram(pixels), _layout(colours), _gradients(colours[..., 0]))
    return np.concatenate(
        [weight * _unit(part) for weight, part in zip(WEIGHTS, parts, strict=True)]
    ).astype(np.float32)


def _histogram(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(64,) square roots of the shares of 4 × 4 × 4 colours."""
    levels = (pixels.astype(np.int64) * LEVELS) >> 8  # (64, 64, 3), each 0 to 3
    codes = (levels @ np.array([LEVELS**2, LEVELS, 1])).ravel()
    shares = np.bincount(codes, minlength=LEVELS**3).astype(np.float32)
    roots: NDArray[np.float32] = np.sqrt(shares)
    return roots


def _layout(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """(192,) mean Y, Cb, Cr of 8 × 8 cells, about grey."""
    means: NDArray[np.float32] = _cells(colours - np.float32(0.5)).mean(axis=(1, 3))
    return means.ravel()


def _gradients(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """(576,) square roots of the lengths of gradients, by cell and direction."""
    down, right = np.gradient(luma)
    turns = np.arctan2(down, right) / np.pi * DIRECTIONS  # an edge has no sign: half a turn
    lower = np.floor(turns)
    share = turns - lower
    length = np.hypot(down, right)
    weights = np.zeros((SIDE, SIDE, DIRECTIONS), np.float32)
    rows, columns = np.indices((SIDE, SIDE))
    first = lower.astype(np.int64) % DIRECTIONS
    weights[rows, columns, first] += length * (1 - share)
    weights[rows, columns, (first + 1) % DIRECTIONS] += length * share
    roots: NDArray[np.float32] = np.sqrt(_cells(weights).sum(axis=(1, 3)))
    return roots.ravel()


def _cells(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """(8, 8, 8, 8, c) from (64, 64, c): cell row, row in it, cell column, column in it."""
    step = SIDE // GRID
    return values.reshape(GRID, step, GRID, step, values.shape[2])


def _unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.float32(np.sqrt((values * values).sum()))
    return values / length if length > 0 else values
