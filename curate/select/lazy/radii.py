"""The covering radius after every pick of any selection, without measuring every pair.

The radius after j picks is the largest distance of any item to the first j. Distances only
shrink, so the item on top of a heap of stale ones, once it is up to date, is the farthest.
That takes at each pick only those items whose stale distance is above the radius.

Cost: O(n) to begin with, O(log n + d) an update; each update compares a tile of picks.
Memory: 24 bytes an item.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.core.vector_code import (
    LANES,
    add_square,
    at_most,
    compiled,
    load,
    lowest,
    nothing,
    read,
)
from curate.select.lazy.points import Prefix, Rounding, Rows, exact_squared, gather, limit_of


@compiled
def radii_after_picks(
    order: NDArray[np.int32],
    squared: NDArray[np.float64],
    items: Rows,
    prefix: Prefix,
    known: int,
    first: int,
    rounding: Rounding,
    radii: NDArray[np.float64],
) -> None:
    """Fill `radii` (k,) with the largest squared distance of any of the items `order` (n,) to
    the first `first`, `first` + 1, … positions of the prefix.

    `squared` (n,) are their exact distances to the first `known` positions; it is used up.
    """
    n, d = len(order), items.data.shape[1]
    seen = np.full(n, known)
    heap = np.argsort(-squared)  # sorted, and so a heap
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
    prefix: Prefix,
    seen: int,
    upto: int,
    rounding: Rounding,
) -> float:
    """Exact squared distance of item i, which is in `block`, given that to the first `seen`."""
    picks = prefix.tiles
    d, width = items.data.shape[1], LANES // picks.itemsize
    limit = picks.dtype.type(limit_of(best, rounding))
    for start in range(seen // width * width, upto, width):
        lanes = nothing(load(picks, 0))
        for c in range(d):
            lanes = add_square(lanes, load(picks, start * d + c * width), read(block, c))
        near = at_most(lanes, limit)
        while near:
            position = start + lowest(near)
            near &= near - 1
            if seen <= position < upto:
                best = min(best, exact_squared(items, i, prefix.points, position))
    return best


@compiled
def _sift_down(heap: NDArray[np.int64], keys: NDArray[np.float64]) -> None:
    """Move the top of a heap to where it belongs, after its key fell."""
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
