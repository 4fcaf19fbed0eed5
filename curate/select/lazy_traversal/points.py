"""Points and the two kinds of distance between them, for compiled code.

*Exact* distances are those of the textbook: float64, direct differences, summed in the order of
the coordinates, so that equal distances compare equal. They are slow, and few are computed.
*Approximate* distances are float32 (float64 for float64 vectors), and differ from the exact ones
by no more than `Rounding` says. They only decide which items cannot matter. Both are squared.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from curate.core.simd import compiled, compiled_reordering, inlined, prefetch, read, widen
from curate.core.values import FloatArray, Metric

AHEAD_BYTES = 1 << 13  # bytes that are prefetched while points are read


class Rows(NamedTuple):
    """(n, d) vectors as they are stored, float16 as uint16 bits; (n,) lengths under cosine.

    The points are the vectors divided by their lengths, or with empty `lengths` the vectors.
    """

    data: NDArray[Any]
    lengths: NDArray[np.float64]


def as_stored(vectors: FloatArray) -> NDArray[Any]:
    """`vectors` as kernels read them; copied only if not contiguous or not in native byte order."""
    data = np.ascontiguousarray(vectors).view(np.ndarray)
    if not data.dtype.isnative:
        data = data.astype(data.dtype.newbyteorder("="))
    data = data.view(np.uint16) if data.dtype == np.float16 else data.view()
    data.flags.writeable = False  # one numba type for all inputs, so that kernels are compiled once
    return data


class SelectedPrefix(NamedTuple):
    """The selected points, in order: the datapool, then the picks.

    points  a row for each position, for exact distances
    tiles   the approximate points, a flat (t, d, width): position p is lane p % width of tile
            p // width. Lanes not used yet are inf, and so infinitely far from every item
    """

    points: Rows
    tiles: NDArray[Any]


class Rounding(NamedTuple):
    """Bounds: approximate <= relative * exact + absolute, and the same with the two exchanged."""

    relative: float
    absolute: float


def worst_rounding(d: int, kind: np.dtype[Any], metric: Metric) -> Rounding:
    """How much an approximate distance in numbers of dtype `kind` can differ from the exact one.

    A difference, its square and d sums, in any order and fused or not, make at most d + 3
    roundings of relative size u, and underflow loses less than 2**-120 a term; the exact distance
    has as many roundings of its own size. 5 more are added for the rounding of stored distances
    and limits.

    Under cosine the unit vectors are rounded too, each coordinate once to `kind` and three times
    in float64 (`gather` multiplies by an inverse, the exact distance divides). So the difference
    of two points has an error e with |e| <= 2 (u + 3 * 2**-53). For any h > 0
    |x - y + e|^2 <= (1 + h) |x - y|^2 + (1 + 1 / h) |e|^2, and the same with the two exchanged;
    h = 256 u makes this as large as the other roundings at d = 256.
    """
    unit = float(np.finfo(kind).eps) / 2
    errors = (d + 8) * (unit + 2.0**-53)
    relative = 1 + errors / (1 - errors)
    absolute = d * (2.0**-120 if kind == np.float32 else 2.0**-1000)
    if metric == "cosine":
        share = 256 * unit
        moved = 2.02 * (unit + 3 * 2.0**-53)
        absolute += relative * (1 + 1 / share) * moved**2
        relative *= 1 + share
    return Rounding(relative, absolute)


@compiled
def limit_of(squared: float, rounding: Rounding) -> float:
    """The largest approximate distance of a point that may be as near as one at `squared`."""
    most = rounding.relative * squared + rounding.absolute
    return rounding.relative * most + rounding.absolute


@inlined
def exact_squared(a: Rows, i: int, b: Rows, j: int) -> float:
    """Exact squared distance between point i of `a` and point j of `b`."""
    total = 0.0
    for c in range(a.data.shape[1]):
        x, y = widen(a.data[i, c]), widen(b.data[j, c])
        if len(a.lengths):
            x, y = x / a.lengths[i], y / b.lengths[j]
        total += (x - y) * (x - y)
    return total


@compiled_reordering
def approximate_squared(block: NDArray[Any], a: int, b: int, d: int) -> Any:
    """Squared distance between the points that start at `a` and `b` of the flat `block`."""
    total = block.dtype.type(0)
    for c in range(d):
        difference = read(block, a + c) - read(block, b + c)
        total += difference * difference
    return total


@compiled
def gather(
    rows: Rows, order: NDArray[np.int32], start: int, count: int, block: NDArray[Any]
) -> None:
    """Copy the points of order[start : start + count] to the flat `block`, one after the other."""
    data, lengths = rows
    d = data.shape[1]
    line = 64 // data.itemsize
    ahead = max(AHEAD_BYTES // (d * data.itemsize), 2)
    for slot in range(count):
        if start + slot + ahead < len(order):
            coming = order[start + slot + ahead] * d
            for c in range(0, d, line):
                prefetch(data, coming + c)
            prefetch(data, coming + d - 1)  # rows need not start at a cache line
        i = order[start + slot]
        if len(lengths):
            inverse = 1.0 / lengths[i]  # `worst_rounding` accounts for it
            for c in range(d):
                block[slot * d + c] = widen(data[i, c]) * inverse
        else:
            for c in range(d):
                block[slot * d + c] = widen(data[i, c])


@compiled
def raise_to_blocked(
    largest: NDArray[np.float64],
    blocked: NDArray[np.int32],
    squared: NDArray[np.float64],
    items: Rows,
    prefix: SelectedPrefix,
    m: int,
    upto: int,
) -> None:
    """Raise `largest` (k,), the radius after each pick, to the distances of `blocked` items.

    squared  their exact squared distances to the datapool, or without one to the first pick;
             overwritten
    """
    seen = np.empty(len(blocked), np.int64)
    seen[:] = max(m, 1)
    for pick in range(len(largest)):
        for b in range(len(blocked)):
            while squared[b] > largest[pick] and seen[b] < min(m + pick + 1, upto):
                distance = exact_squared(items, blocked[b], prefix.points, seen[b])
                squared[b] = min(squared[b], distance)
                seen[b] += 1
            largest[pick] = max(largest[pick], squared[b])
