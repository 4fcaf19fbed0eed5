"""Do clusters of a space match its classes? k-means with k = number of classes, NMI, AMI.

NMI is normalised by the arithmetic mean of both entropies, AMI corrected for chance: NMI of
noise is not 0. k-means depends on its start, so SEEDS starts, with mean and spread.
Cost: SEEDS · iterations · n k d; beyond `limit` items a uniform sample of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from curate.core import IntArray
from curate.distance import Float64Array
from curate.measure.nearest import sample_queries
from curate.measure.spaces.blocks import Effort, at_once

SEEDS = 10


@dataclass(frozen=True)
class Clusters:
    """(SEEDS,) scores of as many starts, over `n_items`."""

    nmi: list[float]
    ami: list[float]
    k: int
    n_items: int
    exact: bool


def clusters(
    points: Float64Array,
    codes: IntArray,
    limit: int,
    seed: np.random.SeedSequence,
    effort: Effort = Effort(),  # noqa: B008 (frozen)
) -> Clusters | None:
    """NMI and AMI of (n, d) points with (n,) codes, none −1; None with fewer than two classes."""
    rows = sample_queries(len(points), limit, seed)
    chosen, truth = points[rows], codes[rows]
    classes = len(np.unique(truth))
    # k-means cannot make more clusters than there are different points.
    k = min(classes, len(np.unique(chosen, axis=0)))
    if classes < 2 or k < 2:
        return None
    starts = [int(number) for number in seed.generate_state(SEEDS)]

    def one(start: int) -> tuple[float, float]:
        from sklearn.metrics import adjusted_mutual_info_score, normalized_mutual_info_score

        found = k_means(chosen, k, start)[0]
        return (
            float(normalized_mutual_info_score(truth, found)),
            float(adjusted_mutual_info_score(truth, found)),
        )

    with fewer_clusters_allowed():
        scores = at_once(one, starts, "clustering", effort)
    return Clusters(
        nmi=[nmi for nmi, _ in scores],
        ami=[ami for _, ami in scores],
        k=k,
        n_items=len(rows),
        exact=len(rows) == len(points),
    )


@contextmanager
def fewer_clusters_allowed() -> Iterator[None]:
    """No warning where points far from all others leave k-means fewer clusters than asked for.

    Around the threads and not in them: the filters of warnings are one for the process.
    """
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def k_means(points: Float64Array, k: int, seed: int) -> tuple[IntArray, Float64Array]:
    """(n,) cluster of each point and (k, d) centres, the same on any number of threads."""
    from sklearn.cluster import KMeans

    # More threads would add up centres in the order in which they finish.
    with threadpool_limits(1, user_api="openmp"):
        found = KMeans(k, n_init=1, random_state=seed % (1 << 32)).fit(points)
    return found.labels_.astype(np.int64), found.cluster_centers_
