"""Picks that are known beforehand: what a traversal would have noted while it made them.

Every item is measured against every pick, in order; each is on its own until then, so blocks of
items are replayed side by side and forgotten, and a memory-mapped file is read once. Distances
are float64 by direct differences.
Cost: O(n k d) on every thread, O(n) memory. Not here: skipping what cannot matter; see lazy.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from curate.core.distance import Float64Array, as_points, from_squared
from curate.core.threads import Crew
from curate.core.values import Embeddings, IntArray, Selection
from curate.select.request import Request

BLOCK = 2048  # items at a time
CHUNK = 256  # picks at a time: with BLOCK 4 MB of distances


class _Replayed(NamedTuple):
    """One block of b items: `squared` and `nearest` (b,) at the end; `at_pick` (k,) the squared
    distance of each pick among them when it was picked, else inf; `largest` (k,) after it."""

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
    """The selection of `picks` (k,), which were made in this order beyond `request.datapool`."""
    metric, n = embeddings.metric, len(embeddings)
    chosen = as_points(embeddings.vectors[picks], metric)
    pool = np.empty((0, embeddings.dims))
    if request.datapool is not None:
        pool = as_points(request.datapool, metric)

    def one(start: int) -> _Replayed:
        block = as_points(embeddings.vectors[start : start + BLOCK], metric)
        return _replay_block(block, start, chosen, picks, pool)

    starts = range(0, n, BLOCK)
    with Crew(request.threads, embeddings.vectors) as crew:
        parts = list(request.progress(crew.map(one, starts), "measuring picks", len(starts)))
    return Selection(
        picks=picks,
        distances=from_squared(np.min([part.at_pick for part in parts], axis=0), metric),
        radii=from_squared(np.max([part.largest for part in parts], axis=0), metric),
        coverage=from_squared(np.concatenate([part.squared for part in parts]), metric),
        nearest=np.concatenate([part.nearest for part in parts]),
        strategy=strategy,
        notes=notes,
    )


def _replay_block(
    block: Float64Array, start: int, chosen: Float64Array, picks: IntArray, pool: Float64Array
) -> _Replayed:
    """Replay (b, d) items, the first of them row `start`, against the pool and (k, d) picks."""
    b, k = len(block), len(chosen)
    squared = np.full(b, np.inf)
    nearest = np.zeros(b, dtype=np.int64)
    at_pick, largest = np.full(k, np.inf), np.empty(k)
    for first in range(0, len(pool), CHUNK):
        to = cdist(pool[first : first + CHUNK], block, "sqeuclidean")
        _bring_closer(squared, nearest, to, k + first)
    own = np.flatnonzero((picks >= start) & (picks < start + b))
    for first in range(0, k, CHUNK):
        to = cdist(chosen[first : first + CHUNK], block, "sqeuclidean")
        # Row j of `so_far` is the state before pick first + j, the last one that after all.
        so_far = np.minimum.accumulate(np.concatenate([squared[None, :], to]), axis=0)
        here = own[(own >= first) & (own < first + len(to))]
        at_pick[here] = so_far[here - first, picks[here] - start]
        largest[first : first + len(to)] = so_far[1:].max(axis=1)
        _bring_closer(squared, nearest, to, first)
    return _Replayed(squared, nearest, at_pick, largest)


def _bring_closer(squared: Float64Array, nearest: IntArray, to: Float64Array, first: int) -> None:
    """Note which of the selected ones numbered from `first`, at distances `to`, are nearer."""
    who = to.argmin(axis=0)  # the earliest on ties
    best = to[who, np.arange(to.shape[1])]
    closer = best < squared
    np.copyto(squared, best, where=closer)
    np.copyto(nearest, who + first, where=closer)
