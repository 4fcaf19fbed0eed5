"""Facility location: picks that bring the mean coverage distance down as fast as greed can.

Objective: the sum over all items of the distance to the nearest selected one, in the metric.
The gain of a candidate is what it would take off that sum, sum over i of
max(0, m_i - d(i, candidate)), with m_i the distance of item i to what is selected so far.
Each pick is the candidate of the largest gain, the lowest row on ties; the first one, where
nothing is selected yet, is the medoid of all items. Greedy picks reach at least 1 - 1/e of
the gain that the best selection has over the first pick (Nemhauser, Wolsey and Fisher 1978:
gains only ever shrink), and usually nearly all of it.

Lazy greedy (Minoux 1978): since gains only shrink, an old one is an upper bound. The queue's
best candidates are measured again, a few at a time, until one of them beats all bounds.

Cost: O(n² d) once, and O(n d) for each gain that is measured again; O(n) memory. Above
`MOST_ITEMS` items, greed works on a uniform sample of them (`MOST_ITEMS`, or
`SAMPLED_A_PICK` for each pick if that is more), which stands for all: the picks come from
the sample, and only the distances that are reported are measured to every item. The sample
is drawn by the request's seed; nothing else is random.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.spatial.distance import cdist

from curate.core.distance import BLOCK_VALUES, Float64Array, as_points, from_squared
from curate.core.values import Embeddings, IntArray, Metric, Selection
from curate.select.replay import replay
from curate.select.request import Request, stopped_early

MOST_ITEMS = 20_000  # of which every pair is compared
SAMPLED_A_PICK = 10  # items in a sample for each pick: fewer would be all that a pick covers
AT_ONCE = 16  # gains that are measured again before looking at the queue


def facility_location(embeddings: Embeddings, request: Request) -> Selection:
    """Pick `request.k` candidates, each the one that lowers the mean coverage distance most.

    The datapool counts as selected. No pick is nearer than `min_distance` to another: such
    candidates are passed over, and fewer than k come back when there is no other left.
    """
    wanted = max(MOST_ITEMS, SAMPLED_A_PICK * request.k)
    rows = rows_that_stand_for_all(len(embeddings), wanted, request)
    points = as_points(embeddings.vectors[rows], embeddings.metric)
    free = np.ones(len(rows), bool) if request.candidates is None else request.candidates[rows]
    nearest = distance_to_pool(points, embeddings.metric, request)
    picks = rows[greedy_picks(points, embeddings.metric, nearest, np.flatnonzero(free), request)]
    return replay(
        embeddings, picks, request, "facility-location", stopped_early(request, len(picks))
    )


def rows_that_stand_for_all(n: int, wanted: int, request: Request) -> IntArray:
    """All of n rows, or a sorted uniform sample of `wanted`; more if candidates are rare."""
    if n <= wanted:
        return np.arange(n)
    order = np.random.default_rng(request.seed).permutation(n)
    drawn = order[:wanted]
    if request.candidates is not None:
        few = request.k - int(request.candidates[drawn].sum())
        if few > 0:  # candidates are rare: the next ones in the draw join the sample
            rest = order[wanted:]
            drawn = np.concatenate([drawn, rest[request.candidates[rest]][:few]])
    return np.sort(drawn)


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
    """Up to k of `candidates`, rows of (n, d) `points`, in the order of greed.

    nearest  (n,) distance of each item to what is selected already, inf if nothing is
    """
    nearest = nearest.copy()
    selected = bool(np.isfinite(nearest).all())
    with ThreadPoolExecutor(request.threads) as threads:

        def gains(rows: IntArray) -> Float64Array:
            """(len(rows),) what each candidate would gain now; without inf - inf at first."""

            def some(part: IntArray) -> Float64Array:
                distances = from_squared(cdist(points[part], points, "sqeuclidean"), metric)
                taken = np.maximum(nearest - distances, 0) if selected else -distances
                summed: Float64Array = taken.sum(axis=1)
                return summed

            step = max(1, min(BLOCK_VALUES // (4 * len(points)), -(-len(rows) // 2)))
            parts = [rows[start : start + step] for start in range(0, len(rows), step)]
            return np.concatenate(list(threads.map(some, parts)))

        bound = gains(candidates)
        fresh = np.ones(len(candidates), dtype=bool)
        picks: list[int] = []
        for _ in request.progress(range(request.k), "selecting", request.k):
            bound[nearest[candidates] < request.min_distance] = -np.inf
            at = int(bound.argmax())
            while not fresh[at] and bound[at] > -np.inf:
                stale = _largest(np.where(fresh, -np.inf, bound), AT_ONCE)
                bound[stale], fresh[stale] = gains(candidates[stale]), True
                at = int(bound.argmax())
            if bound[at] == -np.inf:
                break
            pick = int(candidates[at])
            picks.append(pick)
            squared = cdist(points, points[pick][None, :], "sqeuclidean")[:, 0]
            np.minimum(nearest, from_squared(squared, metric), out=nearest)
            if selected:
                fresh[:] = False
            else:  # sums of distances are no bounds of gains
                selected = True
                bound = gains(candidates)
            bound[at] = -np.inf
            fresh[at] = True
    return np.array(picks, dtype=np.int64)


def _largest(values: Float64Array, count: int) -> IntArray:
    """Places of the `count` largest finite values, fewer if there are fewer."""
    count = min(count, len(values))
    places = np.argpartition(-values, count - 1)[:count]
    return places[np.isfinite(values[places])]
