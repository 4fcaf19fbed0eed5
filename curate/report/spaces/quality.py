"""What report.json of a selection says of its space: numbers of `curate evaluate`."""

from __future__ import annotations

from curate.report.part import Part
from curate.report.spaces.evaluation import SpaceEvaluation


class SpaceQuality(Part):
    """The space that the selection was made in."""

    items: int
    """Items that it was measured on: all of the input."""
    labels: str | None
    """Column that the labels come from; null without."""
    labelled: int
    """Items with a label."""
    classes: int
    """Different labels."""
    recall_by_chance: float | None
    """Recall@1 that neighbours without any order would give; null without queries."""
    measured: SpaceEvaluation
    """The measures; of its classes at most the 100 that are found worst."""
