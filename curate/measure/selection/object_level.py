"""Diversity and coverage at the level of the objects in pictures.

The measures are those of pictures, over sets of objects: all of them, those in the selected
pictures, and those in the pictures of each random selection. The sets differ in size, because
pictures differ in how many objects they have. So a selection may win by having more objects; the
counts show it. A random selection without an object cannot be measured and is left out.
Cost: as for pictures, with objects in their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from curate.core.values import Embeddings, IntArray
from curate.measure.distances import sample_queries, to_nearest_member
from curate.measure.selection.analysis import WORST
from curate.measure.selection.diversity_coverage import Sets, coverage_of, diversity_of
from curate.schema.measures import DiversityMeasures, SetMeasures


@dataclass(frozen=True)
class ObjectAnalysis:
    """Measures over m objects.

    selected   rows of the objects in selected pictures, ascending
    draws      how many objects each random selection has
    radius     largest distance of any object to its nearest selected one; None without any
    worst      rows of the objects covered worst, farthest first
    distances  their distances
    nearest    for each of them the row of its nearest selected object
    """

    selected: IntArray
    draws: list[int]
    diversity: DiversityMeasures | None = None
    coverage: SetMeasures | None = None
    radius: float | None = None
    worst: list[int] = field(default_factory=list)
    distances: list[float] = field(default_factory=list)
    nearest: list[int] = field(default_factory=list)


def analyse_objects(
    embeddings: Embeddings,
    owners: IntArray,
    picks: IntArray,
    draws: Sequence[IntArray],
    queries: int,
    seed: np.random.SeedSequence,
) -> ObjectAnalysis:
    """Measure the objects in the pictures `picks` against those in each of `draws`.

    embeddings  m objects
    owners      (m,) rows of their pictures
    queries     objects that distances are measured from at most, as a uniform sample
    """
    seeds = seed.spawn(2)
    selected = np.flatnonzero(np.isin(owners, picks))
    drawn = [np.flatnonzero(np.isin(owners, rows)) for rows in draws]
    counts = [len(rows) for rows in drawn]
    if not len(selected):
        return ObjectAnalysis(selected, counts)
    m = len(embeddings)
    sets = Sets(
        vectors=embeddings.vectors,
        metric=embeddings.metric,
        queries=sample_queries(m, queries, seeds[0]),
        picks=selected,
        draws=[rows for rows in drawn if len(rows)],
        pool=None,
        limit=queries,
        seed=seeds[1],
    )
    every = np.arange(m)
    members = embeddings.vectors[selected]
    whole = to_nearest_member(embeddings.vectors, members, embeddings.metric, every)
    worst = np.argsort(-whole.distances, kind="stable")[:WORST]
    return ObjectAnalysis(
        selected=selected,
        draws=counts,
        diversity=diversity_of(sets)[0],
        coverage=coverage_of(sets),
        radius=float(whole.distances.max()),
        worst=worst.tolist(),
        distances=whole.distances[worst].tolist(),
        nearest=selected[whole.rows[worst]].tolist(),
    )
