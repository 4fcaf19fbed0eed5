"""k-medoids: improve the picks of facility location by exchanges.

Objective: that of facility location, the sum over all items of the distance to the nearest
selected one. FasterPAM (Schubert and Rousseeuw 2021) exchanges a pick for another item as long
as some exchange lowers the sum. No selection that differs from the result in one item is better,
and the result is never worse than facility location. Nothing is random: the start and the order
of exchanges are fixed.

The picks are ordered by greedy gain: the first represents all items best alone, and each next
one lowers the mean coverage distance most.

Cost: O(n² d) time for the distances and 4 n² bytes to keep them (1.6 GB for 20,000 items), and
O(n²) for each of a few passes of exchanges. Above `MOST_ITEMS` items the medoids are those of
one uniform sample of `MOST_ITEMS`, as in CLARA (Kaufman and Rousseeuw 1986) but larger; it is
drawn by the request's seed. The distances that are reported are measured for every item.

Exchanges compare distances in float32, which halves the memory; reported distances are float64.
FasterPAM is the package `kmedoids`, an optional extra.
"""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from curate.core.distance import BLOCK_VALUES, Float64Array, as_points, from_squared
from curate.core.values import BoolArray, Embeddings, Metric, Selection
from curate.errors import MissingExtraError, RequestError, SelectionError
from curate.select.replay import replay
from curate.select.request import Request, free_items
from curate.select.strategies.facility_location import distance_to_pool, greedy_picks, sample_rows

MOST_ITEMS = 20_000  # up to so many, all pairwise distances are kept in memory
PASSES = 100  # passes of exchanges at most; usually a handful is enough


def k_medoids(embeddings: Embeddings, request: Request) -> Selection:
    """Pick `request.k` candidates as medoids; the datapool counts as selected.

    Raises MissingExtraError without the package `kmedoids`, RequestError for a minimum
    distance, SelectionError if k is larger than the sample.
    """
    kmedoids = _package()
    if request.min_distance > 0:
        raise RequestError(
            f"--min-distance {request.min_distance:g} has no effect with --strategy k-medoids: "
            "leave it out, or pass --strategy facility-location."
        )
    if request.k > MOST_ITEMS:
        raise SelectionError(
            f"k-medoids selects at most {MOST_ITEMS} items, not {request.k}: "
            "pass --strategy facility-location."
        )
    rows = sample_rows(len(embeddings), MOST_ITEMS, request)
    points = as_points(embeddings.vectors[rows], embeddings.metric)
    free = free_items(request, len(embeddings))[rows]
    nearest = distance_to_pool(points, embeddings.metric, request)
    medoids = greedy_picks(points, embeddings.metric, nearest, np.flatnonzero(free), request)
    if 1 < request.k < free.sum():
        costs = _costs(points, embeddings.metric, nearest, free)
        # One thread: with more, the exchanges depend on which thread is first.
        exchanged = kmedoids.fasterpam(costs, medoids.astype(np.uint64), PASSES, n_cpu=1)
        medoids = np.sort(exchanged.medoids.astype(np.int64))
        all_medoids = replace(request, k=len(medoids))
        medoids = greedy_picks(points, embeddings.metric, nearest, medoids, all_medoids)
    return replay(embeddings, rows[medoids], request, "k-medoids")


def memory_needed(embeddings: Embeddings) -> int:
    """Bytes that `k_medoids` needs at most beside the vectors."""
    n = min(len(embeddings), MOST_ITEMS)
    return n * (4 * n + 16 * embeddings.dims) + 16 * BLOCK_VALUES


def _costs(
    points: Float64Array, metric: Metric, nearest: Float64Array, free: BoolArray
) -> NDArray[np.float32]:
    """(n, n) cost of item i if item j is a medoid: their distance, or if less that to the pool.

    The column of an item that may not be picked has the cost without any medoid, so that an
    exchange for it never lowers the sum.
    """
    n = len(points)
    costs = np.empty((n, n), np.float32)
    step = max(1, BLOCK_VALUES // n)
    for start in range(0, n, step):
        block = slice(start, start + step)
        distances = from_squared(cdist(points[block], points, "sqeuclidean"), metric)
        costs[block] = np.minimum(distances, nearest[block, None])
    without_medoid = np.minimum(nearest, 2 * float(costs.max()))
    costs[:, ~free] = without_medoid[:, None]
    return costs


def _package() -> ModuleType:
    try:
        import kmedoids
    except ImportError:
        raise MissingExtraError(
            "--strategy k-medoids needs the package kmedoids: "
            'pip install "curate-select[kmedoids]", or pass --strategy facility-location.'
        ) from None
    return kmedoids  # type: ignore[no-any-return]
