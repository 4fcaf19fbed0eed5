"""Distances summed up as the report has them, with plain numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from curate.schema import measures

Array = NDArray[np.float64]
QUANTILES = (5, 25, 50, 75, 90, 95, 99)


def edges_for(values: Sequence[Array]) -> Array:
    """Bin limits shared by all of `values`."""
    return np.histogram_bin_edges(np.concatenate(values), bins=40)


def _quantiles(values: Array) -> dict[str, float]:
    return {str(q): float(np.percentile(values, q)) for q in QUANTILES}


def describe(values: Array, edges: Array) -> measures.Distribution:
    """`values` as a Distribution."""
    counts = np.histogram(values, edges)[0]
    return measures.Distribution(
        mean=float(values.mean()),
        min=float(values.min()),
        max=float(values.max()),
        std=float(values.std()),
        quantiles=_quantiles(values),
        histogram=measures.Histogram(edges=edges.tolist(), counts=counts.astype(float).tolist()),
        exact=True,
        n_queries=len(values),
    )


def _statistics(values: Array) -> dict[str, float]:
    named = {f"q{q}": value for q, value in _quantiles(values).items()}
    return {
        "mean": float(values.mean()),
        "min": float(values.min()),
        "max": float(values.max()),
        **named,
    }


def baseline(
    draws: Sequence[Array], selected: Array, edges: Array, *, larger: bool
) -> measures.RandomBaseline:
    """The random draws, and where `selected` stands among them."""
    each = [_statistics(draw) for draw in draws]
    own = _statistics(selected)
    counts = np.array([np.histogram(draw, edges)[0] for draw in draws], dtype=float)
    low, high = np.percentile(counts, [2.5, 97.5], axis=0)
    mean = {name: float(np.mean([one[name] for one in each])) for name in own}
    sign = 1 if larger else -1
    return measures.RandomBaseline(
        mean=mean["mean"],
        min=mean["min"],
        max=mean["max"],
        std=float(np.mean([draw.std() for draw in draws])),
        quantiles={str(q): mean[f"q{q}"] for q in QUANTILES},
        histogram=measures.Histogram(edges=edges.tolist(), counts=counts.mean(axis=0).tolist()),
        exact=True,
        n_queries=len(selected),
        draws=[
            measures.Summary(
                mean=one["mean"],
                min=one["min"],
                max=one["max"],
                std=float(draw.std()),
                quantiles=_quantiles(draw),
            )
            for one, draw in zip(each, draws, strict=True)
        ],
        interval={
            name: (
                float(np.percentile([one[name] for one in each], 2.5)),
                float(np.percentile([one[name] for one in each], 97.5)),
            )
            for name in own
        },
        draws_better={
            name: sum(sign * one[name] > sign * own[name] for one in each) for name in own
        },
        band=(low.tolist(), high.tolist()),
    )
