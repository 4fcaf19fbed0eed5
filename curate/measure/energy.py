"""Energy distance: how far two distributions are apart.

    √(2 E‖X − Y‖ − E‖X − X′‖ − E‖Y − Y′‖)

X, X′ of one set, Y, Y′ of the other; means over all pairs, an item with itself among them;
‖x − y‖ Euclidean between points (under cosine the chord between unit vectors). It is 0 for
equal distributions only, and with the root a metric (Székely & Rizzo 2013); scipy has the same.
Its unit is the square root of that of the space: of vectors four times as long it is twice as
large.
Cost: of the distances that the caller has measured. Not here: which items are sampled.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from curate.core.distance import Float64Array

ROUNDING = 1e-14  # of the largest distance: below it a squared value is 0, as the root shows more


def energy_distance(
    across: Float64Array, within: Float64Array, within_other: Float64Array
) -> float:
    """From (m, q) distances across both sets, (m, m) within one and (q, q) within the other."""
    squared = np.array(2 * across.mean() - within.mean() - within_other.mean())
    return float(_rooted(squared, within_other.max(initial=0.0)))


def energy_distances_of_splits(distances: Float64Array, members: NDArray[np.bool_]) -> Float64Array:
    """(p,) energy distances between both parts of n items, for each of p ways to split them.

    distances  (n, n) between all items
    members    (p, n) True for the items of one part, False for the other
    """
    weights = members / members.sum(axis=1, keepdims=True)
    weights_of_others = ~members / (~members).sum(axis=1, keepdims=True)
    apart = weights - weights_of_others
    # With weights a and b of the items, 2aᵀDb − aᵀDa − bᵀDb = −(a − b)ᵀD(a − b).
    squared = -np.einsum("pi,pi->p", apart @ distances, apart)
    return _rooted(squared, distances.max(initial=0.0))


def _rooted(squared: Float64Array, largest: float) -> Float64Array:
    rooted: Float64Array = np.sqrt(np.where(squared < ROUNDING * largest, 0.0, squared))
    return rooted
