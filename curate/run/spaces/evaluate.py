"""Is this space any good, and which of these is best? Spaces -> EvaluationReport.

All spaces are measured on the same items and the same queries, so that their differences
are paired. What needs labels is measured on the labelled items.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from curate.core.tables import csv_bytes
from curate.measure.distances import sample_queries
from curate.measure.spaces.labels import Labels
from curate.measure.spaces.retrieval import NAMES, QueryScores, paired_differences
from curate.measure.spaces.space import Joined, Space, join, labels_of
from curate.report.words.evaluation import MORE_IS_BETTER, measure_value
from curate.run.spaces.measure_space import POINTS, measure_space, space_map
from curate.run.spaces.result import SpacePlan, SpaceResult
from curate.schema.evaluation import EvaluationReport, SpaceDifference, SpaceEvaluation
from curate.schema.spaces import SpaceMap

MAPPED = 4  # spaces that are drawn
QUERIES_FILE = "queries.csv"


def evaluate_spaces(
    spaces: list[Space], column: str | None, given: list[Any] | None, plan: SpacePlan
) -> SpaceResult[EvaluationReport]:
    """Measure every space; labels are `given` for the items of the first, or in a column."""
    joined = join(spaces)
    labels, origin = labels_of(joined, column, given)
    measured = []
    for space, rows, part in zip(joined.spaces, joined.rows, joined.descriptions(), strict=True):
        with plan.watch(space.name):
            measured.append(measure_space(space, rows, part, labels, plan))
    parts = [part for part, _ in measured]
    found = [one for _, one in measured]
    known = [one for one in found if one is not None]
    with plan.watch("maps"):
        maps, map_labels = _maps(joined, labels, plan)
    report = EvaluationReport(
        name=", ".join(space.name for space in spaces),
        items=len(joined),
        labels=origin,
        labelled=0 if labels is None else int((labels.codes >= 0).sum()),
        classes=0 if labels is None else len(labels.names),
        spaces=parts,
        best=_best(parts),
        differences=_differences(parts, known, plan) if len(known) == len(spaces) > 1 else [],
        maps=maps,
        map_labels=map_labels,
        made=plan.provenance(),
    )
    return SpaceResult(report, _files(joined, labels, parts, known))


def _maps(
    joined: Joined, labels: Labels | None, plan: SpacePlan
) -> tuple[list[SpaceMap], list[str | None]]:
    """Maps of the first spaces, and the label of each point; none without labels."""
    if labels is None:
        return [], []
    sampled, drawn = np.random.SeedSequence(plan.seed).spawn(9)[7:]
    rows = sample_queries(len(joined), POINTS, sampled)
    places = range(min(len(joined.spaces), MAPPED))
    maps = [
        one
        for place in plan.effort.progress(places, "maps", len(places))
        if (one := space_map(joined, place, rows, drawn)) is not None
    ]
    names = [None if code < 0 else labels.names[code] for code in labels.codes[rows].tolist()]
    return maps, names if maps else []


def _best(parts: list[SpaceEvaluation]) -> dict[str, str]:
    if len(parts) < 2:
        return {}
    best = {}
    for name in MORE_IS_BETTER:
        values = [
            (found, one.space.name)
            for one in parts
            if (found := measure_value(one, name)) is not None
        ]
        if len(values) == len(parts):
            best[name] = max(values, key=lambda pair: pair[0])[1]
    return best


def _differences(
    parts: list[SpaceEvaluation], found: list[QueryScores], plan: SpacePlan
) -> list[SpaceDifference]:
    """Each metric's best space against every other, over the same queries."""
    seed = np.random.SeedSequence(plan.seed).spawn(7)[6]
    names = [one.space.name for one in parts]
    scores = [np.column_stack([one.scores[metric] for metric in NAMES]) for one in found]
    lead = [int(np.argmax([one[:, m].mean() for one in scores])) for m in range(len(NAMES))]
    told = []
    for best in sorted(set(lead)):
        for other in range(len(scores)):
            if other == best:
                continue
            apart = paired_differences(scores[best], scores[other], seed)
            told += [
                SpaceDifference(
                    metric=NAMES[m],
                    best=names[best],
                    other=names[other],
                    **apart[m]._asdict(),
                )
                for m in range(len(NAMES))
                if lead[m] == best
            ]
    return sorted(told, key=lambda one: (NAMES.index(one.metric), names.index(one.other)))


def _files(
    joined: Joined,
    labels: Labels | None,
    parts: list[SpaceEvaluation],
    found: list[QueryScores],
) -> dict[str, bytes]:
    """The scores of every query in every space."""
    if labels is None or len(found) != len(parts):
        return {}
    labelled = np.flatnonzero(labels.codes >= 0)[found[0].queries]
    ids, rows = joined.spaces[0].dataset.ids, joined.rows[0][labelled]
    columns: dict[str, list[Any]] = {
        "id": [ids[row] for row in rows.tolist()],
        "label": [labels.names[code] for code in labels.codes[labelled].tolist()],
    }
    for part, one in zip(parts, found, strict=True):
        columns |= {f"{part.space.name}: {name}": one.scores[name].tolist() for name in NAMES}
    return {QUERIES_FILE: csv_bytes(columns)}
