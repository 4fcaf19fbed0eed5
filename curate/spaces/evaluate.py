"""Is this space any good, and which of these is best? Spaces -> EvaluationReport.

All spaces are measured on the same items and the same queries, so that their differences
are paired. What needs labels is measured on the labelled items.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from curate.core import IntArray
from curate.distance import Float64Array, as_points
from curate.measure.nearest import sample_queries
from curate.measure.spaces.bootstrap import paired_differences
from curate.measure.spaces.clusters import clusters
from curate.measure.spaces.confusion import mixed_pairs
from curate.measure.spaces.labels import Labels
from curate.measure.spaces.pairs import pair_histograms
from curate.measure.spaces.retrieval import NAMES, Retrieval, retrieval
from curate.measure.spaces.shape import density, spectrum, uniformity
from curate.measure.spaces.silhouette import silhouette
from curate.report.spaces.evaluation import (
    ClassPart,
    ClustersPart,
    DensityPart,
    DifferencePart,
    EvaluationReport,
    MixedPart,
    PairsPart,
    RetrievalPart,
    SilhouettePart,
    SpaceEvaluation,
    SpectrumPart,
    UniformityPart,
)
from curate.report.spaces.parts import SpaceMap, SpacePart
from curate.report.spaces.values import MORE_IS_BETTER, value
from curate.spaces.files import table_bytes
from curate.spaces.made import Plan, SpaceResult
from curate.spaces.maps import POINTS, space_map
from curate.spaces.open import Joined, Space, join, labels_of

MIXED = 20
MAPPED = 4  # spaces that are drawn
QUERIES_FILE = "queries.csv"
PAIRWISE_QUERIES = 2_000  # of measures that look at every pair from a query


def evaluate_spaces(
    spaces: list[Space], column: str | None, given: list[Any] | None, plan: Plan
) -> SpaceResult[EvaluationReport]:
    """Measure every space; labels are `given` for the items of the first, or in a column."""
    joined = join(spaces)
    labels, origin = labels_of(joined, column, given)
    measured = []
    for space, rows, part in zip(joined.spaces, joined.rows, joined.parts(), strict=True):
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
        made=plan.made(),
    )
    return SpaceResult(report, _files(joined, labels, parts, known))


def _maps(
    joined: Joined, labels: Labels | None, plan: Plan
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


def measure_space(
    space: Space, rows: IntArray, part: SpacePart, labels: Labels | None, plan: Plan
) -> tuple[SpaceEvaluation, Retrieval | None]:
    """All measures of the items of `space` in `rows`, whose labels these are; and every query."""
    points = space.points(rows)
    unit, zero = _unit(points, space.embeddings.metric)
    seeds = np.random.SeedSequence(plan.seed).spawn(6)
    undefined: dict[str, str] = {}
    labelled = np.zeros(0, int) if labels is None else np.flatnonzero(labels.codes >= 0)
    found: dict[str, Any] = {
        "spectrum": spectrum(points, _rounding(space), seeds[4]),
        "uniformity": None
        if unit is None
        else uniformity(unit, PAIRWISE_QUERIES, seeds[5], plan.effort),
    }
    with_labels = ("retrieval", "clusters", "pairs", "density", "silhouette")
    found |= dict.fromkeys(with_labels)
    if labels is None or not len(labelled):
        undefined |= dict.fromkeys(with_labels, "there are no labels")
    else:
        known = labels.of(labelled)
        some, sub = (
            (points, unit)
            if len(labelled) == len(points)
            else (points[labelled], None if unit is None else unit[labelled])
        )
        found["retrieval"] = retrieval(some, known.codes, plan.queries, seeds[0], plan.effort)
        found["clusters"] = clusters(some, known.codes, plan.queries, seeds[1], plan.effort)
        if sub is not None:
            found["pairs"] = pair_histograms(sub, known.codes, seeds[2], plan.effort)
            found["density"] = density(sub, known.codes)
            found["silhouette"] = silhouette(
                some, sub, known.codes, PAIRWISE_QUERIES, seeds[3], plan.effort
            )
        undefined |= _why(found, known)
    if zero:
        undefined |= dict.fromkeys(
            ("pairs", "density", "silhouette", "uniformity"),
            f"{zero} vectors are zero and have no direction",
        )
    asked: Retrieval | None = found["retrieval"]
    classes, mixed = (
        ([], []) if asked is None or labels is None else _classes(asked, labels.of(labelled))
    )
    return (
        SpaceEvaluation(
            space=part,
            retrieval=None
            if asked is None
            else RetrievalPart(
                means={name: float(one.mean()) for name, one in asked.scores.items()},
                n_queries=len(asked.queries),
                exact=asked.exact,
            ),
            clusters=_part(ClustersPart, found["clusters"]),
            pairs=_part(PairsPart, found["pairs"]),
            density=_part(DensityPart, found["density"]),
            silhouette=_part(SilhouettePart, found["silhouette"]),
            spectrum=SpectrumPart.model_validate(found["spectrum"]),
            uniformity=_part(UniformityPart, found["uniformity"]),
            classes=classes,
            mixed=mixed,
            undefined=undefined,
        ),
        asked,
    )


def _part(model: Any, found: Any) -> Any:
    return None if found is None else model.model_validate(found)


def _unit(points: Float64Array, metric: str) -> tuple[Float64Array | None, int]:
    """Unit rows, and how many rows have none; no unit rows at all if any is zero."""
    if metric == "cosine":
        return points, 0
    zero = int((~points.any(axis=1)).sum())
    return (None, zero) if zero else (as_points(points, "cosine"), 0)


def _rounding(space: Space) -> float:
    """Rounding of the values as they are stored."""
    return float(np.finfo(space.embeddings.vectors.dtype).eps)


def _why(found: dict[str, Any], labels: Labels) -> dict[str, str]:
    """Reasons for what is undefined although there are labels."""
    reasons = {}
    alone = labels.sizes().max() < 2
    one = len(labels.names) < 2
    if found["retrieval"] is None:
        reasons["retrieval"] = "no class has two items"
    if found["clusters"] is None:
        reasons["clusters"] = "there is one class only" if one else "all points are equal"
    if found["pairs"] is None:
        reasons["pairs"] = "no class has two items" if alone else "there is one class only"
    if found["silhouette"] is None:
        reasons["silhouette"] = (
            "there is one class only" if one else "every item is a class of its own"
        )
    tight = found["density"]
    if tight is not None and tight.ratio is None:
        reasons["density"] = (
            "no class has two items"
            if alone
            else "fewer than two classes have two items and a mean with a direction"
        )
    return reasons


def _classes(asked: Retrieval, labels: Labels) -> tuple[list[ClassPart], list[MixedPart]]:
    own = labels.codes[asked.queries]
    many = np.bincount(own, minlength=len(labels.names))
    means = {
        name: np.bincount(own, asked.scores[name], minlength=len(many)) / np.maximum(many, 1)
        for name in ("recall@1", "r_precision")
    }
    rows = [
        ClassPart(
            label=name,
            items=int(size),
            queries=int(many[code]),
            recall_at_1=float(means["recall@1"][code]) if many[code] else None,
            r_precision=float(means["r_precision"][code]) if many[code] else None,
        )
        for code, (name, size) in enumerate(zip(labels.names, labels.sizes(), strict=True))
    ]
    rows.sort(key=lambda one: (one.recall_at_1 is None, one.recall_at_1 or 0.0, one.label))
    mixed = [
        MixedPart(first=labels.names[a], second=labels.names[b], fraction=fraction)
        for a, b, fraction in mixed_pairs(
            own, labels.codes[asked.neighbours], len(labels.names), MIXED
        )
    ]
    return rows, mixed


def _best(parts: list[SpaceEvaluation]) -> dict[str, str]:
    if len(parts) < 2:
        return {}
    best = {}
    for name in MORE_IS_BETTER:
        values = [
            (found, one.space.name) for one in parts if (found := value(one, name)) is not None
        ]
        if len(values) == len(parts):
            best[name] = max(values, key=lambda pair: pair[0])[1]
    return best


def _differences(
    parts: list[SpaceEvaluation], found: list[Retrieval], plan: Plan
) -> list[DifferencePart]:
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
                DifferencePart(
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
    found: list[Retrieval],
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
    return {QUERIES_FILE: table_bytes(columns)}
