"""Every measure of one space: Space -> SpaceEvaluation.

What needs labels is measured on the labelled items. What is not defined has its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from curate.core.distance import Float64Array, as_points
from curate.core.values import IntArray
from curate.measure.map_quality import NEIGHBOURS, map_quality
from curate.measure.projections import best_map
from curate.measure.spaces.blocks import Effort
from curate.measure.spaces.clusters import clusters, silhouette
from curate.measure.spaces.labels import Labels
from curate.measure.spaces.pairs import pair_histograms
from curate.measure.spaces.retrieval import QueryScores, mixed_pairs, retrieval
from curate.measure.spaces.shape import density, spectrum, uniformity
from curate.measure.spaces.space import Joined, Space, join, labels_of
from curate.progress import Progress
from curate.run.embed_items import EmbeddedItems
from curate.run.spaces.result import SpacePlan, steady_threads
from curate.schema.evaluation import (
    ClassRetrieval,
    MixedClasses,
    SpaceEvaluation,
    SpaceQuality,
)
from curate.schema.job import Job
from curate.schema.spaces import SpaceDescription, SpaceMap

# --------------------------------------------------------------------------------------
# A space in two dimensions, with how far the picture can be trusted.


POINTS = 2_000  # on a map; a uniform sample if there are more


def space_map(
    joined: Joined, place: int, items: IntArray, seed: np.random.SeedSequence
) -> SpaceMap | None:
    """A map of some items in one space."""
    space = joined.spaces[place]
    vectors = space.embeddings.vectors[joined.rows[place][items]]
    points = as_points(vectors, space.embeddings.metric)
    one = best_map(points, seed)
    if one is None:
        return None
    quality = map_quality(points, np.column_stack([one.x, one.y]), NEIGHBOURS)
    return SpaceMap(
        space=space.name,
        x=one.x,
        y=one.y,
        note=one.note,
        trustworthiness=None if quality is None else quality.trustworthiness,
        continuity=None if quality is None else quality.continuity,
        preserved=None if quality is None else quality.preserved,
    )


# --------------------------------------------------------------------------------------


MIXED = 20
PAIRWISE_QUERIES = 2_000  # of measures that look at every pair from a query
WITH_LABELS = ("retrieval", "clusters", "pairs", "density", "silhouette")


def measure_space(
    space: Space, rows: IntArray, part: SpaceDescription, labels: Labels | None, plan: SpacePlan
) -> tuple[SpaceEvaluation, QueryScores | None]:
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
    classes: list[ClassRetrieval] = []
    mixed: list[MixedClasses] = []
    if labels is None or not len(labelled):
        found |= dict.fromkeys(WITH_LABELS)
        undefined |= dict.fromkeys(WITH_LABELS, "there are no labels")
    else:
        known = labels.of(labelled)
        some, sub = (
            (points, unit)
            if len(labelled) == len(points)
            else (points[labelled], None if unit is None else unit[labelled])
        )
        found |= _by_labels(some, sub, known, seeds, plan)
        undefined |= _why(found, known)
        if found["retrieval"] is not None:
            classes, mixed = _classes(found["retrieval"], known)
    if zero:
        undefined |= dict.fromkeys(
            ("pairs", "density", "silhouette", "uniformity"),
            f"{zero} vectors are zero and have no direction",
        )
    scored: QueryScores | None = found["retrieval"]
    evaluation = SpaceEvaluation(
        space=part,
        retrieval=None if scored is None else scored.summary,
        clusters=found["clusters"],
        pairs=found["pairs"],
        density=found["density"],
        silhouette=found["silhouette"],
        spectrum=found["spectrum"],
        uniformity=found["uniformity"],
        classes=classes,
        mixed=mixed,
        undefined=undefined,
    )
    return evaluation, scored


def _by_labels(
    points: Float64Array,
    unit: Float64Array | None,
    labels: Labels,
    seeds: Sequence[np.random.SeedSequence],
    plan: SpacePlan,
) -> dict[str, Any]:
    """What needs labels, of points that all have one; None for what is not defined for them."""
    codes = labels.codes
    found: dict[str, Any] = dict.fromkeys(WITH_LABELS)
    found["retrieval"] = retrieval(points, codes, plan.queries, seeds[0], plan.effort)
    found["clusters"] = clusters(points, codes, plan.queries, seeds[1], plan.effort)
    if unit is not None:
        found["pairs"] = pair_histograms(unit, codes, seeds[2], plan.effort)
        found["density"] = density(unit, codes)
        found["silhouette"] = silhouette(
            points, unit, codes, PAIRWISE_QUERIES, seeds[3], plan.effort
        )
    return found


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


def _classes(
    scored: QueryScores, labels: Labels
) -> tuple[list[ClassRetrieval], list[MixedClasses]]:
    own = labels.codes[scored.queries]
    many = np.bincount(own, minlength=len(labels.names))
    means = {
        name: np.bincount(own, scored.scores[name], minlength=len(many)) / np.maximum(many, 1)
        for name in ("recall@1", "r_precision")
    }
    rows = [
        ClassRetrieval(
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
        MixedClasses(first=labels.names[a], second=labels.names[b], fraction=fraction)
        for a, b, fraction in mixed_pairs(
            own, labels.codes[scored.neighbours], len(labels.names), MIXED
        )
    ]
    return rows, mixed


# --------------------------------------------------------------------------------------
# The space that a selection is made in, judged as `curate evaluate` does -> SpaceQuality.
#
# The same items, metric and seed give the same numbers as that command.


CLASSES = 100  # that the report names


def space_quality(job: Job, items: EmbeddedItems, progress: Progress) -> SpaceQuality | None:
    """The measures of the space of `items`, with labels if there is a label column; None for
    a single item, which has no neighbour."""
    if len(items.dataset) < 2:
        return None
    space = Space(" ".join(job.data.sources), items.dataset, items.embeddings, items.embedder)
    joined = join([space])
    labels, origin = labels_of(joined, None)
    plan = SpacePlan(
        queries=job.measure.queries,
        seed=job.select.seed,
        effort=Effort(job.embed.threads, progress),
    )
    with steady_threads(job.embed.threads):
        measured, _ = measure_space(
            space, joined.rows[0], space.description(len(joined)), labels, plan
        )
    return SpaceQuality(
        items=len(joined),
        labels=origin,
        labelled=0 if labels is None else int((labels.codes >= 0).sum()),
        classes=0 if labels is None else len(labels.names),
        recall_by_chance=None if labels is None else _by_chance(labels),
        measured=measured.model_copy(update={"classes": measured.classes[:CLASSES]}),
    )


def _by_chance(labels: Labels) -> float | None:
    """Mean, over the items whose class has another one, of its share among the other items."""
    sizes = labels.sizes().astype(np.float64)
    asked = sizes[sizes > 1]
    if not len(asked):
        return None
    return float((asked * (asked - 1)).sum() / (asked.sum() * (sizes.sum() - 1)))
