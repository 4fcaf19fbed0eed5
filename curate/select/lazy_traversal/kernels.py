"""The compiled loops of lazy farthest-first traversal; `traversal` proves that they are exact.

How the fast loop, in `refresh`, is arranged: the prefix is stored in tiles of as many positions
as there are lanes (16 or 32 of float32), as (d, lanes). So one instruction handles one coordinate
of a point and of all positions of a tile, and no sum runs across lanes; four points share each
load from a tile. Items need not be rearranged: each is copied from where it is stored, and
starts at the position of the prefix that it has not seen.
"""

from __future__ import annotations

from typing import Any, NamedTuple

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
from curate.core.threads import SHARE
from curate.select.lazy_traversal.points import (
    Rounding,
    Rows,
    SelectedPrefix,
    approximate_squared,
    exact_squared,
    gather,
    limit_of,
)

FIRST_BATCH = 64  # positions after which items below the edge are dropped for the first time
BATCH_BYTES = 1 << 18  # bytes of the tiles of a batch, which stay in the cache for all points
TAKEN = -1.0  # in place of the squared distance of an item that is picked or may not be picked


class ItemState(NamedTuple):
    """Arrays (n,) with the bound of each item.

    squared   approximate squared distance to the nearest of the first `seen` positions, and so
              an upper bound of that to the whole prefix; TAKEN for items that are not in question
    seen      how many positions of the prefix `squared` accounts for
    nearest   the position at that distance
    doubtful  whether, within rounding, another of the first `seen` positions may be nearer, or
              as near and earlier
    scale     factor of `squared` for the order in the queue, at most 1; empty if 1 for all
    """

    squared: NDArray[Any]
    seen: NDArray[np.int32]
    nearest: NDArray[np.int32]
    doubtful: NDArray[np.bool_]
    scale: NDArray[np.float64]


@compiled
def measure_to_first(
    order: NDArray[np.int32],
    items: Rows,
    prefix: SelectedPrefix,
    state: ItemState,
    counter: NDArray[np.int64],
) -> None:
    """Set the state of the items of `order` from the first position of the prefix."""
    d = items.data.shape[1]
    block = np.empty((SHARE + 1) * d, prefix.tiles.dtype)
    for c in range(d):
        block[SHARE * d + c] = prefix.tiles[c * (LANE_BYTES // prefix.tiles.itemsize)]
    while True:
        start = claim_next(counter, SHARE)
        if start >= len(order):
            return
        count = min(SHARE, len(order) - start)
        gather(items, order, start, count, block)
        for slot in range(count):
            i = order[start + slot]
            state.squared[i] = approximate_squared(block, slot * d, SHARE * d, d)
            state.seen[i] = 1
            state.nearest[i] = 0
            state.doubtful[i] = False


@compiled
def _resolve_nearest(
    items: Rows,
    i: int,
    block: NDArray[Any],
    at: int,
    limit: float,
    prefix: SelectedPrefix,
    upto: int,
    state: ItemState,
) -> None:
    """Find the exact nearest position to item i, whose point starts at `at` of `block`."""
    best = np.inf
    picks = prefix.tiles
    d, width = items.data.shape[1], LANE_BYTES // picks.itemsize
    for first in range(0, upto, width):
        lanes = zero_lanes(load(picks, 0))
        for c in range(d):
            lanes = add_square(lanes, load(picks, first * d + c * width), read(block, at + c))
        near = at_most(lanes, limit)
        while near:
            position = first + lowest_bit(near)
            near &= near - 1
            if position < upto:
                exact = exact_squared(items, i, prefix.points, position)
                if exact < best:
                    best = exact
                    state.nearest[i] = position
    state.doubtful[i] = False


@compiled
def refresh(
    order: NDArray[np.int32],
    exact: NDArray[np.float64],
    items: Rows,
    prefix: SelectedPrefix,
    upto: int,
    edge: float,
    rounding: Rounding,
    state: ItemState,
    counter: NDArray[np.int64],
) -> None:
    """Bring the items of `order` up to date with the first `upto` positions of the prefix.

    An item whose scaled distance falls below `edge` is dropped at once: it keeps the state that
    it has reached, and its `exact` is -1. The others get their exact squared distance in `exact`.
    Any number of threads may share one `counter`: each item is handled by one thread.
    """
    picks = prefix.tiles
    d, width = items.data.shape[1], LANE_BYTES // picks.itemsize
    tiles = (upto + width - 1) // width
    squared, seen, nearest, doubtful, scale = state
    first_batch = FIRST_BATCH // width
    largest_batch = max(first_batch, BATCH_BYTES // (d * width * picks.itemsize))
    # The points of a share of items, one after the other, and their state.
    block = np.zeros((SHARE + 1) * d, picks.dtype)
    edges = np.full(SHARE, edge)
    limits = np.empty(SHARE + 1, picks.dtype)
    limits[SHARE] = -1  # a padding slot, which matches nothing
    bounds = np.empty(SHARE, picks.dtype)
    begins = np.empty(SHARE, np.int64)
    owners = np.empty(SHARE, np.int64)
    doubts = np.empty(SHARE, np.bool_)
    live = np.empty(SHARE + 3, np.int64)
    distances = np.empty(4 * width, picks.dtype)
    near = np.empty(4, np.int64)
    while True:
        start = claim_next(counter, SHARE)
        if start >= len(order):
            return
        left = min(SHARE, len(order) - start)
        gather(items, order, start, left, block)
        for slot in range(left):
            i = order[start + slot]
            bounds[slot] = squared[i]
            begins[slot] = seen[i]
            owners[slot] = nearest[i]
            doubts[slot] = doubtful[i]
            if len(scale):
                edges[slot] = edge / scale[i]
        count, left = left, 0
        for slot in range(count):
            limits[slot] = limit_of(bounds[slot], rounding)
            if begins[slot] < upto and bounds[slot] >= edges[slot]:
                live[left] = slot
                left += 1
        batch = first_batch
        while left:
            live[left] = live[left + 1] = live[left + 2] = SHARE
            kept = 0
            for group in range(0, left, 4):
                members = min(4, left - group)
                s0, s1, s2, s3 = live[group], live[group + 1], live[group + 2], live[group + 3]
                p0, p1, p2, p3 = s0 * d, s1 * d, s2 * d, s3 * d
                begin = begins[s0]
                for q in range(group + 1, group + members):
                    begin = min(begin, begins[live[q]])
                first = begin // width
                last = min(first + batch, tiles)
                for tile in range(first, last):
                    at = tile * d * width
                    a0 = a1 = a2 = a3 = zero_lanes(load(picks, 0))
                    for c in range(d):
                        lanes = load(picks, at + c * width)
                        a0 = add_square(a0, lanes, read(block, p0 + c))
                        a1 = add_square(a1, lanes, read(block, p1 + c))
                        a2 = add_square(a2, lanes, read(block, p2 + c))
                        a3 = add_square(a3, lanes, read(block, p3 + c))
                    n0, n1 = at_most(a0, limits[s0]), at_most(a1, limits[s1])
                    n2, n3 = at_most(a2, limits[s2]), at_most(a3, limits[s3])
                    if not n0 | n1 | n2 | n3:
                        continue
                    store(distances, 0, a0)
                    store(distances, width, a1)
                    store(distances, 2 * width, a2)
                    store(distances, 3 * width, a3)
                    near[0], near[1], near[2], near[3] = n0, n1, n2, n3
                    # No function here: its call would cost more than these few comparisons.
                    for q in range(members):
                        slot = live[group + q]
                        bits = near[q] & (-1 << min(max(begins[slot] - tile * width, 0), 63))
                        if bits == 0:
                            continue
                        lanes = load(distances, q * width)
                        distance, best = smallest_lane(lanes, bits), bounds[slot]
                        if distance < best:
                            limit = limit_of(distance, rounding)
                            close = at_most(lanes, limit) & bits
                            closest = at_most(lanes, distance) & bits
                            owners[slot] = tile * width + lowest_bit(closest)
                            doubts[slot] = best <= limit or (close & (close - 1)) != 0
                            limits[slot], bounds[slot] = limit, distance
                        else:
                            doubts[slot] = True
                for q in range(group, group + members):
                    slot = live[q]
                    reached = max(begins[slot], min(last * width, upto))
                    begins[slot] = reached
                    if bounds[slot] >= edges[slot] and reached < upto:
                        live[kept] = slot
                        kept += 1
            left = kept
            batch = min(2 * batch, largest_batch)
        for slot in range(count):
            i = order[start + slot]
            squared[i], seen[i] = bounds[slot], begins[slot]
            nearest[i], doubtful[i] = owners[slot], doubts[slot]
            if bounds[slot] < edges[slot]:
                exact[start + slot] = -1
                continue
            if doubtful[i]:
                _resolve_nearest(items, i, block, slot * d, limits[slot], prefix, upto, state)
            distance = exact_squared(items, i, prefix.points, nearest[i])
            squared[i] = exact[start + slot] = distance
