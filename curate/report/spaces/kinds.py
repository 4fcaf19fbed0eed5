"""The kinds of reports about spaces, by the `kind` that their report.json says."""

from __future__ import annotations

from curate.report.spaces.comparison import ComparisonReport
from curate.report.spaces.drift import DriftReport
from curate.report.spaces.evaluation import EvaluationReport

SpaceReport = EvaluationReport | ComparisonReport | DriftReport
KINDS: dict[str, type[SpaceReport]] = {
    "evaluation": EvaluationReport,
    "comparison": ComparisonReport,
    "drift": DriftReport,
}
