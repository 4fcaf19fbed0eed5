"""The compiled step of lazy traversal in which picks are made, among few items, exactly.

Each pick is compared with all that are left, approximately; only an item that may have
come nearer by it is measured exactly. Cost: O(m d) a pick, in the cache.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from curate.core.vector_code import LANES, compiled
from curate.select.lazy.kernels import TAKEN, State
from curate.select.lazy.points import Rounding, Rows, approximate_squared, exact_squared, gather


class Bar(NamedTuple):
    """What a pick must reach: `floor`, and to come before item `row` at distance `squared`."""

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
    bar: Bar,
    rounding: Rounding,
    state: State,
    picked: NDArray[np.int64],
    at_pick: NDArray[np.float64],
) -> int:
    """Pick among the items of `order`, the farthest first, while they reach the bar.

    `exact` (m,) squared distances to the prefix, of which the largest reaches the bar, are
    kept up to date. Positions from `upto` on, as many as there are, are filled in `picked`,
    `at_pick` and `tiles`. Returns the new length of the prefix.
    """
    m, d, width = len(order), items.data.shape[1], LANES // tiles.itemsize
    squared, seen, nearest, _, _ = state
    block = np.empty(m * d, tiles.dtype)
    gather(items, order, 0, m, block)
    limits = np.empty(m, tiles.dtype)  # up to here a new pick may be nearer
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
            behind = exact[q] < bar.squared or (exact[q] == bar.squared and i > bar.row)
            if behind or exact[q] < bar.floor or exact[q] <= 0:
                squared[i] = exact[q]  # it cannot be picked before the next round
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
