"""Sets of distances: how they are measured, summed up, and set beside random selections.

  diversity  distance of each member of a set to its nearest other member
  coverage   distance of each input item to the nearest member of a set
Where there are more members than `limit`, the queries are a uniform sample of them. Each query is
measured against the full set, so each distance is exact.
A set of distances is reported as a distribution: moments, quantiles, histogram. The histograms of
a measure share their edges, so that sets can be compared bin by bin.
Random selections are at least 20 draws of the same size. Each draw is kept; beside their means
stand the middle 95% of them, and how many beat the selection.
Cost: q m d for q queries against m members; O(q log q) for a distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from curate.core.distance import Float64Array, k_nearest
from curate.core.values import FloatArray, IntArray, Metric
from curate.schema.measures import Distribution, Histogram, RandomBaseline, Summary

PERCENTAGES = (5, 25, 50, 75, 90, 95, 99)
BINS = 40
INTERVAL = (0.025, 0.975)  # the middle 95% of the draws


def summarise(distances: Float64Array) -> Summary:
    """Summary of (q,) distances, q > 0."""
    values = np.quantile(distances, [p / 100 for p in PERCENTAGES])
    return Summary(
        mean=float(distances.mean()),
        min=float(distances.min()),
        max=float(distances.max()),
        std=float(distances.std()),
        quantiles={str(p): float(value) for p, value in zip(PERCENTAGES, values, strict=True)},
    )


def distribution(distances: Float64Array, edges: Float64Array, exact: bool) -> Distribution:
    """Distribution of (q,) distances over the bins between `edges`."""
    summary = summarise(distances)
    return Distribution(
        **vars(summary),
        histogram=_histogram(edges, counts_in(distances, edges)),
        exact=exact,
        n_queries=len(distances),
    )


def counts_in(distances: Float64Array, edges: Float64Array) -> Float64Array:
    """(b,) how many of `distances` lie in each bin, all of them being in one."""
    return np.histogram(distances, bins=edges)[0].astype(np.float64)


def _histogram(edges: Float64Array, counts: Float64Array) -> Histogram:
    return Histogram(edges=edges.tolist(), counts=counts.tolist())


def shared_edges(sets: Sequence[Float64Array]) -> Float64Array:
    """(BINS + 1,) edges from 0 to the largest distance of any of `sets`."""
    largest = max((float(distances.max()) for distances in sets), default=0.0)
    return np.linspace(0, largest if largest > 0 else 1, BINS + 1)


class Measured(NamedTuple):
    """`distances` (q,) float64 in the metric; `rows` (q,) the nearest member's row of the set."""

    distances: Float64Array
    rows: IntArray
    exact: bool


def sample_queries(n: int, limit: int, seed: np.random.SeedSequence) -> IntArray:
    """All of n rows, or a sorted uniform sample of `limit` of them."""
    if n <= limit:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, size=limit, replace=False))


def to_nearest_other(members: FloatArray, metric: Metric, queries: IntArray) -> Measured | None:
    """Distance of the members in rows `queries` to their nearest other member.

    `members` (m, d) vectors. None if there is no other member.
    """
    if len(members) < 2:
        return None
    nearest = k_nearest(members[queries], members, 1, metric, own_rows=queries)
    return Measured(nearest.distances[:, 0], nearest.rows[:, 0], len(queries) == len(members))


def to_nearest_member(
    inputs: FloatArray, members: FloatArray, metric: Metric, queries: IntArray
) -> Measured:
    """Distance of the inputs in rows `queries` to the nearest of (m, d) `members`."""
    nearest = k_nearest(inputs[queries], members, 1, metric)
    return Measured(nearest.distances[:, 0], nearest.rows[:, 0], len(queries) == len(inputs))


def random_baseline(
    draws: list[Float64Array],
    selected: Summary,
    better: Callable[[float, float], bool],
    edges: Float64Array,
    exact: bool,
) -> RandomBaseline:
    """Summary of `draws`, the (q,) distances of each random selection.

    `better(a, b)` says whether statistic a is better than b.
    """
    summaries = [summarise(distances) for distances in draws]
    values = {
        name: np.array([summary.statistics()[name] for summary in summaries])
        for name in selected.statistics()
    }
    counts = np.array([counts_in(distances, edges) for distances in draws])
    low, high = np.quantile(counts, INTERVAL, axis=0)
    return RandomBaseline(
        mean=float(values["mean"].mean()),
        min=float(values["min"].mean()),
        max=float(values["max"].mean()),
        std=float(np.mean([summary.std for summary in summaries])),
        quantiles={name: float(values[f"q{name}"].mean()) for name in selected.quantiles},
        histogram=_histogram(edges, counts.mean(axis=0)),
        exact=exact,
        n_queries=len(draws[0]),
        draws=summaries,
        interval={name: _interval(drawn) for name, drawn in values.items()},
        draws_better={
            name: sum(better(value, own) for value in values[name])
            for name, own in selected.statistics().items()
        },
        band=(low.tolist(), high.tolist()),
    )


def _interval(values: Float64Array) -> tuple[float, float]:
    low, high = np.quantile(values, INTERVAL)
    return float(low), float(high)


def chances(n: int, marked: int, drawn: int) -> Float64Array:
    """(drawn + 1,) probability of 0, 1, … marked items among `drawn` of n items, of which `marked`
    are marked (hypergeometric).

    Each probability comes from its ratio to the one before, in logarithms. Not scipy.stats: to
    import it takes as long as to compare two spaces of 600 items. Cost: O(drawn).
    """
    least, most = max(0, drawn - (n - marked)), min(marked, drawn)
    hits = np.arange(least, most, dtype=np.float64)
    ratios = (marked - hits) * (drawn - hits) / ((hits + 1) * (n - marked - drawn + hits + 1))
    logs = np.concatenate([[0.0], np.cumsum(np.log(ratios))])
    weights = np.exp(logs - logs.max())
    probabilities = np.zeros(drawn + 1)
    probabilities[least : most + 1] = weights / weights.sum()
    return probabilities
