"""Typicality: how near the k nearest neighbours of an item are, beside everybody's.

Formula: t_i = mean over the k nearest neighbours j of exp(-d_ij / D), D the mean of all
n k distances to neighbours. It is that of lightly-mundig 0.1.16 (`Typicality`), and so
that of LightlyOne and LightlyStudio; the idea of preferring dense regions while few items
can be chosen is TypiClust's (Hacohen et al. 2022). An item is not its own neighbour, a
duplicate of it is: among exact duplicates typicality is 1.

Cost: the k nearest neighbours of all items, exactly, whatever n is: O(n² d) multiply-adds in
compiled code (`curate.core.distance.k_nearest`), some ten seconds for 100,000 items in 32
dimensions on two processors and a hundred times that for a million; O(n k) memory.
"""

from __future__ import annotations

import numpy as np

from curate.core.distance import Float64Array, k_nearest
from curate.core.threads import at_most_threads
from curate.core.values import Embeddings, FloatArray
from curate.errors import RequestError
from curate.progress import Progress, silent

QUERIES = 1 << 14  # items whose neighbours are sought at a time: bounds memory beside n k


def typicality(
    embeddings: Embeddings,
    k: int = 20,
    threads: int | None = None,
    progress: Progress = silent,
) -> Float64Array:
    """(n,) float64 in (0, 1]: 1 among exact duplicates, towards 0 far from everything.

    `threads` limits the processors used and changes no result. Raises RequestError unless
    1 <= k < n.
    """
    n = len(embeddings)
    if not 1 <= k < n:
        raise RequestError(
            f"typicality from {k} nearest neighbours of {n} items is impossible: "
            f"it takes at least 1 and at most {n - 1}."
            if n > 1
            else "typicality needs at least 2 items, there is 1: an item is not its own neighbour."
        )
    vectors = embeddings.vectors
    distances = np.empty((n, k))
    starts = range(0, n, QUERIES)
    with at_most_threads(threads):
        for start in progress(starts, "finding neighbours", len(starts)):
            own = np.arange(start, min(start + QUERIES, n))
            found = k_nearest(vectors[own], vectors, k, embeddings.metric, own, threads)
            distances[own] = found.distances
    values: Float64Array = near_to_one(distances).mean(axis=1)
    return values


def near_to_one(distances: Float64Array) -> Float64Array:
    """exp(-d / mean d), of the same shape, in (0, 1]; 1 everywhere if all distances are 0."""
    mean = distances.mean()
    if mean == 0:
        return np.ones_like(distances)
    # What is thousands of times farther than the mean still comes before nothing at all.
    near: Float64Array = np.maximum(np.exp(-distances / mean), np.finfo(np.float64).tiny)
    return near


# --------------------------------------------------------------------------------------
# Similarity: how near an item is to its nearest of some query vectors.
#
# Formula: s_i = exp(-d_i / D), d_i the distance to the nearest query, D the mean of all n
# of them. It is that of lightly-mundig 0.1.16 (`Similarity`), and so that of LightlyOne and
# LightlyStudio. An item that is itself among the queries has similarity 1.
#
# Cost: O(n q d) multiply-adds at the most for q queries (`curate.core.distance.k_nearest`).


def similarity(embeddings: Embeddings, query_vectors: FloatArray) -> Float64Array:
    """(n,) float64 in (0, 1]: 1 at distance 0 from one of (q, d) `query_vectors`.

    Raises RequestError where there is no query, or one of another dimension.
    """
    if query_vectors.ndim != 2 or len(query_vectors) == 0:
        raise RequestError(
            f"similarity needs query vectors, as rows, and got an array of shape "
            f"{query_vectors.shape}: pass at least one."
        )
    if query_vectors.shape[1] != embeddings.dims:
        raise RequestError(
            f"the queries have {query_vectors.shape[1]} dimensions and the items "
            f"{embeddings.dims}: embed both by the same embedder."
        )
    nearest = k_nearest(embeddings.vectors, query_vectors, 1, embeddings.metric)
    return near_to_one(nearest.distances[:, 0])
