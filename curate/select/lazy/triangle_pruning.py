"""Which picks cannot be the nearest of an item: those too far from the one that is so far.

**Idea.** Let p be the nearest to item x of the positions of the prefix that x has seen, and q
one that it has not. By the triangle inequality |x - q| >= |p - q| - |x - p|, so q only
matters if it is within about 2 |x - p| of p. All items of a *cell*, those whose nearest is p,
share the distances of p to the prefix. Where the input has clusters, most items that were
never up for being picked have seen a tenth of the prefix, and nothing of the rest is so near.

**Why nothing changes by it.** With approximate squared distances a and exact ones s, where
s <= r a + t and a <= r s + t (`Rounding`, of r and t), `refresh` takes notice of q only
if a(x, q) <= `limit`. Then |x - q|^2 <= r limit + t, and |x - p|^2 <= r a(x, p) + t, so that
a(p, q) <= r (sqrt(r a(x, p) + t) + sqrt(r limit + t))^2 + t. Any q beyond that may be left
out; two more factors of r cover the rounding of these formulas.

Cost: O(k d) a cell, of FEWEST items or more, O(k) an item, and O(d) for each tile of the
prefix in which a pick matters. Items to which too many matter are left as they are: four of
those at once, as `refresh` has them, cost less. So where nothing can be ruled out, as with
texts in 384 dimensions, it is for a few hundredths of the time of `refresh` in vain.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.core.threads import Crew, RowArray
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
from curate.select.lazy.kernels import State
from curate.select.lazy.points import Prefix, Rounding, Rows, gather, limit_of
from curate.select.lazy.queue import by_key

FEWEST = 8  # items of a cell for which the distances of its pick are worth knowing
TOGETHER = 4  # cells at once, which share what is loaded of the prefix
WORTH = 4  # a tile for one item costs as much as this many of `refresh`


def rule_out(
    order: RowArray,
    crew: Crew,
    items: Rows,
    prefix: Prefix,
    upto: int,
    rounding: Rounding,
    state: State,
) -> None:
    """Bring those items of `order` up to date with the prefix to which little of it matters."""
    sizes = np.bincount(state.nearest[order], minlength=upto)
    cells = np.flatnonzero(sizes >= FEWEST)
    cells = cells[np.argsort(-sizes[cells], kind="stable")]  # no large one last
    crew.run(
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
    prefix: Prefix,
    upto: int,
    rounding: Rounding,
    state: State,
    counter: NDArray[np.int64],
) -> None:
    """Rule out for the items of `cells`: order[starts[p] : starts[p + 1]] are those of p."""
    picks = prefix.tiles
    d, width = items.data.shape[1], LANES // picks.itemsize
    tiles = (upto + width - 1) // width
    squared, seen, nearest, doubtful, _ = state
    apart = np.empty(TOGETHER * tiles * width, picks.dtype)
    point = np.empty(d, picks.dtype)
    near = np.empty(tiles, np.int64)  # tiles in which a pick matters
    r, t = rounding
    while True:
        first = claim(counter, TOGETHER)
        if first >= len(cells):
            return
        _measure_apart(cells, first, picks, d, tiles, apart)
        for which in range(min(TOGETHER, len(cells) - first)):
            row = which * tiles * width
            cell = cells[first + which]
            apart[row + cell] = np.inf  # its items have seen it
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
                most = (tiles - begin // width) // WORTH
                found = 0
                for tile in range(begin // width, tiles):
                    bits = at_most(load(apart, row + tile * width), matters)
                    if bits:
                        if found == most:
                            found = -1
                            break
                        near[found] = tile
                        found += 1
                if found < 0:
                    continue
                if found:
                    gather(items, order, place, 1, point)
                for of in range(found):
                    tile = near[of]
                    lanes = nothing(load(picks, 0))
                    for c in range(d):
                        lanes = add_square(
                            lanes, load(picks, (tile * d + c) * width), read(point, c)
                        )
                    bits = at_most(lanes, limit) & (-1 << max(begin - tile * width, 0))
                    if bits:
                        distance = least(lanes, bits)
                        if distance < squared[i]:
                            limit = limit_of(distance, rounding)
                            rivals = at_most(lanes, limit) & bits
                            nearest[i] = tile * width + lowest(at_most(lanes, distance) & bits)
                            doubtful[i] = squared[i] <= limit or (rivals & (rivals - 1)) != 0
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
    """Approximate squared distances of the picks of cells[first], ... to the whole prefix."""
    width = LANES // picks.itemsize
    points = np.zeros(TOGETHER * d, picks.dtype)
    for which in range(min(TOGETHER, len(cells) - first)):
        cell = cells[first + which]
        for c in range(d):
            points[which * d + c] = picks[(cell // width * d + c) * width + cell % width]
    for tile in range(tiles):
        a0 = a1 = a2 = a3 = nothing(load(picks, 0))
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
