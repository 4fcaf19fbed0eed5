"""Fewer dimensions: a linear map that is fitted to one data set and applied to others.

`pca` keeps the directions in which the input varies most: exact, from the (d, d) covariance
in float64, gathered in blocks so that vectors may be memory-mapped; O(n d² + d³). `random`
projects onto random directions of a fixed seed, which keeps distances roughly (Johnson and
Lindenstrauss) and never looks at the data: O(n d m), for dimensions beyond what a
covariance allows. Signs are fixed: the largest component of each direction is positive.
One thread computes the sums, because their order changes the last bits. Whitening divides each
direction by its standard deviation, so that all count the same.
Not here: nonlinear maps such as UMAP, in which distances mean little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from curate.core.distance import lengths
from curate.core.values import FloatArray
from curate.errors import DataError, RequestError

Method = Literal["pca", "random"]
BLOCK_VALUES = 1 << 22  # float64 values in a block
MOST_DIMS = 8192  # whose covariance takes half a gigabyte
Float64Array = NDArray[np.float64]


@dataclass(frozen=True)
class ReductionSettings:
    """The settings of `fit`."""

    dims: int | None = None
    method: Method = "pca"
    unit_rows: bool = False
    whiten: bool = False
    seed: int = 0

    @property
    def linear(self) -> bool:
        """Whether more is done than scaling rows."""
        return self.dims is not None or self.whiten


@dataclass(frozen=True)
class Reduction:
    """A fitted map of (n, d) vectors to (n, m).

    input_dims  d
    unit_rows   rows are scaled to length 1 first
    centre      (d,) float64, subtracted from the rows; None subtracts nothing
    axes        (d, m) float64 directions; None keeps the dimensions
    explained   (m,) fraction of the variance of the input in each direction; None if unknown
    words       short description, appended to a fingerprint
    """

    input_dims: int
    unit_rows: bool
    centre: Float64Array | None
    axes: Float64Array | None
    explained: Float64Array | None
    words: str

    def apply(self, vectors: FloatArray) -> FloatArray:
        """(n, m): float64 if the vectors are, else float32. Raises DataError for another d."""
        if vectors.shape[1] != self.input_dims:
            raise DataError(
                f"vectors of {vectors.shape[1]} dimensions cannot be reduced like the data, "
                f"which have {self.input_dims}: pass a datapool or query of the same space."
            )
        dims = self.input_dims if self.axes is None else self.axes.shape[1]
        out = np.empty((len(vectors), dims), np.result_type(vectors.dtype, np.float32))
        with threadpool_limits(1):
            for rows in _blocks(vectors):
                block = _rows_of(vectors, rows, self.unit_rows)
                if self.centre is not None:
                    block -= self.centre
                out[rows] = block if self.axes is None else block @ self.axes
        return out


def fit(vectors: FloatArray, settings: ReductionSettings) -> Reduction:
    """The map with these settings, fitted to (n, d) vectors.

    unit_rows  scale rows to length 1 first; no row may be zero
    dims       m, at most min(d, n − 1) for pca; None keeps all
    whiten     give every direction variance 1
    Raises RequestError if the data do not have that many directions.
    """
    count, dims = vectors.shape
    if not settings.linear:
        return Reduction(dims, settings.unit_rows, None, None, None, "unit")
    if settings.method == "random":
        return _random(dims, settings)
    if dims > MOST_DIMS:
        raise RequestError(
            f"the vectors have {dims} dimensions, too many for PCA: pass --reduction random."
        )
    most = min(dims, count - 1)
    wanted = settings.dims or most
    if wanted > most:
        raise RequestError(
            f"--dims is {wanted}: {count} vectors of {dims} dimensions have at most {most} "
            f"directions. Pass --dims {max(1, most)} or less."
        )
    from scipy.linalg import eigh

    with threadpool_limits(1):
        centre, covariance = _moments(vectors, settings.unit_rows)
        values, axes = eigh(covariance, subset_by_index=[dims - wanted, dims - 1])
    values, axes = values[::-1].clip(min=0), axes[:, ::-1]  # the strongest first
    total = float(np.trace(covariance))
    rank = int((values > total * dims * np.finfo(np.float64).eps).sum())
    if rank == 0:
        raise RequestError("all vectors are equal, so there is nothing to reduce: drop --dims.")
    if settings.whiten and rank < wanted:
        raise RequestError(
            f"the vectors vary in {rank} directions only, so {wanted} cannot be whitened: pass "
            f"--dims {rank}."
        )
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[largest, np.arange(wanted)])
    if settings.whiten:
        axes = axes / np.sqrt(values)
    return Reduction(
        dims,
        settings.unit_rows,
        centre,
        np.ascontiguousarray(axes),
        values / total,
        _words(settings, wanted),
    )


def _random(dims: int, settings: ReductionSettings) -> Reduction:
    if settings.whiten or settings.dims is None:
        raise RequestError(
            "--reduction random needs --dims, and cannot --whiten: the latter is for pca."
        )
    # The third child of the seed; the first two are for selecting and measuring.
    rng = np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=(2,)))
    axes = rng.standard_normal((dims, settings.dims)) / np.sqrt(settings.dims)
    words = f"{_words(settings, settings.dims)}-seed{settings.seed}"
    return Reduction(dims, settings.unit_rows, None, axes, None, words)


def _words(settings: ReductionSettings, dims: int) -> str:
    unit = "unit-" if settings.unit_rows else ""
    return f"{unit}{settings.method}{dims}{'-whitened' if settings.whiten else ''}"


def _moments(vectors: FloatArray, unit_rows: bool) -> tuple[Float64Array, Float64Array]:
    """Mean (d,) and covariance (d, d) in float64; centred first, to avoid cancellation."""
    count, dims = vectors.shape
    centre = np.zeros(dims)
    for rows in _blocks(vectors):
        centre += _rows_of(vectors, rows, unit_rows).sum(axis=0)
    centre /= count
    covariance = np.zeros((dims, dims))
    for rows in _blocks(vectors):
        block = _rows_of(vectors, rows, unit_rows) - centre
        covariance += block.T @ block
    return centre, covariance / max(1, count - 1)


def _blocks(vectors: FloatArray) -> list[slice]:
    step = max(1, BLOCK_VALUES // vectors.shape[1])
    return [slice(start, start + step) for start in range(0, len(vectors), step)]


def _rows_of(vectors: FloatArray, rows: slice, unit_rows: bool) -> Float64Array:
    """A copy of some rows in float64."""
    block = np.array(vectors[rows], dtype=np.float64)
    if unit_rows:
        row_lengths = lengths(block)
        if not row_lengths.all():
            raise DataError("a zero vector has no direction: remove such items.")
        block /= row_lengths[:, None]
    return block
