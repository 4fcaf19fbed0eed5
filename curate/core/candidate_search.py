"""Candidates for nearest neighbours: the w nearest base points to each query, in float32.

`distance.k_nearest` measures them again in float64 and returns the exact neighbours.

Every pair is compared by direct differences. The base is stored in tiles (t, d, width), with
as many points to a tile as there are lanes, so that one instruction handles one coordinate of
a query and of all points of a tile. A query keeps its w nearest points so far, sorted; a point
farther than the last of them, as almost every point is, costs one comparison.

Cost: O(q n d) time; the tiles of a batch stay in the cache for all queries of a thread.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.core.simd import (
    LANE_BYTES,
    WIDTH,
    add_square,
    at_most,
    claim_next,
    compiled,
    load,
    lowest_bit,
    read,
    store,
    zero_lanes,
)
from curate.core.threads import SHARE, ThreadPool

BATCH_BYTES = 1 << 18  # bytes of the tiles of one batch


def nearest_candidates(
    queries: NDArray[np.float32],
    base: NDArray[np.float32],
    wanted: int,
    threads: int | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The `wanted` nearest of the (n, d) `base` rows to each of (q, d) `queries`, in float32.

    Returns squared distances (q, wanted), ascending, and their rows (q, wanted) int64; inf and
    -1 where the base has fewer rows. Every other row is at least as far as the last, in float32.
    """
    n, d = base.shape
    width = WIDTH[np.dtype(np.float32)]
    tiles = np.full((-(-n // width) * width, d), np.inf, np.float32)
    tiles[:n] = base
    tiles = np.ascontiguousarray(tiles.reshape(-1, width, d).transpose(0, 2, 1))
    squared = np.full((len(queries), wanted), np.inf, np.float32)
    rows = np.full((len(queries), wanted), -1, np.int64)
    order = np.arange(len(queries), dtype=np.int32)
    flat_queries, flat_tiles = queries.reshape(-1), tiles.reshape(-1)
    with ThreadPool(threads, base) as thread_pool:
        thread_pool.run(_search, order, flat_queries, flat_tiles, n, d, squared, rows)
    return squared, rows


@compiled
def _search(
    order: NDArray[np.int32],
    queries: NDArray[np.float32],
    tiles: NDArray[np.float32],
    n: int,
    d: int,
    squared: NDArray[np.float32],
    rows: NDArray[np.int64],
    counter: NDArray[np.int64],
) -> None:
    """Fill `squared` and `rows` for the queries; threads take them by `counter`."""
    width = LANE_BYTES // tiles.itemsize
    n_tiles, last = len(tiles) // (d * width), squared.shape[1] - 1
    batch = max(1, BATCH_BYTES // (d * width * tiles.itemsize))
    distances = np.empty(4 * width, tiles.dtype)
    near = np.empty(4, np.int64)
    limits = np.empty(4, tiles.dtype)
    while True:
        start = claim_next(counter, SHARE)
        if start >= len(order):
            return
        stop = min(start + SHARE, len(order))
        for first in range(0, n_tiles, batch):
            for group in range(start, stop, 4):
                members = min(4, stop - group)
                for q in range(4):  # padding slots match nothing
                    limits[q] = squared[group + q, last] if q < members else -1
                p0 = group * d
                p1, p2, p3 = p0, p0, p0
                if members > 1:
                    p1 = p0 + d
                if members > 2:
                    p2 = p1 + d
                if members > 3:
                    p3 = p2 + d
                for tile in range(first, min(first + batch, n_tiles)):
                    at = tile * d * width
                    a0 = a1 = a2 = a3 = zero_lanes(load(tiles, 0))
                    for c in range(d):
                        lanes = load(tiles, at + c * width)
                        a0 = add_square(a0, lanes, read(queries, p0 + c))
                        a1 = add_square(a1, lanes, read(queries, p1 + c))
                        a2 = add_square(a2, lanes, read(queries, p2 + c))
                        a3 = add_square(a3, lanes, read(queries, p3 + c))
                    n0, n1 = at_most(a0, limits[0]), at_most(a1, limits[1])
                    n2, n3 = at_most(a2, limits[2]), at_most(a3, limits[3])
                    if not n0 | n1 | n2 | n3:
                        continue
                    store(distances, 0, a0)
                    store(distances, width, a1)
                    store(distances, 2 * width, a2)
                    store(distances, 3 * width, a3)
                    near[0], near[1], near[2], near[3] = n0, n1, n2, n3
                    for q in range(members):
                        bits = near[q]
                        while bits:
                            lane = lowest_bit(bits)
                            bits &= bits - 1
                            row = tile * width + lane
                            if row < n:
                                distance = distances[q * width + lane]
                                _insert(squared, rows, group + q, last, distance, row)
                        limits[q] = squared[group + q, last]


@compiled
def _insert(
    squared: NDArray[np.float32],
    rows: NDArray[np.int64],
    query: int,
    last: int,
    distance: Any,
    row: int,
) -> None:
    """Insert a point into the sorted nearest points of a query, if it is near enough."""
    if not distance < squared[query, last]:
        return
    place = last
    while place > 0 and squared[query, place - 1] > distance:
        squared[query, place] = squared[query, place - 1]
        rows[query, place] = rows[query, place - 1]
        place -= 1
    squared[query, place] = distance
    rows[query, place] = row
