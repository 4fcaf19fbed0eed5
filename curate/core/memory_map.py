"""Arrays that are mapped from a file, read block by block: what was read is let go of.

What was touched of a mapped file counts as resident until it is let go. The operating system
keeps it cached as long as it likes, so that reading it again costs little.

Where some rows are left out, or lie in another order than kernels read, what is left of a large
file goes to a temporary one that is mapped in turn: memory need not hold what it did not.
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
    """The mapped file that `array` is read from, if its pages may be let go."""
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

    When the next one is asked for, the one before is let go.
    """
    mapping = mapping_of(matrix)
    rows = rows or max(1, BLOCK_BYTES // max(1, matrix.shape[1] * matrix.itemsize))
    for start in range(0, len(matrix), rows):
        yield slice(start, min(start + rows, len(matrix)))
        if mapping is not None:
            mapping.madvise(mmap.MADV_DONTNEED)


def _is_little(size: int) -> bool:
    return size <= BLOCK_BYTES


def in_native_order(matrix: NDArray[Any]) -> NDArray[Any]:
    """`matrix` (n, d), but of much that is mapped and neither native nor in plain order a copy."""
    plain = matrix.dtype.isnative and matrix.flags.c_contiguous
    if plain or mapping_of(matrix) is None or _is_little(matrix.nbytes):
        return matrix
    return copied_rows(matrix)


def copied_rows(matrix: NDArray[Any], rows: NDArray[np.int64] | None = None) -> NDArray[Any]:
    """A copy of these rows of `matrix` (n, d), all by default, native and in plain order.

    In memory, or of more than a block of a mapped file in a file without a name, read-only,
    which is gone when nobody maps it any more. Raises DataError where there is no room for it.
    """
    rows = np.arange(len(matrix)) if rows is None else rows
    kind = matrix.dtype.newbyteorder("=")
    mapping = mapping_of(matrix)
    line = matrix.shape[1] * kind.itemsize
    if mapping is None or _is_little(len(rows) * line):
        return np.ascontiguousarray(matrix[rows], kind)
    step = max(1, BLOCK_BYTES // line)
    try:
        with tempfile.TemporaryFile(prefix="curate-") as file:
            for start in range(0, len(rows), step):
                file.write(np.ascontiguousarray(matrix[rows[start : start + step]], kind).data)
                mapping.madvise(mmap.MADV_DONTNEED)
            file.flush()
            return np.memmap(file, kind, "r", shape=(len(rows), matrix.shape[1]))
    except OSError as error:
        raise DataError(
            f"{len(rows) * line / 1e9:.1f} GB of vectors cannot be copied to "
            f"{tempfile.gettempdir()}: {error.strerror}. Let TMPDIR be a folder with room for them."
        ) from error
