"""The covering radius after every pick of any selection, without measuring every pair.

The radius after j picks is the largest distance of any item to the first j. Distances only
shrink, so old ones are upper bounds: when the item on top of a heap of old distances is brought
up to date and stays on top, it is the farthest. So at each pick only items whose old distance
is above the radius are updated.

Cost: O(n log n) to sort at the start, O(log n + d) an update, each of which compares a tile of
picks. Memory: 24 bytes an item.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.core.simd import (
    LANE_BYTES,
    add_square,
    at_most,
    compiled,
    load,
    lowest_bit,
    read,
    zero_lanes,
)
from curate.select.lazy_traversal.points import (
    Rounding,
    Rows,
    SelectedPrefix,
    exact_squared,
    gather,
    limit_of,
)


@compiled
def radii_after_picks(
    order: NDArray[np.int32],
    squared: NDArray[np.float64],
    items: Rows,
    prefix: SelectedPrefix,
    known: int,
    first: int,
    rounding: Rounding,
    radii: NDArray[np.float64],
) -> None:
    """Fill `radii` (k,) with the largest squared distance of any of the items `order` (n,) to
    the first `first`, `first` + 1, … positions of the prefix.

    squared  (n,) their exact squared distances to the first `known` positions; overwritten
    """
    n, d = len(order), items.data.shape[1]
    seen = np.full(n, known)
    heap = np.argsort(-squared)  # a sorted array is a heap
    block = np.empty(d, prefix.tiles.dtype)
    for step in range(len(radii)):
        upto = first + step
        while seen[heap[0]] < upto:
            top = heap[0]
            gather(items, order, top, 1, block)
            squared[top] = _nearer(
                items, order[top], block, squared[top], prefix, seen[top], upto, rounding
            )
            seen[top] = upto
            _sift_down(heap, squared)
        radii[step] = squared[heap[0]]


@compiled
def _nearer(
    items: Rows,
    i: int,
    block: NDArray[Any],
    best: float,
    prefix: SelectedPrefix,
    seen: int,
    upto: int,
    rounding: Rounding,
) -> float:
    """Exact squared distance of item i to the first `upto` positions.

    best   its distance to the first `seen` positions
    block  (d,) its point
    """
    picks = prefix.tiles
    d, width = items.data.shape[1], LANE_BYTES // picks.itemsize
    limit = picks.dtype.type(limit_of(best, rounding))
    for start in range(seen // width * width, upto, width):
        lanes = zero_lanes(load(picks, 0))
        for c in range(d):
            lanes = add_square(lanes, load(picks, start * d + c * width), read(block, c))
        near = at_most(lanes, limit)
        while near:
            position = start + lowest_bit(near)
            near &= near - 1
            if seen <= position < upto:
                best = min(best, exact_squared(items, i, prefix.points, position))
    return best


@compiled
def _sift_down(heap: NDArray[np.int64], keys: NDArray[np.float64]) -> None:
    """Restore the heap after the key of its top item decreased."""
    at, moved = 0, heap[0]
    while True:
        child = 2 * at + 1
        if child >= len(heap):
            break
        if child + 1 < len(heap) and keys[heap[child + 1]] > keys[heap[child]]:
            child += 1
        if keys[heap[child]] <= keys[moved]:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = moved
