"""Numbers as floating-point rows, and the rows that are not finite.

Idea: floats keep the type they came with, for rounding moves picks; whole numbers
become float32 where that is exact, float64 where it is not. Whole arrays are looked
at in blocks of 64 MB, so a memory-mapped file is never in memory as a whole.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.core import FloatArray
from curate.data.assemble import Bad
from curate.mapped import row_blocks, turned

_EXACT_IN_FLOAT32 = 1 << 24  # every whole number up to here is a float32


def float_type(kind: np.dtype[Any]) -> np.dtype[Any]:
    """The floating type that holds every value of `kind` (whole numbers up to 2**53)."""
    if kind.kind == "f":
        return kind.newbyteorder("=")
    return np.dtype(np.float64 if kind.kind in "iu" and kind.itemsize > 2 else np.float32)


def narrowed(matrix: FloatArray) -> FloatArray:
    """Whole numbers (n, d) as float32 if none is beyond 2**24; NaN may stand among them."""
    for rows in row_blocks(matrix):
        if (np.abs(matrix[rows]) > _EXACT_IN_FLOAT32).any():
            return matrix
    return matrix.astype(np.float32, copy=False)


def as_floats(matrix: NDArray[Any]) -> FloatArray:
    """`matrix` (n, d) of floats, whole numbers or booleans as native floats.

    Floats are not copied, unless a large mapped file has to be `turned`.
    """
    if matrix.dtype.kind == "f":
        return turned(matrix).astype(float_type(matrix.dtype), copy=False)
    out = np.empty(matrix.shape, float_type(matrix.dtype))
    for rows in row_blocks(matrix):
        out[rows] = matrix[rows]
    return narrowed(out)


def not_finite(matrix: FloatArray, names: list[str] | None = None) -> Bad:
    """Rows of `matrix` (n, d) with NaN or infinity, and the column where each has its first."""
    bad: Bad = {}
    for rows in row_blocks(matrix):
        finite = np.isfinite(matrix[rows])
        for row in np.flatnonzero(~finite.all(axis=1)):
            column = int(np.argmin(finite[row]))
            name = names[column] if names else f"column {column}"
            value = matrix[rows.start + row, column]
            bad[int(rows.start + row)] = ("not finite", f"{name} is {value}")
    return bad
