"""What is known of a strategy beforehand, in sentences: its guarantee and its weakness."""

from __future__ import annotations

from curate.report.model import Report

_BOUND = {
    "euclidean": ("twice", ""),
    "cosine": (
        "four times",
        "; that is twice in the length of the chord between unit vectors, for cosine distance "
        "is half of its square",
    ),
}


def traversal(report: Report) -> str | None:
    """What farthest-first traversal is and what it guarantees; None for another strategy.

    Gonzalez' bound needs the triangle inequality. Cosine distance is half the square of the
    chord between unit vectors, which has it: twice the chord is four times the distance.
    """
    if report.selection.strategy != "diversity":
        return None
    times, why = _BOUND[report.selection.metric]
    best = "for that number of picks"
    if report.counts.datapool:
        best += " added to the datapool"
    return (
        "Farthest-first traversal (strategy diversity): each pick is the item farthest from all "
        f"picks before it. Its covering radius is at most {times} the best possible {best} "
        f"(Gonzalez, Clustering to minimize the maximum intercluster distance, 1985){why}. "
        "Every prefix of the order is such a selection too."
    )


def outliers(report: Report) -> str | None:
    """What farthest-first traversal brings in besides; None for another strategy."""
    if report.selection.strategy != "diversity":
        return None
    return (
        "Farthest-first traversal seeks what is unlike the rest. That includes outliers, and "
        "among them items that are broken or do not belong."
    )
