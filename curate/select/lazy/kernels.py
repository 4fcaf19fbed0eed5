"""The compiled loops of lazy farthest-first traversal; `lazy` says why they are exact.

The shape of the fast one, in `refresh`: the prefix is kept 16 positions to a tile, as
(d, 16), so that one instruction brings one coordinate of a point together with 16 picks
and no sum ever runs across lanes; four points share each load from a tile. The points
need no rearranging: each is gathered from however it is stored, and starts at its own
place in the prefix.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from curate.core.threads import SHARE
from curate.core.vector_code import (
    LANES,
    add_square,
    at_most,
    claim,
    compiled,
    least,
    load,
    lowest,
    nothing,
    read,
    store,
)
from curate.select.lazy.points import (
    Prefix,
    Rounding,
    Rows,
    approximate_squared,
    exact_squared,
    gather,
    limit_of,
)

FIRST_BATCH = 64  # positions of the prefix before items that fell below the edge are first dropped
BATCH_BYTES = 1 << 18  # tiles of a batch stay in the cache while the points go by
TAKEN = -1.0  # the squared distance of what is picked, or may not be


class State(NamedTuple):
    """What is known of each of n items.

    squared  approximate squared distance to the nearest of the first `seen` positions, and
             so an upper bound of that to the whole prefix; TAKEN for what is not to be picked
    seen     how much of the prefix that accounts for
    nearest  the position that it belongs to
    doubtful whether another of the first `seen` may be nearer, or as near and earlier,
             for all that approximate distances can tell
    scale    what `squared` is multiplied by for the place in the queue, at most 1; empty
             where that is 1 for all
    """

    squared: NDArray[Any]
    seen: NDArray[np.int32]
    nearest: NDArray[np.int32]
    doubtful: NDArray[np.bool_]
    scale: NDArray[np.float64]


@compiled
def measure_to_first(
    order: NDArray[np.int32], items: Rows, prefix: Prefix, state: State, counter: NDArray[np.int64]
) -> None:
    """Begin the state of the items of `order`, with the first position of the prefix."""
    d = items.data.shape[1]
    block = np.empty((SHARE + 1) * d, prefix.tiles.dtype)
    for c in range(d):
        block[SHARE * d + c] = prefix.tiles[c * (LANES // prefix.tiles.itemsize)]
    while True:
        start = claim(counter, SHARE)
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
def _settle(
    items: Rows,
    i: int,
    block: NDArray[Any],
    at: int,
    limit: float,
    prefix: Prefix,
    upto: int,
    state: State,
) -> None:
    """Find the nearest of the prefix to item i, which is at `at` of `block`, beyond doubt."""
    best = np.inf
    picks = prefix.tiles
    d, width = items.data.shape[1], LANES // picks.itemsize
    for first in range(0, upto, width):
        lanes = nothing(load(picks, 0))
        for c in range(d):
            lanes = add_square(lanes, load(picks, first * d + c * width), read(block, at + c))
        near = at_most(lanes, limit)
        while near:
            position = first + lowest(near)
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
    prefix: Prefix,
    upto: int,
    edge: float,
    rounding: Rounding,
    state: State,
    counter: NDArray[np.int64],
) -> None:
    """Bring the items of `order` up to date with the first `upto` positions of the prefix.

    An item that falls below `edge`, scaled, on the way is dropped at once, with what it has
    seen so far, and -1 in `exact`; the others get their exact squared distance there. Any
    number of threads may share one `counter`: each item is one thread's alone.
    """
    picks = prefix.tiles
    d, width = items.data.shape[1], LANES // picks.itemsize
    tiles = (upto + width - 1) // width
    squared, seen, nearest, doubtful, scale = state
    first_batch = FIRST_BATCH // width
    largest_batch = max(first_batch, BATCH_BYTES // (d * width * picks.itemsize))
    # Of the items at hand: the points, one after the other, and their state.
    block = np.zeros((SHARE + 1) * d, picks.dtype)
    edges = np.full(SHARE, edge)
    limits = np.empty(SHARE + 1, picks.dtype)
    limits[SHARE] = -1  # the point that fills up a group of four: nothing is near it
    bounds = np.empty(SHARE, picks.dtype)
    begins = np.empty(SHARE, np.int64)
    owners = np.empty(SHARE, np.int64)
    doubts = np.empty(SHARE, np.bool_)
    live = np.empty(SHARE + 3, np.int64)
    found = np.empty(4 * width, picks.dtype)
    near = np.empty(4, np.int64)
    while True:
        start = claim(counter, SHARE)
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
                    a0 = a1 = a2 = a3 = nothing(load(picks, 0))
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
                    store(found, 0, a0)
                    store(found, width, a1)
                    store(found, 2 * width, a2)
                    store(found, 3 * width, a3)
                    near[0], near[1], near[2], near[3] = n0, n1, n2, n3
                    # In place: a call would pass every array in parts, for a few comparisons.
                    for q in range(members):
                        slot = live[group + q]
                        bits = near[q] & (-1 << min(max(begins[slot] - tile * width, 0), 63))
                        if bits == 0:
                            continue
                        lanes = load(found, q * width)
                        distance, best = least(lanes, bits), bounds[slot]
                        if distance < best:
                            limit = limit_of(distance, rounding)
                            rivals = at_most(lanes, limit) & bits
                            owners[slot] = tile * width + lowest(at_most(lanes, distance) & bits)
                            doubts[slot] = best <= limit or (rivals & (rivals - 1)) != 0
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
                _settle(items, i, block, slot * d, limits[slot], prefix, upto, state)
            distance = exact_squared(items, i, prefix.points, nearest[i])
            squared[i] = exact[start + slot] = distance
