"""Random selections of the same size: what anybody gets for nothing.

Never one draw: at least 20, each kept, with the interval over them and the number of
them that beat the selection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from curate.distance import Float64Array
from curate.measure.distribution import Distribution, Histogram, Summary, counts_in, summarise

INTERVAL = (0.025, 0.975)


@dataclass(frozen=True)
class RandomBaseline(Distribution):
    """Statistics are means over the draws.

    draws         a Summary each
    interval      statistic -> the middle 95% of the draws
    draws_better  statistic -> how many draws beat the selection
    band          for each bin the 2.5% and the 97.5% quantile of the counts of the draws
    """

    draws: list[Summary]
    interval: dict[str, tuple[float, float]]
    draws_better: dict[str, int]
    band: tuple[list[float], list[float]]


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
        histogram=Histogram(edges.tolist(), counts.mean(axis=0).tolist()),
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
