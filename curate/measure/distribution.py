"""A set of distances as a whole distribution: moments, quantiles, histogram.

The histograms of one measure share their edges, so that sets can be compared bin by bin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curate.distance import Float64Array

PERCENTAGES = (5, 25, 50, 75, 90, 95, 99)
BINS = 40


@dataclass(frozen=True)
class Histogram:
    """`counts` (b,) of the values in the bins between `edges` (b + 1,)."""

    edges: list[float]
    counts: list[float]


@dataclass(frozen=True)
class Summary:
    """Moments and quantiles of (q,) distances; `quantiles` by percentage, linear."""

    mean: float
    min: float
    max: float
    std: float
    quantiles: dict[str, float]

    def statistics(self) -> dict[str, float]:
        """What baselines are compared by: mean, min, max and "q5" … "q99"."""
        quantiles = {f"q{name}": value for name, value in self.quantiles.items()}
        return {"mean": self.mean, "min": self.min, "max": self.max, **quantiles}


@dataclass(frozen=True)
class Distribution(Summary):
    """A Summary with its histogram, and from how many queries it comes."""

    histogram: Histogram
    exact: bool
    n_queries: int


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
        histogram=Histogram(edges.tolist(), counts_in(distances, edges).tolist()),
        exact=exact,
        n_queries=len(distances),
    )


def counts_in(distances: Float64Array, edges: Float64Array) -> Float64Array:
    """(b,) how many of `distances` lie in each bin, all of them being in one."""
    return np.histogram(distances, bins=edges)[0].astype(np.float64)


def shared_edges(sets: Sequence[Float64Array]) -> Float64Array:
    """(BINS + 1,) edges from 0 to the largest distance of any of `sets`."""
    largest = max(float(distances.max()) for distances in sets)
    return np.linspace(0, largest if largest > 0 else 1, BINS + 1)
