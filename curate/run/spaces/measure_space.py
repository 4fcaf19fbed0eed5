"""Every measure of one space, as `curate evaluate` reports it.

Measures that need labels use the labelled items only. A measure that is not defined for the
items is None, with a reason in `undefined`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from curate.core.distance import Float64Array, as_points
from curate.core.values import IntArray
from curate.measure.map_quality import NEIGHBOURS, map_quality
from curate.measure.projections import best_map
from curate.measure.spaces.clusters import clusters, silhouette
from curate.measure.spaces.labels import Labels
from curate.measure.spaces.pairs import pair_histograms
from curate.measure.spaces.parallel_blocks import Effort
from curate.measure.spaces.retrieval import QueryScores, mixed_pairs, retrieval
from curate.measure.spaces.shape import density, spectrum, uniformity
from curate.measure.spaces.space import Joined, Space, join, labels_of
from curate.progress import Progress
from curate.run.embed_items import EmbeddedItems
from curate.run.spaces.result import SpacePlan, steady_threads
from curate.schema.evaluation import ClassRetrieval, MixedClasses, SpaceEvaluation, SpaceQuality
from curate.schema.job import Job
from curate.schema.spaces import SpaceDescription, SpaceMap

MAP_ITEMS = 2_000  # on a map; a uniform sample if there are more
MIXED_PAIRS = 20  # of classes, the most mixed ones
PAIRWISE_QUERIES = 2_000  # of measures that take every pair with a query
NAMED_CLASSES = 100  # in the report of a selection
NEEDS_LABELS = ("retrieval", "clusters", "pairs", "density", "silhouette")


def space_map(
    joined: Joined, place: int, items: IntArray, seed: np.random.SeedSequence
) -> SpaceMap | None:
    """A 2-D map of some joined items in one space, and how well it keeps their neighbours.

    place  which of the joined spaces
    None if the items cannot be mapped.
    """
    space = joined.spaces[place]
    vectors = space.embeddings.vectors[joined.rows[place][items]]
    points = as_points(vectors, space.embeddings.metric)
    projection = best_map(points, seed)
    if projection is None:
        return None
    quality = map_quality(points, np.column_stack([projection.x, projection.y]), NEIGHBOURS)
    return SpaceMap(
        space=space.name,
        x=projection.x,
        y=projection.y,
        note=projection.note,
        trustworthiness=None if quality is None else quality.trustworthiness,
        continuity=None if quality is None else quality.continuity,
        preserved=None if quality is None else quality.preserved,
    )


def measure_space(
    space: Space, rows: IntArray, part: SpaceDescription, labels: Labels | None, plan: SpacePlan
) -> tuple[SpaceEvaluation, QueryScores | None]:
    """All measures of the items of `space` in `rows`, and the retrieval scores of every query.

    labels  of these items, in the order of `rows`; None without
    The scores are None if retrieval is not defined.
    """
    points = space.points(rows)
    unit, zero = _unit(points, space.embeddings.metric)
    seeds = np.random.SeedSequence(plan.seed).spawn(6)
    undefined: dict[str, str] = {}
    labelled = np.zeros(0, int) if labels is None else np.flatnonzero(labels.codes >= 0)
    measures: dict[str, Any] = {
        "spectrum": spectrum(points, _rounding(space), seeds[4]),
        "uniformity": None
        if unit is None
        else uniformity(unit, PAIRWISE_QUERIES, seeds[5], plan.effort),
    }
    classes: list[ClassRetrieval] = []
    mixed: list[MixedClasses] = []
    if labels is None or not len(labelled):
        measures |= dict.fromkeys(NEEDS_LABELS)
        undefined |= dict.fromkeys(NEEDS_LABELS, "there are no labels")
    else:
        own_labels = labels.of(labelled)
        own_points, own_unit = points, unit
        if len(labelled) < len(points):
            own_points = points[labelled]
            own_unit = None if unit is None else unit[labelled]
        measures |= _label_measures(own_points, own_unit, own_labels, seeds, plan)
        undefined |= _reasons(measures, own_labels)
        if measures["retrieval"] is not None:
            classes, mixed = _classes(measures["retrieval"], own_labels)
    if zero:
        undefined |= dict.fromkeys(
            ("pairs", "density", "silhouette", "uniformity"),
            f"{zero} vectors are zero and have no direction",
        )
    scored: QueryScores | None = measures["retrieval"]
    evaluation = SpaceEvaluation(
        space=part,
        retrieval=None if scored is None else scored.summary,
        clusters=measures["clusters"],
        pairs=measures["pairs"],
        density=measures["density"],
        silhouette=measures["silhouette"],
        spectrum=measures["spectrum"],
        uniformity=measures["uniformity"],
        classes=classes,
        mixed=mixed,
        undefined=undefined,
    )
    return evaluation, scored


def _label_measures(
    points: Float64Array,
    unit: Float64Array | None,
    labels: Labels,
    seeds: Sequence[np.random.SeedSequence],
    plan: SpacePlan,
) -> dict[str, Any]:
    """The measures that need labels, of points that all have one; None for those not defined.

    unit  the points scaled to length 1, None if that is not possible
    """
    codes = labels.codes
    measures: dict[str, Any] = dict.fromkeys(NEEDS_LABELS)
    measures["retrieval"] = retrieval(points, codes, plan.queries, seeds[0], plan.effort)
    measures["clusters"] = clusters(points, codes, plan.queries, seeds[1], plan.effort)
    if unit is not None:
        measures["pairs"] = pair_histograms(unit, codes, seeds[2], plan.effort)
        measures["density"] = density(unit, codes)
        measures["silhouette"] = silhouette(
            points, unit, codes, PAIRWISE_QUERIES, seeds[3], plan.effort
        )
    return measures


def _unit(points: Float64Array, metric: str) -> tuple[Float64Array | None, int]:
    """The points scaled to length 1, and how many are zero; None if any is zero."""
    if metric == "cosine":
        return points, 0
    zero = int((~points.any(axis=1)).sum())
    return (None, zero) if zero else (as_points(points, "cosine"), 0)


def _rounding(space: Space) -> float:
    """Relative rounding error of the values as they are stored."""
    return float(np.finfo(space.embeddings.vectors.dtype).eps)


def _reasons(measures: dict[str, Any], labels: Labels) -> dict[str, str]:
    """Why measures are not defined although there are labels."""
    reasons = {}
    no_pairs = labels.sizes().max() < 2
    one_class = len(labels.names) < 2
    if measures["retrieval"] is None:
        reasons["retrieval"] = "no class has two items"
    if measures["clusters"] is None:
        reasons["clusters"] = "there is one class only" if one_class else "all points are equal"
    if measures["pairs"] is None:
        reasons["pairs"] = "no class has two items" if no_pairs else "there is one class only"
    if measures["silhouette"] is None:
        reasons["silhouette"] = (
            "there is one class only" if one_class else "every item is a class of its own"
        )
    spread = measures["density"]
    if spread is not None and spread.ratio is None:
        reasons["density"] = (
            "no class has two items"
            if no_pairs
            else "fewer than two classes have two items and a mean with a direction"
        )
    return reasons


def _classes(
    scored: QueryScores, labels: Labels
) -> tuple[list[ClassRetrieval], list[MixedClasses]]:
    """Retrieval by class, the worst first, and the pairs of classes that are mixed most."""
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
    rows.sort(key=lambda row: (row.recall_at_1 is None, row.recall_at_1 or 0.0, row.label))
    mixed = [
        MixedClasses(first=labels.names[a], second=labels.names[b], fraction=fraction)
        for a, b, fraction in mixed_pairs(
            own, labels.codes[scored.neighbours], len(labels.names), MIXED_PAIRS
        )
    ]
    return rows, mixed


def space_quality(job: Job, items: EmbeddedItems, progress: Progress) -> SpaceQuality | None:
    """The space that a selection is made in, measured as `curate evaluate` does.

    The same items, metric and seed give the same numbers as that command. Labels are those of
    the label column, if there is one. None for a single item, which has no neighbour.
    """
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
        measured=measured.model_copy(update={"classes": measured.classes[:NAMED_CLASSES]}),
    )


def _by_chance(labels: Labels) -> float | None:
    """Recall@1 of random neighbours: the mean share of an item's class among the other items.

    The mean is over the items whose class has another item; None if there is no such class.
    """
    sizes = labels.sizes().astype(np.float64)
    paired = sizes[sizes > 1]
    if not len(paired):
        return None
    return float((paired * (paired - 1)).sum() / (paired.sum() * (sizes.sum() - 1)))
