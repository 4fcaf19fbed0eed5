"""What lies around each input item: density and coverage, outliers, near duplicates.

All from the NEAREST nearest others of each query among all input:
  density    1 / (k M) Σᵢ |{j : Yⱼ in B(Xᵢ)}|, B(Xᵢ) the ball around input item Xᵢ that reaches
             to its k-th nearest other input item, Y the M members of a set; summed over all N
             input items, or N times the mean over the queries
  coverage   share of the input items whose ball holds a member
             (Naeem et al., Reliable Fidelity and Diversity Metrics, ICML 2020; k = 5)
Members are input items, so those in a ball are the item itself and its k nearest others:
who they are says it all, and of items at equal distance only k count. An item lies in its own
ball, so random choice has a density of about (k + 1) / k.
  outlyingness  mean distance of an item to its k nearest others. The outlying 1% of the input
             are the items beyond its 99% quantile; of equal ones fewer.
Cost: O(q) for each set, given the neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import gt

import numpy as np

from curate.core.distance import Float64Array, Neighbours, as_points, from_squared, k_nearest
from curate.core.values import FloatArray, IntArray, Metric
from curate.measure.distances import INTERVAL, chances, sample_queries
from curate.measure.selection.likeness import versus_random
from curate.schema.measures import OutlierShare, VersusRandom

NEAREST = 5
FRACTIONS = (0.01, 0.05)
PICKS = 1_000  # picks whose outlyingness is measured, where it is not known already
SHOWN = 12  # outliers and pairs


@dataclass(frozen=True)
class PairOfRows:
    """Two rows and their distance."""

    one: int
    other: int
    distance: float


@dataclass(frozen=True)
class NeighbourhoodsOfRows:
    """All of the above.

    neighbours   how many nearest others: NEAREST, or all there are
    outliers     rows of the most outlying queries, farthest out first; with their outlyingness
    input_pairs  the queries nearest to an item of other content, nearest first, an item once
    pick_pairs   the same of picks
    """

    neighbours: int
    n_queries: int
    exact: bool
    density: VersusRandom
    coverage: VersusRandom
    outlier_shares: list[OutlierShare]
    outliers: IntArray
    outlyingness: Float64Array
    input_pairs: list[PairOfRows]
    pick_pairs: list[PairOfRows]


def neighbourhoods_of(
    vectors: FloatArray,
    metric: Metric,
    queries: IntArray,
    near: Neighbours,
    picks: IntArray,
    mates: IntArray,
    draws: Sequence[IntArray],
    keys: Sequence[bytes],
    seed: np.random.SeedSequence,
) -> NeighbourhoodsOfRows:
    """Measure the neighbourhoods of `queries`.

    near   their nearest others, (q, k)
    mates  (k,) for each pick the position of its nearest other pick; -1 if unknown
    keys   n content hashes: pairs of equal content are no near duplicates
    """
    n, k = len(vectors), near.rows.shape[1]
    balls = np.column_stack([queries, near.rows])  # (q, k + 1)
    found = [_density_and_coverage(balls, rows, n, k) for rows in (picks, *draws)]
    (own_density, own_coverage), *random = found
    outlying = near.distances.mean(axis=1)
    top = np.argsort(-outlying, kind="stable")[:SHOWN]
    known = len(queries) == n
    some = picks if known else picks[sample_queries(len(picks), PICKS, seed)]
    of_picks = (
        outlying[some]
        if known
        else k_nearest(vectors[some], vectors, k, metric, some).distances.mean(axis=1)
    )
    return NeighbourhoodsOfRows(
        neighbours=k,
        n_queries=len(queries),
        exact=known,
        density=versus_random(own_density, [one for one, _ in random], gt),
        coverage=versus_random(own_coverage, [one for _, one in random], gt),
        outlier_shares=[_outlier_share(one, outlying, of_picks, n) for one in FRACTIONS],
        outliers=queries[top],
        outlyingness=outlying[top],
        input_pairs=closest(np.repeat(queries, k), near.rows.ravel(), near.distances.ravel(), keys),
        pick_pairs=_pairs_of_picks(vectors, metric, picks, mates, keys),
    )


def _density_and_coverage(
    balls: IntArray, members: IntArray, n: int, k: int
) -> tuple[float, float]:
    inside = np.zeros(n, dtype=bool)
    inside[members] = True
    held = inside[balls].sum(axis=1)  # (q,)
    return float(n * held.mean() / (k * len(members))), float((held > 0).mean())


def _outlier_share(
    fraction: float, outlying: Float64Array, of_picks: Float64Array, n: int
) -> OutlierShare:
    threshold = float(np.quantile(outlying, 1 - fraction))
    share, m = float((outlying > threshold).mean()), len(of_picks)
    low, high = np.searchsorted(np.cumsum(chances(n, round(share * n), m)), INTERVAL) / m
    return OutlierShare(
        fraction=fraction,
        threshold=threshold,
        input=share,
        selected=float((of_picks > threshold).mean()),
        interval=(float(low), float(high)),
        n_picks=m,
    )


def _pairs_of_picks(
    vectors: FloatArray, metric: Metric, picks: IntArray, mates: IntArray, keys: Sequence[bytes]
) -> list[PairOfRows]:
    has = np.flatnonzero(mates >= 0)
    if not len(has):
        return []
    ones, others = picks[has], picks[mates[has]]
    return closest(ones, others, distances_of(vectors, metric, ones, others), keys)


def distances_of(
    vectors: FloatArray, metric: Metric, ones: IntArray, others: IntArray
) -> Float64Array:
    """(m,) distances between the rows `ones` and `others`, one by one."""
    a, b = as_points(vectors[ones], metric), as_points(vectors[others], metric)
    return from_squared(np.einsum("ij,ij->i", a - b, a - b), metric)


def closest(
    ones: IntArray, others: IntArray, distances: Float64Array, keys: Sequence[bytes]
) -> list[PairOfRows]:
    """The nearest pairs of different content, each row in one of them at most."""
    pairs: list[PairOfRows] = []
    taken: set[int] = set()
    for place in np.argsort(distances, kind="stable").tolist():
        one, other = sorted((int(ones[place]), int(others[place])))
        if one in taken or other in taken or keys[one] == keys[other]:
            continue
        taken |= {one, other}
        pairs.append(PairOfRows(one, other, float(distances[place])))
        if len(pairs) == SHOWN:
            break
    return pairs
