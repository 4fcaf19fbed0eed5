"""What fewer picks would do: coverage and diversity of the first n picks, for some n.

The first n picks of a selection are a selection, too, and so are the first n of a random draw: each
draw gives a curve, and the draws give a band. n goes down from k by halves, and the knee is added.

The knee of the radius curve is where the curve lies farthest below the straight line between its
ends, both axes scaled to [0, 1] (Kneedle without smoothing, Satopää et al. 2011). Before the knee a
pick lowers the radius by more than the average pick does, after it by less.

Cost: about twice that of the coverage of all k picks. Where that would be more than WORK, fewer
queries are measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import gt, lt

import numpy as np

from curate.core.distance import Float64Array
from curate.core.values import FloatArray, IntArray, Metric
from curate.measure.distances import sample_queries, to_nearest_member, to_nearest_other
from curate.measure.selection.likeness import versus_random
from curate.schema.measures import PrefixCurve, PrefixMeasures, VersusRandom

HALVINGS = 12
WORK = 2e9  # multiply-adds of one curve's distances, all draws together
QUERIES_LEAST = 1_000
KNEE_LEAST = 5  # points of a curve that may have a knee
STRAIGHT = 0.05  # a curve that is nowhere farther from its chord has none


def knee_of(n: Sequence[int], radius: Sequence[float]) -> int | None:
    """Position of the knee of a falling curve; None where it has none."""
    if len(n) < KNEE_LEAST or radius[0] <= radius[-1]:
        return None
    x = (np.array(n, dtype=np.float64) - n[0]) / (n[-1] - n[0])
    y = (np.array(radius) - radius[-1]) / (radius[0] - radius[-1])
    below = 1 - x - y
    place = int(below.argmax())
    return place if below[place] > STRAIGHT else None


def halves(k: int) -> set[int]:
    """k, its half, the half of that, and so on."""
    return {max(1, round(k / 2**i)) for i in range(HALVINGS)}


def curve_of(
    vectors: FloatArray,
    metric: Metric,
    picks: IntArray,
    draws: Sequence[IntArray],
    pool: FloatArray | None,
    knee: int | None,
    limit: int,
    seed: np.random.SeedSequence,
) -> PrefixCurve:
    """Curves of `picks` and of `draws`, each in its order; `knee` is an n to be among them."""
    k, d = len(picks), vectors.shape[1]
    cost = 2.0 * (len(draws) + 1) * k * d
    most = min(limit, max(QUERIES_LEAST, int(WORK / cost)))
    queries = sample_queries(len(vectors), most, seed)
    sizes = sorted({*halves(k), *([knee] if knee else [])})
    base = np.full(len(queries), np.inf)
    if pool is not None:
        base = to_nearest_member(vectors, pool, metric, queries).distances
    orders = [picks, *draws]
    covered = [_coverage(vectors, metric, order, sizes, queries, base) for order in orders]
    diverse = [_diversity(vectors[order], metric, sizes, most, seed) for order in orders]

    def at(values: list[Float64Array], place: int, statistic: int, *, large: bool) -> VersusRandom:
        own, *random = (float(curve[place, statistic]) for curve in values)
        return versus_random(own, random, gt if large else lt)

    return PrefixCurve(
        prefixes=[
            PrefixMeasures(
                n=n,
                coverage_mean=at(covered, place, 0, large=False),
                coverage_q95=at(covered, place, 1, large=False),
                coverage_max=at(covered, place, 2, large=False),
                diversity_mean=at(diverse, place, 0, large=True) if n > 1 else None,
                diversity_min=at(diverse, place, 1, large=True) if n > 1 else None,
            )
            for place, n in enumerate(sizes)
        ],
        n_queries=len(queries),
        exact=len(queries) == len(vectors),
    )


def _coverage(
    vectors: FloatArray,
    metric: Metric,
    order: IntArray,
    sizes: list[int],
    queries: IntArray,
    nearest: Float64Array,
) -> Float64Array:
    """(sizes, 3) mean, 95% quantile and largest distance of the queries to the first n."""
    statistics, begin = [], 0
    for n in sizes:
        # A new pick can only bring items closer: each is measured once, whatever the sizes.
        new = to_nearest_member(vectors, vectors[order[begin:n]], metric, queries).distances
        nearest, begin = np.minimum(nearest, new), n
        statistics.append((nearest.mean(), np.quantile(nearest, 0.95), nearest.max()))
    return np.array(statistics)


def _diversity(
    members: FloatArray, metric: Metric, sizes: list[int], limit: int, seed: np.random.SeedSequence
) -> Float64Array:
    """(sizes, 2) mean and least distance of the first n members to their nearest other."""
    statistics = []
    for n in sizes:
        measured = to_nearest_other(members[:n], metric, sample_queries(n, limit, seed))
        statistics.append(
            (np.nan, np.nan)
            if measured is None
            else (measured.distances.mean(), measured.distances.min())
        )
    return np.array(statistics)
