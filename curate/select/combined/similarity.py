"""Similarity: how near an item is to its nearest of some query vectors.

Formula: s_i = exp(-d_i / D), with d_i the distance to the nearest query and D the mean of all n
of them. It is the formula of lightly-mundig 0.1.16 (`Similarity`), and so of LightlyOne and
LightlyStudio. An item that is itself a query has similarity 1.

Cost: at most O(n q d) for q queries (`curate.core.distance.k_nearest`).
"""

from __future__ import annotations

from curate.core.distance import Float64Array, k_nearest
from curate.core.values import Embeddings, FloatArray
from curate.errors import RequestError
from curate.schema import strategies
from curate.select.combined.factors import fixed_factor
from curate.select.combined.typicality import LEAST_NEARNESS, near_to_one
from curate.select.objectives import StrategyInputs, ValueFactor, preferred
from curate.select.request import Request


def similarity_objective(
    spec: strategies.Similarity, inputs: StrategyInputs, request: Request
) -> ValueFactor:
    """Prefer items near the query set."""
    values = similarity(inputs.embeddings, inputs.query(spec.query))
    factor = fixed_factor(values.clip(LEAST_NEARNESS, 1), spec.strength, request)
    return ValueFactor(spec, factor, values, preferred(spec.strength))


def similarity(embeddings: Embeddings, query_vectors: FloatArray) -> Float64Array:
    """(n,) float64 in (0, 1]: 1 at distance 0 from one of (q, d) `query_vectors`.

    Raises RequestError if there is no query, or if the queries have other dimensions.
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
