"""Picks that cannot be the nearest to an item, by the triangle inequality.

**Idea.** Let p be the nearest to item x of the positions of the prefix that x has seen, and q a
position that it has not seen. By the triangle inequality |x - q| >= |p - q| - |x - p|, so q can
only be nearer if it is within about 2 |x - p| of p. All items of the *Voronoi cell* of p, those
whose nearest position is p, share the distances of p to the prefix. In clustered data most items
never came near to being picked: they have seen a tenth of the prefix, and no position of the rest
is so near to p.

**Why the result does not change.** Let a be approximate squared distances and s exact ones, with
s <= r a + t and a <= r s + t (`Rounding`, of r and t). `refresh` uses q only if
a(x, q) <= `limit`. Then |x - q|^2 <= r limit + t, and |x - p|^2 <= r a(x, p) + t, so that
a(p, q) <= r (sqrt(r a(x, p) + t) + sqrt(r limit + t))^2 + t. Any q beyond that can be skipped;
two more factors of r cover the rounding of these formulas.

**Cost.** O(k d) for a cell of at least FEWEST items, O(k) for an item, and O(d) for each tile of
the prefix that has a position near enough. An item with many such tiles is left to `refresh`,
which handles four items at once for less. If nothing can be ruled out, as for texts in 384
dimensions, the attempt costs a few hundredths of the time of `refresh`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.core.simd import (
    LANE_BYTES,
    add_square,
    at_most,
    claim_next,
    compiled,
    load,
    lowest_bit,
    read,
    smallest_lane,
    store,
    zero_lanes,
)
from curate.core.threads import RowArray, ThreadPool
from curate.select.lazy_traversal.bucket_queue import by_key
from curate.select.lazy_traversal.kernels import ItemState
from curate.select.lazy_traversal.points import Rounding, Rows, SelectedPrefix, gather, limit_of

FEWEST = 8  # items that a cell must have for the distances of its position to pay off
TOGETHER = 4  # cells handled at once, which share each load from the prefix
TILE_COST = 4  # a tile for one item costs as much as this many tiles in `refresh`


def rule_out(
    order: RowArray,
    thread_pool: ThreadPool,
    items: Rows,
    prefix: SelectedPrefix,
    upto: int,
    rounding: Rounding,
    state: ItemState,
) -> None:
    """Bring items of `order` up to date with the prefix if few of its positions can be nearer."""
    sizes = np.bincount(state.nearest[order], minlength=upto)
    cells = np.flatnonzero(sizes >= FEWEST)
    cells = cells[
        np.argsort(-sizes[cells], kind="stable")
    ]  # large cells first, so that threads finish together
    thread_pool.run(
        _rule_out,
        cells.astype(np.int32),
        by_key(order, state.nearest, upto),
        np.concatenate([[0], np.cumsum(sizes)]),
        items,
        prefix,
        upto,
        rounding,
        state,
        share=TOGETHER,
    )


@compiled
def _rule_out(
    cells: NDArray[np.int32],
    order: NDArray[np.int32],
    starts: NDArray[np.int64],
    items: Rows,
    prefix: SelectedPrefix,
    upto: int,
    rounding: Rounding,
    state: ItemState,
    counter: NDArray[np.int64],
) -> None:
    """As `rule_out`, for the items of `cells`: order[starts[p] : starts[p + 1]] are those of p."""
    picks = prefix.tiles
    d, width = items.data.shape[1], LANE_BYTES // picks.itemsize
    tiles = (upto + width - 1) // width
    squared, seen, nearest, doubtful, _ = state
    apart = np.empty(TOGETHER * tiles * width, picks.dtype)
    point = np.empty(d, picks.dtype)
    near = np.empty(tiles, np.int64)  # tiles with a position that can be nearer
    r, t = rounding
    while True:
        first = claim_next(counter, TOGETHER)
        if first >= len(cells):
            return
        _measure_apart(cells, first, picks, d, tiles, apart)
        for which in range(min(TOGETHER, len(cells) - first)):
            row = which * tiles * width
            cell = cells[first + which]
            apart[row + cell] = np.inf  # its own items have seen it
            closest = _least_of(apart, row, tiles * width)
            for place in range(starts[cell], starts[cell + 1]):
                i = order[place]
                begin, best = seen[i], squared[i]
                limit = limit_of(best, rounding)
                reach = (math.sqrt(r * best + t) + math.sqrt(r * limit + t)) ** 2
                matters = r * r * r * reach + t
                if matters < closest:
                    seen[i] = upto
                    continue
                most_tiles = (tiles - begin // width) // TILE_COST
                n_near = 0
                for tile in range(begin // width, tiles):
                    bits = at_most(load(apart, row + tile * width), matters)
                    if bits:
                        if n_near == most_tiles:
                            n_near = -1
                            break
                        near[n_near] = tile
                        n_near += 1
                if n_near < 0:
                    continue
                if n_near:
                    gather(items, order, place, 1, point)
                for place_of_tile in range(n_near):
                    tile = near[place_of_tile]
                    lanes = zero_lanes(load(picks, 0))
                    for c in range(d):
                        lanes = add_square(
                            lanes, load(picks, (tile * d + c) * width), read(point, c)
                        )
                    bits = at_most(lanes, limit) & (-1 << max(begin - tile * width, 0))
                    if bits:
                        distance = smallest_lane(lanes, bits)
                        if distance < squared[i]:
                            limit = limit_of(distance, rounding)
                            close = at_most(lanes, limit) & bits
                            nearest[i] = tile * width + lowest_bit(at_most(lanes, distance) & bits)
                            doubtful[i] = squared[i] <= limit or (close & (close - 1)) != 0
                            squared[i] = distance
                        else:
                            doubtful[i] = True
                seen[i] = upto


@compiled
def _least_of(numbers: NDArray[Any], start: int, count: int) -> float:
    smallest = np.inf
    for at in range(start, start + count):
        smallest = min(smallest, numbers[at])
    return smallest


@compiled
def _measure_apart(
    cells: NDArray[np.int32],
    first: int,
    picks: NDArray[Any],
    d: int,
    tiles: int,
    apart: NDArray[Any],
) -> None:
    """Approximate squared distances of the positions cells[first], … to the whole prefix."""
    width = LANE_BYTES // picks.itemsize
    points = np.zeros(TOGETHER * d, picks.dtype)
    for which in range(min(TOGETHER, len(cells) - first)):
        cell = cells[first + which]
        for c in range(d):
            points[which * d + c] = picks[(cell // width * d + c) * width + cell % width]
    for tile in range(tiles):
        a0 = a1 = a2 = a3 = zero_lanes(load(picks, 0))
        for c in range(d):
            lanes = load(picks, (tile * d + c) * width)
            a0 = add_square(a0, lanes, read(points, c))
            a1 = add_square(a1, lanes, read(points, d + c))
            a2 = add_square(a2, lanes, read(points, 2 * d + c))
            a3 = add_square(a3, lanes, read(points, 3 * d + c))
        store(apart, tile * width, a0)
        store(apart, (tiles + tile) * width, a1)
        store(apart, (2 * tiles + tile) * width, a2)
        store(apart, (3 * tiles + tile) * width, a3)
