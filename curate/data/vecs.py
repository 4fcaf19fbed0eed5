"""Vectors as the TEXMEX benchmarks store them: .fvecs (float32) and .bvecs (bytes).

Idea: each row is its dimension as an int32 and then its values, so a file of one dimension
is a matrix with an odd first column, which is left out of the memory-mapped view. Numbers
are little-endian. The dimension of every row is looked at, O(n). Bytes become float32, in
memory: four times the size of the file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from curate.core import Dataset
from curate.data.arrays import read_matrix
from curate.data.options import ReadOptions
from curate.data.trouble import reading
from curate.errors import DataError

_HEAD = 4  # bytes of the dimension in front of each row


def read_fvecs(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the rows of an .fvecs file, memory-mapped.

    Raises DataError if its size or a dimension in it does not fit.
    """
    return _read(path, options, np.dtype("<f4"))


def read_bvecs(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the rows of a .bvecs file, as float32. Raises DataError as `read_fvecs`."""
    return _read(path, options, np.dtype(np.uint8))


def _read(path: Path, options: ReadOptions, kind: np.dtype[np.generic]) -> Dataset:
    with reading(path):
        size = path.stat().st_size
        dims = int(np.fromfile(path, "<i4", 1)[0]) if size >= _HEAD else 0
        row = _HEAD + dims * kind.itemsize
        if dims < 1 or size % row:
            raise DataError(
                f"{path} is no whole {path.suffix} file: {size:,} bytes do not divide into rows "
                f"of {dims} dimensions."
            )
        raw = np.memmap(path, np.uint8, mode="r").reshape(-1, row)  # (n, row)
    heads = np.ascontiguousarray(raw[:, :_HEAD]).view("<i4")[:, 0]
    other = np.flatnonzero(heads != dims)
    if len(other):
        raise DataError(
            f"{path} has {heads[other[0]]} dimensions in row {other[0]} and {dims} in row 0. "
            "Give vectors of one dimension."
        )
    return read_matrix(raw[:, _HEAD:].view(kind), path, options)
