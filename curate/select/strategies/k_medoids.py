"""k-medoids: the k items with the smallest mean coverage distance that swapping can find.

Objective: that of facility location, the sum over all items of the distance to the nearest
selected one. The greedy picks of facility location are improved by FasterPAM (Schubert and
Rousseeuw 2021): a pick is exchanged for another item as long as some exchange lowers the
sum. The result is as good as any selection that differs from it in one item, and never worse
than facility location's. No randomness: both begin and order of exchanges are given.

The picks come in the order of greed among themselves: the first is the one that represents
all items best alone, and each next one lowers the mean coverage distance most.

Cost: O(n² d) time for the distances and 4 n² bytes to keep them (1.6 GB of 20,000 items),
O(n²) for each of a few passes of exchanges. Above `MOST_ITEMS` items it is CLARA's way
(Kaufman and Rousseeuw 1986) with one large sample: the medoids are those of a uniform sample
of `MOST_ITEMS`, drawn by the request's seed, and only the distances that are reported are
measured to every item.

Distances are rounded to float32 while exchanging, so that they fit; reported ones are exact.
FasterPAM itself is the package `kmedoids`, an optional extra.
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
from curate.select.request import Request
from curate.select.strategies.facility_location import (
    distance_to_pool,
    greedy_picks,
    rows_that_stand_for_all,
)

MOST_ITEMS = 20_000  # of which all distances are kept
PASSES = 100  # of exchanges, at most; a handful is usual


def k_medoids(embeddings: Embeddings, request: Request) -> Selection:
    """Pick `request.k` candidates as medoids; the datapool counts as selected and stays.

    Raises MissingExtraError without the package `kmedoids`, RequestError for a minimum
    distance, SelectionError for more picks than the sample has.
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
    rows = rows_that_stand_for_all(len(embeddings), MOST_ITEMS, request)
    points = as_points(embeddings.vectors[rows], embeddings.metric)
    free = np.ones(len(rows), bool) if request.candidates is None else request.candidates[rows]
    nearest = distance_to_pool(points, embeddings.metric, request)
    medoids = greedy_picks(points, embeddings.metric, nearest, np.flatnonzero(free), request)
    if 1 < request.k < free.sum():
        costs = _costs(points, embeddings.metric, nearest, free)
        # One thread: with more, the package takes the first exchange that any of them finds.
        found = kmedoids.fasterpam(costs, medoids.astype(np.uint64), PASSES, n_cpu=1)
        medoids = np.sort(found.medoids.astype(np.int64))
        in_order = replace(request, k=len(medoids))
        medoids = greedy_picks(points, embeddings.metric, nearest, medoids, in_order)
    return replay(embeddings, rows[medoids], request, "k-medoids")


def memory_needed(embeddings: Embeddings) -> int:
    """Bytes that `k_medoids` takes at most beside the vectors, to say before it starts."""
    n = min(len(embeddings), MOST_ITEMS)
    return n * (4 * n + 16 * embeddings.dims) + 16 * BLOCK_VALUES


def _costs(
    points: Float64Array, metric: Metric, nearest: Float64Array, free: BoolArray
) -> NDArray[np.float32]:
    """(n, n) what item i costs if item j is a medoid: the distance, at most that to the pool.

    Of an item that may not be picked the column is as if there were no medoid at all, and so
    no exchange for it ever pays.
    """
    n = len(points)
    costs = np.empty((n, n), np.float32)
    step = max(1, BLOCK_VALUES // n)
    for start in range(0, n, step):
        some = slice(start, start + step)
        distances = from_squared(cdist(points[some], points, "sqeuclidean"), metric)
        costs[some] = np.minimum(distances, nearest[some, None])
    none = np.minimum(nearest, 2 * float(costs.max()))
    costs[:, ~free] = none[:, None]
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
