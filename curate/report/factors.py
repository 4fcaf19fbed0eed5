"""What each objective gave each pick: the breakdown of a product, inline and as a side file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from curate.core import Dataset, Selection
from curate.measure.objectives import ObjectiveMeasures
from curate.report.outputs import write_table


def has_factors(objectives: Sequence[ObjectiveMeasures]) -> bool:
    """Whether picks were made by a product, and so have a breakdown."""
    return any(one.at_pick is not None for one in objectives)


def factors_of(objectives: Sequence[ObjectiveMeasures], place: int) -> list[float | None] | None:
    """The factor of each objective for the pick at `place`, None for thresholds."""
    if not has_factors(objectives):
        return None
    return [None if one.at_pick is None else float(one.at_pick[place]) for one in objectives]


def write_factors(
    stream: IO[bytes],
    dataset: Dataset,
    selection: Selection,
    objectives: Sequence[ObjectiveMeasures],
) -> None:
    """All picks as csv: rank, id, and a column for each objective that has factors."""
    told = [one for one in objectives if one.at_pick is not None]
    rows = [
        [
            rank,
            dataset.ids[row],
            *(float(one.at_pick[rank - 1]) for one in told if one.at_pick is not None),
        ]
        for rank, row in enumerate(selection.picks.tolist(), 1)
    ]
    write_table(stream, ["rank", "id", *(one.written for one in told)], rows)
