"""Neighbourhoods of input items: density and coverage of balls, outliers, near duplicates.

All come from the k = NEAREST nearest others of each query among all input:
  density    1 / (k M) Σᵢ |{j : Yⱼ in B(Xᵢ)}|, where Y are the M members of a set, and the ball
             B(Xᵢ) around input item Xᵢ reaches to its k-th nearest other input item. The sum is
             over all N input items, or N times the mean over the queries
  coverage   share of the input items whose ball holds a member
             (Naeem et al., Reliable Fidelity and Diversity Metrics, ICML 2020; k = 5)
  outlyingness  mean distance of an item to its k nearest others. The outlying 1% of the input
             are the items beyond its 99% quantile; fewer if items are equally far out
Members are input items. So the members in a ball are among the item itself and its k nearest
others, and of items at equal distance only k count. An item lies in its own ball: random choice
has a density of about (k + 1) / k.
Cost: O(q k) for each set, given the neighbours.
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
    """Two rows, the lower first, and their distance."""

    one: int
    other: int
    distance: float


@dataclass(frozen=True)
class NeighbourhoodsOfRows:
    """What `schema.measures.Neighbourhoods` holds, with rows in place of ids.

    neighbours   k: NEAREST, or all other items if there are fewer
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
    own, *random = [_density_and_coverage(balls, rows, n, k) for rows in (picks, *draws)]
    outlying = near.distances.mean(axis=1)
    top = np.argsort(-outlying, kind="stable")[:SHOWN]
    known = len(queries) == n
    measured_picks = picks if known else picks[sample_queries(len(picks), PICKS, seed)]
    of_picks = (
        outlying[measured_picks]
        if known
        else k_nearest(vectors[measured_picks], vectors, k, metric, measured_picks).distances.mean(
            axis=1
        )
    )
    return NeighbourhoodsOfRows(
        neighbours=k,
        n_queries=len(queries),
        exact=known,
        density=versus_random(own[0], [density for density, _ in random], gt),
        coverage=versus_random(own[1], [coverage for _, coverage in random], gt),
        outlier_shares=[_outlier_share(fraction, outlying, of_picks, n) for fraction in FRACTIONS],
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
        first, second = sorted((int(ones[place]), int(others[place])))
        if first in taken or second in taken or keys[first] == keys[second]:
            continue
        taken |= {first, second}
        pairs.append(PairOfRows(first, second, float(distances[place])))
        if len(pairs) == SHOWN:
            break
    return pairs
