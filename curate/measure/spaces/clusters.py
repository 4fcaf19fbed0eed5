"""Do classes hold together in a space? k-means against the classes, and silhouettes.

  NMI, AMI    agreement of k-means, k = number of classes, with the classes: normalised mutual
              information (arithmetic mean of both entropies), and the same corrected for chance,
              since the NMI of noise is not 0. k-means depends on its start: SEEDS starts are kept
  silhouette  s = (b − a) / max(a, b), with a the mean distance to the others of its class and b the
              least mean distance to another class; 0 for a class of one (Rousseeuw 1987)
The mean cosine distance to a class is 1 − x · (mean of its unit rows): so the cosine silhouette is
exact for all items, at O(n c d). Euclidean distances have no such sum: O(q n d), from a sample.
Cost of k-means: SEEDS · iterations · n k d; beyond `limit` items it takes a uniform sample of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from threadpoolctl import threadpool_limits

from curate.core.distance import Float64Array
from curate.core.values import IntArray
from curate.measure.distances import sample_queries
from curate.measure.spaces.parallel_blocks import Effort, at_once, in_blocks
from curate.measure.spaces.ranked_neighbours import CentredPoints
from curate.measure.spaces.shape import class_sums
from curate.schema.evaluation import Clusters, Silhouette

SEEDS = 10


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

    def scores_of(start: int) -> tuple[float, float]:
        from sklearn.metrics import adjusted_mutual_info_score, normalized_mutual_info_score

        clustered = k_means(chosen, k, start)[0]
        return (
            float(normalized_mutual_info_score(truth, clustered)),
            float(adjusted_mutual_info_score(truth, clustered)),
        )

    with fewer_clusters_allowed():
        scores = at_once(scores_of, starts, "clustering", effort)
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
        fitted = KMeans(k, n_init=1, random_state=seed % (1 << 32)).fit(points)
    return fitted.labels_.astype(np.int64), fitted.cluster_centers_


def silhouette(
    points: Float64Array,
    unit: Float64Array,
    codes: IntArray,
    limit: int,
    seed: np.random.SeedSequence,
    effort: Effort = Effort(),  # noqa: B008 (frozen)
) -> Silhouette | None:
    """Of (n, d) points and unit rows with (n,) codes, none −1; None unless 2 ≤ c < n."""
    n = len(codes)
    _, codes = np.unique(codes, return_inverse=True)
    sizes = np.bincount(codes).astype(np.float64)
    if not 2 <= len(sizes) < n:
        return None
    queries = sample_queries(n, limit, seed)
    order = np.argsort(codes, kind="stable")
    starts = np.cumsum(sizes).astype(np.int64) - sizes.astype(np.int64)
    space = CentredPoints(points)
    sums, _ = class_sums(unit, codes)

    def cosine(rows: slice) -> Float64Array:
        # Σ over a class of 1 − x·y; an item adds nothing to its own.
        return _scores(sizes - unit[rows] @ sums.T, codes[rows], sizes)

    def euclidean(rows: slice) -> Float64Array:
        squared = space.squared_from(queries[rows])
        squared[np.arange(len(squared)), queries[rows]] = 0
        distances = np.sqrt(np.maximum(squared, 0))[:, order]
        return _scores(np.add.reduceat(distances, starts, axis=1), codes[queries[rows]], sizes)

    flat = in_blocks(cosine, n, len(sizes) + unit.shape[1], "silhouette", effort)
    straight = in_blocks(euclidean, len(queries), 2 * n, "silhouette", effort)
    return Silhouette(
        cosine=float(np.concatenate(flat).mean()),
        euclidean=float(np.concatenate(straight).mean()),
        n_queries=len(queries),
        exact=len(queries) == n,
    )


def _scores(sums: Float64Array, codes: IntArray, sizes: Float64Array) -> Float64Array:
    """(q,) silhouettes from (q, c) sums of distances to each class."""
    rows = np.arange(len(codes))
    own = sizes[codes]
    within = sums[rows, codes] / np.maximum(own - 1, 1)
    means = sums / sizes
    means[rows, codes] = np.inf
    other = means.min(axis=1)
    larger = np.maximum(within, other)
    scores: Float64Array = np.divide(
        other - within, larger, out=np.zeros(len(codes)), where=larger > 0
    )
    scores[own == 1] = 0
    return scores
