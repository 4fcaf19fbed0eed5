"""`curate evaluate`: how good is a space, and which of several is best?

All spaces are measured on the same items and the same queries, so that their differences
are paired. Measures that need labels use the labelled items only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from curate.core.csv_files import csv_bytes
from curate.measure.distances import sample_queries
from curate.measure.spaces.labels import Labels
from curate.measure.spaces.retrieval import NAMES, QueryScores, paired_differences
from curate.measure.spaces.space import Joined, Space, join, labels_of
from curate.report.words.evaluation import MORE_IS_BETTER, measure_value
from curate.run.spaces.measure_space import MAP_ITEMS, measure_space, space_map
from curate.run.spaces.result import SpacePlan, SpaceResult
from curate.schema.evaluation import EvaluationReport, SpaceDifference, SpaceEvaluation
from curate.schema.spaces import SpaceMap

MAPPED_SPACES = 4
QUERIES_FILE = "queries.csv"


def evaluate_spaces(
    spaces: list[Space], column: str | None, given: list[Any] | None, plan: SpacePlan
) -> SpaceResult[EvaluationReport]:
    """Measure every space on the items that all have.

    column  of the labels, in any of the spaces; None for the label column
    given   a label for each item of the first space, instead of a column
    """
    joined = join(spaces)
    labels, origin = labels_of(joined, column, given)
    measured = []
    for space, rows, part in zip(joined.spaces, joined.rows, joined.descriptions(), strict=True):
        with plan.watch(space.name):
            measured.append(measure_space(space, rows, part, labels, plan))
    evaluations = [evaluation for evaluation, _ in measured]
    scores = [score for _, score in measured if score is not None]
    with plan.watch("maps"):
        maps, map_labels = _maps(joined, labels, plan)
    report = EvaluationReport(
        name=", ".join(space.name for space in spaces),
        items=len(joined),
        labels=origin,
        labelled=0 if labels is None else int((labels.codes >= 0).sum()),
        classes=0 if labels is None else len(labels.names),
        spaces=evaluations,
        best=_best(evaluations),
        differences=_differences(evaluations, scores, plan)
        if len(scores) == len(spaces) > 1
        else [],
        maps=maps,
        map_labels=map_labels,
        made=plan.provenance(),
    )
    return SpaceResult(report, _files(joined, labels, evaluations, scores))


def _maps(
    joined: Joined, labels: Labels | None, plan: SpacePlan
) -> tuple[list[SpaceMap], list[str | None]]:
    """Maps of the first spaces, and the label of each point; none without labels."""
    if labels is None:
        return [], []
    sampled, drawn = np.random.SeedSequence(plan.seed).spawn(9)[7:]
    rows = sample_queries(len(joined), MAP_ITEMS, sampled)
    places = range(min(len(joined.spaces), MAPPED_SPACES))
    maps = [
        drawn_map
        for place in plan.effort.progress(places, "maps", len(places))
        if (drawn_map := space_map(joined, place, rows, drawn)) is not None
    ]
    names = [None if code < 0 else labels.names[code] for code in labels.codes[rows].tolist()]
    return maps, names if maps else []


def _best(evaluations: list[SpaceEvaluation]) -> dict[str, str]:
    """Measure -> name of the space with the highest value, of measures that all spaces have."""
    if len(evaluations) < 2:
        return {}
    best = {}
    for name in MORE_IS_BETTER:
        values = [
            (value, evaluation.space.name)
            for evaluation in evaluations
            if (value := measure_value(evaluation, name)) is not None
        ]
        if len(values) == len(evaluations):
            best[name] = max(values, key=lambda pair: pair[0])[1]
    return best


def _differences(
    evaluations: list[SpaceEvaluation], measured: list[QueryScores], plan: SpacePlan
) -> list[SpaceDifference]:
    """Each metric's best space against every other, over the same queries."""
    seed = np.random.SeedSequence(plan.seed).spawn(7)[6]
    names = [evaluation.space.name for evaluation in evaluations]
    # A (queries, measures) matrix for each space.
    scores = [np.column_stack([space.scores[name] for name in NAMES]) for space in measured]
    lead = [int(np.argmax([space[:, m].mean() for space in scores])) for m in range(len(NAMES))]
    differences = []
    for best in sorted(set(lead)):
        for other in range(len(scores)):
            if other == best:
                continue
            apart = paired_differences(scores[best], scores[other], seed)
            differences += [
                SpaceDifference(
                    metric=NAMES[m],
                    best=names[best],
                    other=names[other],
                    **apart[m]._asdict(),
                )
                for m in range(len(NAMES))
                if lead[m] == best
            ]
    return sorted(differences, key=lambda pair: (NAMES.index(pair.metric), names.index(pair.other)))


def _files(
    joined: Joined,
    labels: Labels | None,
    evaluations: list[SpaceEvaluation],
    scores: list[QueryScores],
) -> dict[str, bytes]:
    """The side file with the scores of every query in every space."""
    if labels is None or len(scores) != len(evaluations):
        return {}
    labelled = np.flatnonzero(labels.codes >= 0)[scores[0].queries]
    ids, rows = joined.spaces[0].dataset.ids, joined.rows[0][labelled]
    columns: dict[str, list[Any]] = {
        "id": [ids[row] for row in rows.tolist()],
        "label": [labels.names[code] for code in labels.codes[labelled].tolist()],
    }
    for evaluation, space in zip(evaluations, scores, strict=True):
        columns |= {
            f"{evaluation.space.name}: {name}": space.scores[name].tolist() for name in NAMES
        }
    return {QUERIES_FILE: csv_bytes(columns)}
