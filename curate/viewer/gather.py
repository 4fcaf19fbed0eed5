"""Everything the page shows, measured: spaces -> PageContent.

The page shows all items, or a uniform sample of `points` items together with all selected ones.
Neighbours and maps are of the items shown; the neighbours are exact. A distance to the selection
is that to the nearest of all selected items, shown or not.
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

ALL_QUERIES = 2_000  # items up to which map quality is measured from all of them
SAMPLED_QUERIES = 500  # from so many if there are more
DEFAULT_MAPS = ("pca", "pacmap")


@dataclass(frozen=True)
class PageSettings:
    """What the page is to show: at most `points` items, sampled by `seed`; k neighbours each."""

    maps: tuple[str, ...] = DEFAULT_MAPS
    k: int = 10
    points: int = 50_000
    thumbnails: int = 5_000
    seed: int = 0


@dataclass(frozen=True)
class SelectedItems:
    """What a run selected: rows of its space, and the vectors of its datapool."""

    rows: IntArray
    datapool: FloatArray | None = None


@dataclass(frozen=True)
class DrawnMap:
    """A map: its name in PROJECTIONS, (m, 2) coordinates, and how well it keeps neighbours."""

    name: str
    coordinates: Float64Array
    quality: MapQuality | None


@dataclass(frozen=True)
class ShownSpace:
    """A space of the page; its neighbours are positions among the m items shown."""

    space: Space
    rows: IntArray
    near: Neighbours
    maps: list[DrawnMap]


@dataclass(frozen=True)
class PageContent:
    """Everything on the page.

    spaces    one or two
    total     number of items that all spaces have; the page shows m of them
    sampled   how many of the m were drawn uniformly; the others are selected items
    selected  (m,) int64, 1 for a selected item; None without a selection
    coverage  (m,) float64 distance to the selection in the first space; None without one
    """

    spaces: list[ShownSpace]
    total: int
    sampled: int
    k: int
    agreement: QueryAgreement | None
    selected: IntArray | None
    coverage: Float64Array | None


def gather(
    spaces: Sequence[Space],
    selection: SelectedItems | None,
    wanted: PageSettings,
    progress: Progress,
) -> PageContent:
    """Measure what the page shows of one space or two, and of a selection in the first.

    Raises RequestError for maps that cannot be made, DataError for spaces without common ids.
    """
    if wanted.k < 1:
        raise RequestError(f"-k is {wanted.k}: it must be at least 1.")
    joined = join(list(spaces))
    seeds = np.random.SeedSequence(wanted.seed).spawn(2)
    selected = _selected_positions(joined, selection)
    sample = sample_queries(len(joined), wanted.points, seeds[0])
    items = np.union1d(sample, selected)
    maps = _possible_maps(wanted.maps, len(items))
    k = min(wanted.k, len(items) - 1)
    shown: list[ShownSpace] = []
    for place in range(len(joined.spaces)):
        shown.append(_shown_space(joined, place, items, maps, k, seeds[1], shown, progress))
    common = None
    if len(shown) == 2:
        first, second = (space.near.rows for space in shown)
        common = agreement(first, second, k, len(items))
    return PageContent(
        spaces=shown,
        total=len(joined),
        sampled=len(sample),
        k=k,
        agreement=common,
        selected=None if selection is None else np.isin(items, selected).astype(np.int64),
        coverage=None if selection is None else _coverage(shown[0], selection),
    )


def _possible_maps(names: tuple[str, ...], points: int) -> tuple[str, ...]:
    """The maps to make; of the default ones only those that so few points allow."""
    if names == DEFAULT_MAPS:
        possible = tuple(name for name in names if points >= PROJECTIONS[name].least)
        if possible:
            return possible
    for name in names:
        check(name, points)
    return names


def _selected_positions(joined: Joined, selection: SelectedItems | None) -> IntArray:
    """Positions of the selected items among the joined ones."""
    if selection is None:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.isin(joined.rows[0], selection.rows))


def _shown_space(
    joined: Joined,
    place: int,
    items: IntArray,
    maps: tuple[str, ...],
    k: int,
    seed: np.random.SeedSequence,
    before: list[ShownSpace],
    progress: Progress,
) -> ShownSpace:
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
    queries = None if m <= ALL_QUERIES else sample_queries(m, SAMPLED_QUERIES, seed)
    drawn = []
    for number, name in enumerate(progress(maps, f"maps, {space.name}", len(maps))):
        coordinates = project(name, points, seed)
        if before:
            coordinates = turned_onto(before[0].maps[number].coordinates, coordinates)
        drawn.append(DrawnMap(name, coordinates, map_quality(points, coordinates, k, queries)))
    return ShownSpace(space, rows, near, drawn)


def _coverage(first: ShownSpace, selection: SelectedItems) -> Float64Array:
    """(m,) distance of each item shown to its nearest selected item."""
    embeddings = first.space.embeddings
    base = embeddings.vectors[selection.rows]
    if selection.datapool is not None:
        base = np.concatenate([base, selection.datapool])
    nearest = k_nearest(embeddings.vectors[first.rows], base, 1, embeddings.metric)
    distances: Float64Array = nearest.distances[:, 0]
    return distances
