"""A space in two dimensions, with how far the picture can be trusted."""

from __future__ import annotations

import numpy as np

from curate.core import IntArray
from curate.distance import as_points
from curate.measure.maps import best_map
from curate.measure.spaces.flatness import flatness
from curate.report.spaces.parts import SpaceMap
from curate.spaces.open import Joined

POINTS = 2_000  # on a map; a uniform sample if there are more
TRUSTED_K = 10  # neighbours by which a map is judged


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
    kept = flatness(points, np.column_stack([one.x, one.y]), TRUSTED_K)
    return SpaceMap(
        space=space.name,
        x=one.x,
        y=one.y,
        note=one.note,
        trustworthiness=None if kept is None else kept.trustworthiness,
        continuity=None if kept is None else kept.continuity,
        preserved=None if kept is None else kept.preserved,
    )
