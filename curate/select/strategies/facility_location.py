"""Facility location: greedy picks that lower the mean coverage distance as much as possible.

Objective: the sum over all items of the distance to the nearest selected one, in the metric.
The gain of a candidate is the decrease of that sum if it were picked: the sum over i of
max(0, m_i - d(i, candidate)), with m_i the distance of item i to the items selected so far.
Each pick is the candidate with the largest gain, the lowest row on ties; the first pick, when
nothing is selected yet, is the medoid of all items. Gains only shrink as picks are made, so
greedy picks reach at least 1 - 1/e of the gain that the best selection has over the first pick
(Nemhauser, Wolsey and Fisher 1978), and usually nearly all of it.

Lazy greedy (Minoux 1978): because gains only shrink, an old gain is an upper bound. The
candidates with the largest bounds are measured again, a few at a time, until one of them is at
least as large as all other bounds.

Cost: O(n² d) once, and O(n d) for each gain that is measured again; O(n) memory. Above
`MOST_ITEMS` items the picks are made among a uniform sample (`MOST_ITEMS` items, or
`SAMPLED_PER_PICK` for each pick if that is more), and gains are sums over the sample; the
distances that are reported are measured for every item. The sample is drawn by the request's
seed; nothing else is random.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.spatial.distance import cdist

from curate.core.distance import BLOCK_VALUES, Float64Array, as_points, from_squared
from curate.core.values import Embeddings, IntArray, Metric, Selection
from curate.select.replay import replay
from curate.select.request import Request, free_items, stopped_early

MOST_ITEMS = 20_000  # up to so many, every pair of items is compared
SAMPLED_PER_PICK = 10  # items in a sample for each pick
GAINS_PER_STEP = 16  # stale gains that are measured again at a time


def facility_location(embeddings: Embeddings, request: Request) -> Selection:
    """Pick `request.k` candidates, each the one that lowers the mean coverage distance most.

    The datapool counts as selected. Candidates nearer than `min_distance` to a pick are skipped;
    fewer than k are picked if no other is left.
    """
    sample_size = max(MOST_ITEMS, SAMPLED_PER_PICK * request.k)
    rows = sample_rows(len(embeddings), sample_size, request)
    points = as_points(embeddings.vectors[rows], embeddings.metric)
    free = free_items(request, len(embeddings))[rows]
    nearest = distance_to_pool(points, embeddings.metric, request)
    picks = rows[greedy_picks(points, embeddings.metric, nearest, np.flatnonzero(free), request)]
    return replay(
        embeddings, picks, request, "facility-location", stopped_early(request, len(picks))
    )


def sample_rows(n: int, size: int, request: Request) -> IntArray:
    """All of n rows, or a sorted uniform sample of `size`.

    If the sample has fewer than k candidates, the next candidates of the draw are added.
    """
    if n <= size:
        return np.arange(n)
    free = free_items(request, n)
    order = np.random.default_rng(request.seed).permutation(n)
    drawn, rest = order[:size], order[size:]
    missing = max(request.k - int(free[drawn].sum()), 0)
    return np.sort(np.concatenate([drawn, rest[free[rest]][:missing]]))


def distance_to_pool(points: Float64Array, metric: Metric, request: Request) -> Float64Array:
    """(n,) distance of each point to the datapool, inf without one."""
    nearest = np.full(len(points), np.inf)
    if request.datapool is not None:
        pool = as_points(request.datapool, metric)
        step = max(1, BLOCK_VALUES // len(points))
        for start in range(0, len(pool), step):
            squared = cdist(points, pool[start : start + step], "sqeuclidean")
            np.minimum(nearest, from_squared(squared.min(axis=1), metric), out=nearest)
    return nearest


def greedy_picks(
    points: Float64Array,
    metric: Metric,
    nearest: Float64Array,
    candidates: IntArray,
    request: Request,
) -> IntArray:
    """Up to k of `candidates`, rows of (n, d) `points`, in the order in which they are picked.

    nearest  (n,) distance of each item to the nearest item selected earlier; inf if none is
    """
    nearest = nearest.copy()
    selected = bool(np.isfinite(nearest).all())
    with ThreadPoolExecutor(request.threads) as executor:

        def gains(rows: IntArray) -> Float64Array:
            """(len(rows),) the gain of each candidate; while nothing is selected, minus its sum."""

            def gains_of_part(part: IntArray) -> Float64Array:
                distances = from_squared(cdist(points[part], points, "sqeuclidean"), metric)
                decrease = np.maximum(nearest - distances, 0) if selected else -distances
                summed: Float64Array = decrease.sum(axis=1)
                return summed

            step = max(1, min(BLOCK_VALUES // (4 * len(points)), -(-len(rows) // 2)))
            parts = [rows[start : start + step] for start in range(0, len(rows), step)]
            return np.concatenate(list(executor.map(gains_of_part, parts)))

        bounds = gains(candidates)
        fresh = np.ones(len(candidates), dtype=bool)
        picks: list[int] = []
        for _ in request.progress(range(request.k), "selecting", request.k):
            bounds[nearest[candidates] < request.min_distance] = -np.inf
            best = int(bounds.argmax())
            while not fresh[best] and bounds[best] > -np.inf:
                stale = _largest(np.where(fresh, -np.inf, bounds), GAINS_PER_STEP)
                bounds[stale], fresh[stale] = gains(candidates[stale]), True
                best = int(bounds.argmax())
            if bounds[best] == -np.inf:
                break
            pick = int(candidates[best])
            picks.append(pick)
            squared = cdist(points, points[pick][None, :], "sqeuclidean")[:, 0]
            np.minimum(nearest, from_squared(squared, metric), out=nearest)
            if selected:
                fresh[:] = False
            else:  # until now bounds were sums of distances, which are not bounds of gains
                selected = True
                bounds = gains(candidates)
            bounds[best] = -np.inf
            fresh[best] = True
    return np.array(picks, dtype=np.int64)


def _largest(values: Float64Array, count: int) -> IntArray:
    """Indices of the `count` largest values that are finite; fewer if fewer are."""
    count = min(count, len(values))
    places = np.argpartition(-values, count - 1)[:count]
    return places[np.isfinite(values[places])]
