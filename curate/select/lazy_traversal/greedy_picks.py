"""The compiled step of the lazy traversal that makes picks, exactly, among few items.

Each pick is compared with all items left, approximately; only an item that may be nearer to it
than to all picks before is measured exactly. Cost: O(m d) a pick for m items, in the cache.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from curate.core.simd import LANE_BYTES, compiled
from curate.select.lazy_traversal.kernels import TAKEN, ItemState
from curate.select.lazy_traversal.points import (
    Rounding,
    Rows,
    approximate_squared,
    exact_squared,
    gather,
)


class PickBound(NamedTuple):
    """What a pick must reach: at least `floor`, and be ahead of item `row` at `squared`.

    Ahead is farther, or as far and in a lower row.
    """

    floor: float
    squared: float
    row: int


@compiled
def greedy(
    order: NDArray[np.int32],
    exact: NDArray[np.float64],
    items: Rows,
    tiles: NDArray[Any],
    upto: int,
    bound: PickBound,
    rounding: Rounding,
    state: ItemState,
    picked: NDArray[np.int64],
    at_pick: NDArray[np.float64],
) -> int:
    """Pick among the items of `order`, the farthest first, while they reach the bound.

    exact  (m,) squared distances to the prefix, kept up to date; the largest reaches the bound

    The picks are written to `picked`, `at_pick` and `tiles` from position `upto` on, at most to
    their ends. Returns the new length of the prefix.
    """
    m, d, width = len(order), items.data.shape[1], LANE_BYTES // tiles.itemsize
    squared, seen, nearest, _, _ = state
    block = np.empty(m * d, tiles.dtype)
    gather(items, order, 0, m, block)
    limits = np.empty(m, tiles.dtype)  # approximate distance up to which a new pick may be nearer
    live = np.empty(m, np.int64)
    best = 0
    for q in range(m):
        live[q] = q
        limits[q] = rounding.relative * exact[q] + rounding.absolute
        if exact[q] > exact[best] or (exact[q] == exact[best] and order[q] < order[best]):
            best = q
    left = m
    while left and upto < len(picked):
        pick, row = best, order[best]
        picked[upto] = row
        for c in range(d):
            lane = (upto // width * d + c) * width + upto % width
            tiles[lane] = block[pick * d + c]
        at_pick[upto] = exact[pick]
        squared[row] = TAKEN
        nearest[row] = upto
        best, kept = -1, 0
        for at in range(left):
            q = live[at]
            i = order[q]
            if q == pick:
                continue
            if approximate_squared(block, q * d, pick * d, d) <= limits[q]:
                distance = exact_squared(items, i, items, row)
                if distance < exact[q]:
                    exact[q] = distance
                    limits[q] = rounding.relative * distance + rounding.absolute
                    nearest[i] = upto
            behind = exact[q] < bound.squared or (exact[q] == bound.squared and i > bound.row)
            if behind or exact[q] < bound.floor or exact[q] <= 0:
                squared[i] = exact[q]  # not picked before the next round
                seen[i] = upto + 1
                continue
            live[kept] = q
            kept += 1
            if best < 0 or exact[q] > exact[best] or (exact[q] == exact[best] and i < order[best]):
                best = q
        left = kept
        upto += 1
    for at in range(left):
        squared[order[live[at]]] = exact[live[at]]
        seen[order[live[at]]] = upto
    return upto
