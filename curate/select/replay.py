"""The distances of picks that are already made: those that a traversal would have recorded.

Every item is measured against every pick, in order. Items do not depend on each other, so
threads handle blocks of items, and a memory-mapped file is read once. Distances are float64
from direct differences.

Cost: O(n k d) time, shared by all threads; O(n) memory. Not here: skipping distances that
cannot matter; see `lazy/`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from curate.core.distance import Float64Array, as_points, from_squared
from curate.core.threads import ThreadPool
from curate.core.values import Embeddings, IntArray, Selection
from curate.select.request import Request

BLOCK = 2048  # items at a time
CHUNK = 256  # picks at a time: with BLOCK, 4 MB of distances


class _ReplayedBlock(NamedTuple):
    """Distances of one block of b items.

    squared  (b,) squared distance to the nearest selected item, after all picks
    nearest  (b,) the position of that item among the picks; k + i for datapool item i
    at_pick  (k,) squared distance of a pick when it was picked; inf if not in this block
    largest  (k,) largest squared distance of an item of the block after each pick
    """

    squared: Float64Array
    nearest: IntArray
    at_pick: Float64Array
    largest: Float64Array


def replay(
    embeddings: Embeddings,
    picks: IntArray,
    request: Request,
    strategy: str,
    notes: tuple[str, ...] = (),
) -> Selection:
    """The selection of `picks` (k,) rows, made in this order after `request.datapool`."""
    metric, n = embeddings.metric, len(embeddings)
    selected = as_points(embeddings.vectors[picks], metric)
    pool = np.empty((0, embeddings.dims))
    if request.datapool is not None:
        pool = as_points(request.datapool, metric)

    def replay_block(start: int) -> _ReplayedBlock:
        block = as_points(embeddings.vectors[start : start + BLOCK], metric)
        return _replay_block(block, start, selected, picks, pool)

    starts = range(0, n, BLOCK)
    with ThreadPool(request.threads, embeddings.vectors) as thread_pool:
        replayed = thread_pool.map(replay_block, starts)
        blocks = list(request.progress(replayed, "measuring picks", len(starts)))
    return Selection(
        picks=picks,
        distances=from_squared(np.min([block.at_pick for block in blocks], axis=0), metric),
        radii=from_squared(np.max([block.largest for block in blocks], axis=0), metric),
        coverage=from_squared(np.concatenate([block.squared for block in blocks]), metric),
        nearest=np.concatenate([block.nearest for block in blocks]),
        strategy=strategy,
        notes=notes,
    )


def _replay_block(
    block: Float64Array, start: int, selected: Float64Array, picks: IntArray, pool: Float64Array
) -> _ReplayedBlock:
    """Replay (b, d) items, the first of them row `start`, against the datapool and (k, d) picks."""
    b, k = len(block), len(selected)
    squared = np.full(b, np.inf)
    nearest = np.zeros(b, dtype=np.int64)
    at_pick, largest = np.full(k, np.inf), np.empty(k)
    for first in range(0, len(pool), CHUNK):
        to = cdist(pool[first : first + CHUNK], block, "sqeuclidean")
        _update(squared, nearest, to, k + first)
    own = np.flatnonzero((picks >= start) & (picks < start + b))
    for first in range(0, k, CHUNK):
        to = cdist(selected[first : first + CHUNK], block, "sqeuclidean")
        # Row j of `so_far` is the state before pick first + j; the last row, after all of them.
        so_far = np.minimum.accumulate(np.concatenate([squared[None, :], to]), axis=0)
        here = own[(own >= first) & (own < first + len(to))]
        at_pick[here] = so_far[here - first, picks[here] - start]
        largest[first : first + len(to)] = so_far[1:].max(axis=1)
        _update(squared, nearest, to, first)
    return _ReplayedBlock(squared, nearest, at_pick, largest)


def _update(squared: Float64Array, nearest: IntArray, to: Float64Array, first: int) -> None:
    """Update `squared` and `nearest` (b,) by (c, b) squared distances to items `first`, …."""
    earliest = to.argmin(axis=0)  # on ties
    best = to[earliest, np.arange(to.shape[1])]
    closer = best < squared
    np.copyto(squared, best, where=closer)
    np.copyto(nearest, earliest + first, where=closer)
