"""Threshold: only items whose value in a column meets a condition may be picked."""

from __future__ import annotations

from curate.core.values import BoolArray
from curate.schema import strategies
from curate.select.columns import meets
from curate.select.objectives import StrategyInputs


def meets_threshold(
    spec: strategies.Threshold,
    inputs: StrategyInputs,
    candidates: BoolArray,  # noqa: ARG001  # conditions have one signature
) -> tuple[BoolArray, tuple[str, ...]]:
    """(n,) whether an item meets the condition; and a note on each value that never occurs."""
    passes, absent = meets(inputs.column(spec.column), spec)
    return passes, tuple(f"No item has {spec.column} {value!r}." for value in absent)
