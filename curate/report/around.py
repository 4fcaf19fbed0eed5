"""Neighbourhoods as they stand in report.json: rows become ids, texts and ranks."""

from __future__ import annotations

from collections.abc import Sequence

from curate.core import Dataset, Selection
from curate.measure import around as measured
from curate.report.inline import text_of
from curate.report.worth import AroundPart, Outlier, OutlierShare, Pair, Rivalled


def around_part(
    dataset: Dataset, selection: Selection, found: measured.Around | None
) -> AroundPart | None:
    """The part of the report, None where nothing was measured."""
    if found is None:
        return None
    positions = dataset.source_positions()
    rank = {row: rank for rank, row in enumerate(selection.picks.tolist(), 1)}
    return AroundPart(
        neighbours=found.neighbours,
        n_queries=found.n_queries,
        exact=found.exact,
        density=Rivalled.model_validate(found.density),
        coverage=Rivalled.model_validate(found.coverage),
        outlier_shares=[OutlierShare.model_validate(one) for one in found.outlier_shares],
        outliers=[
            Outlier(
                id=dataset.ids[row],
                row=int(positions[row]),
                distance=distance,
                rank=rank.get(row),
                text=text_of(dataset, row),
            )
            for row, distance in zip(
                found.outliers.tolist(), found.outlyingness.tolist(), strict=True
            )
        ],
        input_pairs=_pairs(dataset, found.input_pairs),
        pick_pairs=_pairs(dataset, found.pick_pairs),
    )


def _pairs(dataset: Dataset, pairs: Sequence[measured.Pair]) -> list[Pair]:
    return [
        Pair(
            one=dataset.ids[pair.one],
            other=dataset.ids[pair.other],
            distance=pair.distance,
            text=text_of(dataset, pair.one),
            other_text=text_of(dataset, pair.other),
        )
        for pair in pairs
    ]
