"""Silhouette (Rousseeuw 1987), cosine and Euclidean: is an item nearer to its own class?

s = (b − a) / max(a, b); a = mean distance to the others of its class, b = least mean
distance to another class; 0 for a class of one. The mean cosine distance to a class is
1 − x · (mean of its unit rows), so cosine is exact for all items at O(n c d). Euclidean
distances have no such sum: O(q n d) from a sample of queries to all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curate.core import IntArray
from curate.distance import Float64Array
from curate.measure.nearest import sample_queries
from curate.measure.spaces.blocks import Effort, in_blocks
from curate.measure.spaces.ranking import Space
from curate.measure.spaces.shape import class_sums


@dataclass(frozen=True)
class Silhouette:
    """Mean over `n_queries` items; cosine is over all of them."""

    cosine: float
    euclidean: float
    n_queries: int
    exact: bool


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
    space = Space(points)
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
        float(np.concatenate(flat).mean()),
        float(np.concatenate(straight).mean()),
        len(queries),
        len(queries) == n,
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
