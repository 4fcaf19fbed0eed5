"""What the page shows, measured: spaces -> View.

Neighbours are exact, among the items that are shown: all of them, or a uniform sample of
`points` and what is selected beside it. So are the maps. Distances to the selection are those
to the nearest of all selected items, shown or not.
Cost: m²·d for the neighbours of m shown items, and the maps; PaCMAP of 50,000 takes minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curate.core.distance import Float64Array, Neighbours, as_points, k_nearest, k_nearest_in_blocks
from curate.core.values import FloatArray, IntArray
from curate.errors import RequestError
from curate.measure.distances import sample_queries
from curate.measure.map_quality import MapQuality, map_quality
from curate.measure.projections import PROJECTIONS, check, project, turned_onto
from curate.measure.spaces.agreement import QueryAgreement, agreement
from curate.measure.spaces.space import Joined, Space, join
from curate.progress import Progress

ASKED = 500  # points that trustworthiness is measured from, where there are more than 2,000
ALL_ASKED = 2_000
DEFAULT_MAPS = ("pca", "pacmap")


@dataclass(frozen=True)
class Asked:
    """What the page is to show. `points` at most, chosen by `seed`; `k` neighbours of each."""

    maps: tuple[str, ...] = DEFAULT_MAPS
    k: int = 10
    points: int = 50_000
    thumbnails: int = 5_000
    seed: int = 0


@dataclass(frozen=True)
class Chosen:
    """What a run selected: rows of its space, and vectors that counted as selected before."""

    rows: IntArray
    before: FloatArray | None = None


@dataclass(frozen=True)
class Drawn:
    """A map: its name in PROJECTIONS, (m, 2) places, what it keeps."""

    name: str
    places: Float64Array
    kept: MapQuality | None


@dataclass(frozen=True)
class Shown:
    """A space of the page: neighbours as positions among the m shown items."""

    space: Space
    rows: IntArray
    near: Neighbours
    maps: list[Drawn]


@dataclass(frozen=True)
class View:
    """Everything on the page.

    total     items that all spaces have; the page shows m of them
    sampled   how many of the m were drawn uniformly; the others are selected
    selected  (m,) whether an item is selected, and `coverage` (m,) its distance to the
              selection in the first space; None without a selection
    """

    shown: list[Shown]
    total: int
    sampled: int
    k: int
    agreement: QueryAgreement | None
    selected: IntArray | None
    coverage: Float64Array | None


def gather(
    spaces: Sequence[Space], chosen: Chosen | None, asked: Asked, progress: Progress
) -> View:
    """Raises RequestError for maps that cannot be made, DataError for spaces with no common ids."""
    if asked.k < 1:
        raise RequestError(f"-k is {asked.k}: it must be at least 1.")
    joined = join(list(spaces))
    seeds = np.random.SeedSequence(asked.seed).spawn(2)
    here = _chosen_here(joined, chosen)
    sample = sample_queries(len(joined), asked.points, seeds[0])
    items = np.union1d(sample, here)
    maps = _possible(asked.maps, len(items))
    k = min(asked.k, len(items) - 1)
    shown: list[Shown] = []
    for place in range(len(joined.spaces)):
        shown.append(_shown(joined, place, items, maps, k, seeds[1], shown, progress))
    alike = None
    if len(shown) == 2:
        first, second = (one.near.rows for one in shown)
        alike = agreement(first, second, k, len(items))
    return View(
        shown=shown,
        total=len(joined),
        sampled=len(sample),
        k=k,
        agreement=alike,
        selected=None if chosen is None else np.isin(items, here).astype(np.int64),
        coverage=None if chosen is None else _coverage(shown[0], chosen),
    )


def _possible(names: tuple[str, ...], points: int) -> tuple[str, ...]:
    """The maps to make; of those that nobody asked for, only what so few points allow."""
    if names == DEFAULT_MAPS:
        possible = tuple(name for name in names if points >= PROJECTIONS[name].least)
        if possible:
            return possible
    for name in names:
        check(name, points)
    return names


def _chosen_here(joined: Joined, chosen: Chosen | None) -> IntArray:
    """Positions among the joined items of what is selected in the first space."""
    if chosen is None:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.isin(joined.rows[0], chosen.rows))


def _shown(
    joined: Joined,
    place: int,
    items: IntArray,
    maps: tuple[str, ...],
    k: int,
    seed: np.random.SeedSequence,
    before: list[Shown],
    progress: Progress,
) -> Shown:
    space, rows = joined.spaces[place], joined.rows[place][items]
    vectors, metric = space.embeddings.vectors[rows], space.embeddings.metric
    m = len(rows)
    near = k_nearest_in_blocks(
        vectors,
        np.arange(m),
        vectors,
        k,
        metric,
        own=True,
        label=f"neighbours, {space.name}",
        progress=progress,
    )
    points = as_points(vectors, metric)
    asked = None if m <= ALL_ASKED else sample_queries(m, ASKED, seed)
    drawn = []
    for at, name in enumerate(progress(maps, f"maps, {space.name}", len(maps))):
        places = project(name, points, seed)
        if before:
            places = turned_onto(before[0].maps[at].places, places)
        drawn.append(Drawn(name, places, map_quality(points, places, k, asked)))
    return Shown(space, rows, near, drawn)


def _coverage(first: Shown, chosen: Chosen) -> Float64Array:
    """(m,) distance of each shown item to the nearest that is selected."""
    embeddings = first.space.embeddings
    base = embeddings.vectors[chosen.rows]
    if chosen.before is not None:
        base = np.concatenate([base, chosen.before])
    found = k_nearest(embeddings.vectors[first.rows], base, 1, embeddings.metric)
    distances: Float64Array = found.distances[:, 0]
    return distances
