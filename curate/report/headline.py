"""The few numbers of a report that a pipeline logs."""

from __future__ import annotations

from curate.report.measures import Distribution
from curate.report.model import Report


def headline(report: Report) -> dict[str, float | int | str | None]:
    """The numbers that `curate select --json` prints; None where one is not defined."""
    diversity, coverage = report.diversity, report.coverage
    return {
        "items": report.counts.input,
        "selected": report.counts.selected,
        "set_aside": report.counts.set_aside,
        "strategy": report.selection.strategy,
        "metric": report.selection.metric,
        "diversity_mean": _value(diversity.selected, "mean"),
        "diversity_mean_random": _value(diversity.random, "mean"),
        "diversity_min": _value(diversity.selected, "min"),
        "diversity_min_random": _value(diversity.random, "min"),
        "coverage_mean": _value(coverage.selected, "mean"),
        "coverage_mean_random": _value(coverage.random, "mean"),
        "coverage_max": _value(coverage.selected, "max"),
        "coverage_max_random": _value(coverage.random, "max"),
        "radius": coverage.radius,
    }


def _value(one: Distribution | None, statistic: str) -> float | None:
    return None if one is None else float(getattr(one, statistic))
