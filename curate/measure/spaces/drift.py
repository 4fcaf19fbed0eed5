"""Two data sets in one space: what is new, what has gone, and how far they are apart.

New: an item farther from the old data than 99% of the old items are from each other
(nearest other). Gone: the same the other way round. If both sets come from one source,
about 1% of the items are called so; `expected` says it beside the number.
Energy distance (`curate.measure.energy`), with PERMUTATIONS of the pooled items as what chance
gives. All pairs of at most ENERGY_ITEMS uniform items of each set: O(m² d).
Shares: k-means of the old items; each new item goes to the nearest centre.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from curate.core.distance import Float64Array
from curate.core.values import IntArray
from curate.measure.distances import sample_queries
from curate.measure.energy import energy_distances_of_splits
from curate.measure.spaces.clusters import fewer_clusters_allowed, k_means
from curate.schema.space_reports import EnergyDistance

FAR_QUANTILE = 0.99
ENERGY_ITEMS = 2_000
PERMUTATIONS = 200
CLUSTER_ITEMS = 20_000


def energy(old: Float64Array, new: Float64Array, seed: np.random.SeedSequence) -> EnergyDistance:
    """Energy distance between (n, d) and (m, d) points."""
    seeds = seed.spawn(3)
    samples = [
        points[sample_queries(len(points), ENERGY_ITEMS, own)]
        for points, own in zip((old, new), seeds[:2], strict=True)
    ]
    pooled = np.concatenate(samples)
    distances = cdist(pooled, pooled)
    member = np.arange(len(pooled)) < len(samples[0])
    rng = np.random.default_rng(seeds[2])
    dealt = np.array([member, *(rng.permutation(member) for _ in range(PERMUTATIONS))])
    roots = energy_distances_of_splits(distances, dealt)
    measured, permuted = roots[0], roots[1:]
    return EnergyDistance(
        distance=float(measured),
        permuted=float(permuted.mean()),
        permuted_high=float(np.quantile(permuted, 0.95)),
        as_large=int((permuted >= measured).sum()),
        permutations=len(permuted),
        n_old=len(samples[0]),
        n_new=len(samples[1]),
        exact=len(samples[0]) == len(old) and len(samples[1]) == len(new),
    )


@dataclass(frozen=True)
class SharesByCluster:
    """Clusters of the old items.

    centre    (k,) of the old items in each the one nearest to its centre
    old, new  (k,) fraction of each set in it
    distance  total variation between both, in [0, 1]
    """

    centre: IntArray
    old: Float64Array
    new: Float64Array
    distance: float


def shares(
    old: Float64Array, new: Float64Array, k: int, seed: np.random.SeedSequence
) -> SharesByCluster | None:
    """Shares of k clusters; None where the old items do not make two."""
    rows = sample_queries(len(old), CLUSTER_ITEMS, seed)
    k = min(k, len(np.unique(old[rows], axis=0)))
    if k < 2:
        return None
    with fewer_clusters_allowed():
        _, centres = k_means(old[rows], k, int(seed.generate_state(1)[0]))
    owner = [_nearest(points, centres) for points in (old, new)]
    before, after = (np.bincount(clusters, minlength=k) / len(clusters) for clusters in owner)
    return SharesByCluster(
        _middle(old, owner[0], centres), before, after, float(np.abs(before - after).sum() / 2)
    )


def _middle(old: Float64Array, owner: IntArray, centres: Float64Array) -> IntArray:
    apart = np.linalg.norm(old - centres[owner], axis=1)
    order = np.lexsort((apart, owner))
    first = np.searchsorted(owner[order], np.arange(len(centres)))
    return order[np.minimum(first, len(order) - 1)]


def _nearest(points: Float64Array, centres: Float64Array) -> IntArray:
    step = max(1, (1 << 22) // len(centres))
    nearest = [
        cdist(points[start : start + step], centres).argmin(axis=1)
        for start in range(0, len(points), step)
    ]
    return np.concatenate(nearest)
