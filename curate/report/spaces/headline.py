"""The few numbers of a report about spaces that a pipeline logs; None where not defined."""

from __future__ import annotations

from typing import Any

from curate.report.spaces.comparison import ComparisonReport
from curate.report.spaces.drift import DriftReport
from curate.report.spaces.evaluation import EvaluationReport
from curate.report.spaces.values import ROWS, value


def evaluation_headline(report: EvaluationReport) -> dict[str, Any]:
    """Every measure of every space, by its name."""
    return {
        "items": report.items,
        "spaces": {
            one.space.name: {name: value(one, name) for name in ROWS} for one in report.spaces
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
