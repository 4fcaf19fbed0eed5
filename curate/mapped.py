"""Arrays that are mapped from a file, read block by block: what was read is let go of.

What was touched of a mapped file counts as resident until it is let go. The operating system
keeps it cached as long as it likes, so that reading it again costs little.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
