"""Typicality and outliers: how near the k nearest neighbours of an item are.

Formula: t_i = mean over the k nearest neighbours j of exp(-d_ij / D), with D the mean of all
n k distances to neighbours. It is the formula of lightly-mundig 0.1.16 (`Typicality`), and so
of LightlyOne and LightlyStudio; preferring dense regions while few items can be selected is
the idea of TypiClust (Hacohen et al. 2022). An item is not its own neighbour, but a duplicate of
it is: the typicality of exact duplicates is 1. Outliers is typicality with the strength negated.

Cost: the exact k nearest neighbours of all items: O(n² d) multiply-adds in compiled code
(`curate.core.distance.k_nearest`), some ten seconds for 100,000 items in 32 dimensions on two
processors and a hundred times that for a million; O(n k) memory.
"""

from __future__ import annotations

import numpy as np

from curate.core.distance import Float64Array, k_nearest
from curate.core.threads import at_most_threads
from curate.core.values import Embeddings
from curate.errors import RequestError
from curate.progress import Progress, silent
from curate.schema import strategies
from curate.select.combined.factors import fixed_factor
from curate.select.objectives import StrategyInputs, ValueFactor, preferred
from curate.select.request import Request

QUERIES = 1 << 14  # items whose neighbours are searched at a time: limits memory beside n k
LEAST_NEARNESS = 1e-30  # smaller values, which fall off exponentially, count as this


def typicality_objective(
    spec: strategies.Typicality, inputs: StrategyInputs, request: Request
) -> ValueFactor:
    """Prefer items with near neighbours."""
    return _objective(spec, spec.strength, inputs, request)


def outliers_objective(
    spec: strategies.Outliers, inputs: StrategyInputs, request: Request
) -> ValueFactor:
    """Prefer items with far neighbours."""
    return _objective(spec, -spec.strength, inputs, request)


def _objective(
    spec: strategies.Typicality | strategies.Outliers,
    strength: float,
    inputs: StrategyInputs,
    request: Request,
) -> ValueFactor:
    values = typicality(inputs.embeddings, spec.neighbours, request.threads, request.progress)
    factor = fixed_factor(values.clip(LEAST_NEARNESS, 1), strength, request)
    return ValueFactor(spec, factor, values, preferred(strength))


def typicality(
    embeddings: Embeddings,
    k: int = 20,
    threads: int | None = None,
    progress: Progress = silent,
) -> Float64Array:
    """(n,) float64 in (0, 1]: 1 for exact duplicates, towards 0 far from everything.

    `threads` limits the processors used and does not change the result. Raises RequestError
    unless 1 <= k < n.
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
            rows = np.arange(start, min(start + QUERIES, n))
            neighbours = k_nearest(vectors[rows], vectors, k, embeddings.metric, rows, threads)
            distances[rows] = neighbours.distances
    values: Float64Array = near_to_one(distances).mean(axis=1)
    return values


def near_to_one(distances: Float64Array) -> Float64Array:
    """exp(-d / mean d), of the same shape, in (0, 1]; 1 everywhere if all distances are 0."""
    mean = distances.mean()
    if mean == 0:
        return np.ones_like(distances)
    # Above 0 also where exp underflows, so that the values stay in (0, 1].
    near: Float64Array = np.maximum(np.exp(-distances / mean), np.finfo(np.float64).tiny)
    return near
