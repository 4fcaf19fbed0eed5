"""Similarity: how near an item is to its nearest of some query vectors.

Formula: s_i = exp(-d_i / D), d_i the distance to the nearest query, D the mean of all n
of them. It is that of lightly-mundig 0.1.16 (`Similarity`), and so that of LightlyOne and
LightlyStudio. An item that is itself among the queries has similarity 1.

Cost: O(n q d) multiply-adds at the most for q queries (`curate.distance.k_nearest`).
"""

from __future__ import annotations

from curate.core import Embeddings, FloatArray
from curate.distance import Float64Array, k_nearest
from curate.errors import RequestError
from curate.select.typicality import near_to_one


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
