"""A set of distances as a whole distribution: moments, quantiles, histogram.

The histograms of one measure share their edges, so that sets can be compared bin by bin.
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


# --------------------------------------------------------------------------------------
# The two distances everything is measured by, from every member or from a sample.
#
# diversity: from each member of a set to its nearest other member.
# coverage:  from each input item to the nearest member of a set.
# Where there are more members than `limit`, a uniform sample of them are the queries;
# each is still measured against the full set, so each distance is exact.


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
    found = k_nearest(members[queries], members, 1, metric, own_rows=queries)
    return Measured(found.distances[:, 0], found.rows[:, 0], len(queries) == len(members))


def to_nearest_member(
    inputs: FloatArray, members: FloatArray, metric: Metric, queries: IntArray
) -> Measured:
    """Distance of the inputs in rows `queries` to the nearest of (m, d) `members`."""
    found = k_nearest(inputs[queries], members, 1, metric)
    return Measured(found.distances[:, 0], found.rows[:, 0], len(queries) == len(inputs))


# --------------------------------------------------------------------------------------
# Random selections of the same size: what anybody gets for nothing.
#
# Never one draw: at least 20, each kept, with the interval over them and the number of
# them that beat the selection.


INTERVAL = (0.025, 0.975)


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


# --------------------------------------------------------------------------------------
# What chance gives: how many of the items that are drawn are marked (hypergeometric).
#
# From the ratio of one probability to the one before, in logarithms. Not scipy.stats: loading
# it takes as long as comparing two spaces of 600 items.
# Cost: O(drawn).


def chances(n: int, marked: int, drawn: int) -> Float64Array:
    """(drawn + 1,) probability of 0, 1, … marked items among `drawn` of n, `marked` in all."""
    least, most = max(0, drawn - (n - marked)), min(marked, drawn)
    one = np.arange(least, most, dtype=np.float64)
    ratios = (marked - one) * (drawn - one) / ((one + 1) * (n - marked - drawn + one + 1))
    logs = np.concatenate([[0.0], np.cumsum(np.log(ratios))])
    weights = np.exp(logs - logs.max())
    found = np.zeros(drawn + 1)
    found[least : most + 1] = weights / weights.sum()
    return found
