"""The few numbers of each kind of report that `--json` prints and a pipeline logs.

Keys are the same for every report of a kind; a value is None if it is not defined. Values are
not rounded.
"""

from __future__ import annotations

from typing import Any

from curate.report.words.evaluation import MEASURE_ROWS, measure_value
from curate.schema.evaluation import EvaluationReport
from curate.schema.measures import Distribution
from curate.schema.report import Report
from curate.schema.space_reports import ComparisonReport, DriftReport


def selection_headline(report: Report) -> dict[str, float | int | str | None]:
    """Counts, diversity and coverage of a selection, each beside random choice."""
    diversity, coverage = report.diversity, report.coverage
    return {
        "items": report.counts.input,
        "selected": report.counts.selected,
        "set_aside": report.counts.set_aside,
        "strategy": report.selection.strategy,
        "metric": report.selection.metric,
        "diversity_mean": _statistic(diversity.selected, "mean"),
        "diversity_mean_random": _statistic(diversity.random, "mean"),
        "diversity_min": _statistic(diversity.selected, "min"),
        "diversity_min_random": _statistic(diversity.random, "min"),
        "coverage_mean": _statistic(coverage.selected, "mean"),
        "coverage_mean_random": _statistic(coverage.random, "mean"),
        "coverage_max": _statistic(coverage.selected, "max"),
        "coverage_max_random": _statistic(coverage.random, "max"),
        "radius": coverage.radius,
    }


def evaluation_headline(report: EvaluationReport) -> dict[str, Any]:
    """Every measure of every space, by the names of MEASURE_ROWS."""
    return {
        "items": report.items,
        "spaces": {
            space.space.name: {name: measure_value(space, name) for name in MEASURE_ROWS}
            for space in report.spaces
        },
    }


def comparison_headline(report: ComparisonReport) -> dict[str, Any]:
    """Overlap and IoU at each k, CKA, RSA and Procrustes of each pair of spaces."""
    return {
        "items": report.items,
        "pairs": [
            {
                "first": pair.first,
                "second": pair.second,
                **{f"overlap@{agreement.k}": agreement.overlap for agreement in pair.agreement},
                **{f"iou@{agreement.k}": agreement.iou for agreement in pair.agreement},
                "cka": pair.cka,
                "rsa": pair.rsa,
                "procrustes": pair.procrustes,
            }
            for pair in report.pairs
        ],
    }


def drift_headline(report: DriftReport) -> dict[str, Any]:
    """How different the two sets are, which fractions are new and gone, and what was picked."""
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


def _statistic(distribution: Distribution | None, name: str) -> float | None:
    return None if distribution is None else float(getattr(distribution, name))
