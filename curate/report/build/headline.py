"""The few numbers of a report about spaces that a pipeline logs; None where not defined."""

from __future__ import annotations

from typing import Any

from curate.report.words.evaluation import MEASURE_ROWS, measure_value
from curate.schema.evaluation import EvaluationReport
from curate.schema.measures import Distribution
from curate.schema.report import Report
from curate.schema.space_reports import ComparisonReport, DriftReport

# --------------------------------------------------------------------------------------
# The few numbers of a report that a pipeline logs.


def selection_headline(report: Report) -> dict[str, float | int | str | None]:
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


# --------------------------------------------------------------------------------------


def evaluation_headline(report: EvaluationReport) -> dict[str, Any]:
    """Every measure of every space, by its name."""
    return {
        "items": report.items,
        "spaces": {
            one.space.name: {name: measure_value(one, name) for name in MEASURE_ROWS}
            for one in report.spaces
        },
    }


def comparison_headline(report: ComparisonReport) -> dict[str, Any]:
    """Overlap and IoU at each k, CKA, RSA and Procrustes of every two spaces."""
    return {
        "items": report.items,
        "pairs": [
            {
                "first": pair.first,
                "second": pair.second,
                **{f"overlap@{one.k}": one.overlap for one in pair.agreement},
                **{f"iou@{one.k}": one.iou for one in pair.agreement},
                "cka": pair.cka,
                "rsa": pair.rsa,
                "procrustes": pair.procrustes,
            }
            for pair in report.pairs
        ],
    }


def drift_headline(report: DriftReport) -> dict[str, Any]:
    """How much is new, gone and moved."""
    return {
        "old": report.old.items,
        "new": report.new.items,
        "energy_distance": report.energy.distance,
        "energy_distance_permuted": report.energy.permuted,
        "new_far_fraction": report.arrived.fraction,
        "gone_far_fraction": report.gone.fraction,
        "moved_fraction": report.moved,
        "picked": len(report.cover),
    }
