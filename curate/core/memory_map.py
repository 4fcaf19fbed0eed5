"""Memory-mapped arrays: reading them block by block, and copying rows without holding them.

Pages of a mapped file count as resident memory once they are read, until they are released.
Released pages stay in the file cache of the operating system, so reading them again is cheap.

A copy of more than one block of a mapped array goes to a temporary file that is mapped in
turn, so that an array larger than memory stays usable.
"""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.errors import DataError

BLOCK_BYTES = 64 << 20


def mapping_of(array: NDArray[Any]) -> mmap.mmap | None:
    """The mapped file that `array` is read from, if its pages may be released; else None."""
    mode: object = None
    owner: object = array
    while isinstance(owner, np.ndarray):
        mode = getattr(owner, "mode", mode)
        owner = owner.base
    if not isinstance(owner, mmap.mmap) or not hasattr(mmap, "MADV_DONTNEED"):
        return None
    return owner if mode in ("r", "r+") else None  # a private copy would lose what was written


def row_blocks(matrix: NDArray[Any], rows: int | None = None) -> Iterator[slice]:
    """Slices of `rows` rows, or of about 64 MB, that cover `matrix` (n, d) in order.

    The pages of a mapped array are released after each block.
    """
    mapping = mapping_of(matrix)
    rows = rows or max(1, BLOCK_BYTES // max(1, matrix.shape[1] * matrix.itemsize))
    for start in range(0, len(matrix), rows):
        yield slice(start, min(start + rows, len(matrix)))
        if mapping is not None:
            mapping.madvise(mmap.MADV_DONTNEED)


def _fits_a_block(size: int) -> bool:
    return size <= BLOCK_BYTES


def in_native_order(matrix: NDArray[Any]) -> NDArray[Any]:
    """`matrix` (n, d); a copy if it is mapped, larger than a block, and not native or C-ordered."""
    plain = matrix.dtype.isnative and matrix.flags.c_contiguous
    if plain or mapping_of(matrix) is None or _fits_a_block(matrix.nbytes):
        return matrix
    return copied_rows(matrix)


def copied_rows(matrix: NDArray[Any], rows: NDArray[np.int64] | None = None) -> NDArray[Any]:
    """A native, C-ordered copy of `rows` (k,) of `matrix` (n, d), of all rows by default.

    The copy is in memory, or, if it is larger than a block and `matrix` is mapped, read-only
    in an unnamed temporary file, which vanishes with the last array that maps it.
    Raises DataError if the disk has no room for it.
    """
    rows = np.arange(len(matrix)) if rows is None else rows
    kind = matrix.dtype.newbyteorder("=")
    mapping = mapping_of(matrix)
    row_bytes = matrix.shape[1] * kind.itemsize
    if mapping is None or _fits_a_block(len(rows) * row_bytes):
        return np.ascontiguousarray(matrix[rows], kind)
    step = max(1, BLOCK_BYTES // row_bytes)
    try:
        with tempfile.TemporaryFile(prefix="curate-") as file:
            for start in range(0, len(rows), step):
                file.write(np.ascontiguousarray(matrix[rows[start : start + step]], kind).data)
                mapping.madvise(mmap.MADV_DONTNEED)
            file.flush()
            return np.memmap(file, kind, "r", shape=(len(rows), matrix.shape[1]))
    except OSError as error:
        raise DataError(
            f"{len(rows) * row_bytes / 1e9:.1f} GB of vectors cannot be copied to "
            f"{tempfile.gettempdir()}: {error.strerror}. Set TMPDIR to a folder with room for them."
        ) from error
