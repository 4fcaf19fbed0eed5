"""Maps: (m, d) points at (m, 2) coordinates, by one of the methods in PROJECTIONS.

  pca       the first two principal components
  pacmap    PaCMAP of up to PACMAP_COMPONENTS components (Wang et al. 2021; `measure.pacmap`)
  umap      UMAP (McInnes et al. 2018), of the points or of PRINCIPAL components
  tsne      t-SNE (van der Maaten & Hinton 2008)
A map is a picture of a stated sample, and no other number of a report comes from one. How much of
the space it keeps is measured by `measure.map_quality`. Each is made on one thread from a seed, so
the same points give the same map.
Cost: O(m d²) for principal components; O(m² d) for the neighbours of PaCMAP.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec

import numpy as np
from threadpoolctl import threadpool_limits

from curate.core.distance import Float64Array, as_points
from curate.core.values import Embeddings, IntArray
from curate.errors import MissingExtraError, RequestError, did_you_mean
from curate.measure.distances import sample_queries
from curate.measure.map_quality import NEIGHBOURS, map_quality
from curate.measure.pacmap import pacmap
from curate.schema.measures import Map

PACMAP_LEAST = 30  # with fewer points its three kinds of pairs overlap
PACMAP_NEIGHBOURS = 10
JUDGED = 1_000  # points whose neighbours say how far a map can be trusted, at most
PAIRS = 3.5  # pairs of PaCMAP for each neighbour
PACMAP_COMPONENTS = 100  # components in which PaCMAP looks for neighbours, as is customary
PRINCIPAL = 50  # components that are left before UMAP, as is customary
TSNE_MOST = 10_000  # points: with more, t-SNE takes many minutes
LEAST = 4  # points that make a map


@dataclass(frozen=True)
class MapsOfRows:
    """Maps of the same m points.

    rows       (m,) input rows: a uniform sample, then the picks that it lacks
    n_sampled  how many of them are the sample
    asked      a map that was asked for instead of PaCMAP
    """

    rows: IntArray
    n_sampled: int
    pca: Map | None
    pacmap: Map | None
    asked: Map | None = None


def make_maps(
    embeddings: Embeddings,
    rows: IntArray,
    n_sampled: int,
    seed: np.random.SeedSequence,
    *,
    with_pacmap: bool = True,
) -> MapsOfRows:
    """Maps of the items in `rows`; `with_pacmap` adds PaCMAP."""
    chosen = as_points(embeddings.vectors[rows], embeddings.metric)
    # One thread: sums in another order would move the last digits from machine to machine.
    with threadpool_limits(1):
        components = principal(chosen)
        if components is None:
            return MapsOfRows(rows, n_sampled, None, None)
        pca = with_trust(principal_map(components), chosen, seed)
        if not with_pacmap or len(chosen) < PACMAP_LEAST:
            return MapsOfRows(rows, n_sampled, pca, None)
        return MapsOfRows(
            rows, n_sampled, pca, with_trust(pacmap_map(components, seed), chosen, seed)
        )


def best_map(points: Float64Array, seed: np.random.SeedSequence) -> Map | None:
    """PaCMAP of (m, d) points, or principal components where they are too few for it."""
    with threadpool_limits(1):
        components = principal(points)
        if components is None:
            return None
        return (
            principal_map(components)
            if len(points) < PACMAP_LEAST
            else pacmap_map(components, seed)
        )


@dataclass(frozen=True)
class Principal:
    """(m, c) `scores` along the first principal axes, and what `shares` (2,) of the variance lie
    on the first two; c at most PACMAP_COMPONENTS."""

    scores: Float64Array
    shares: Float64Array


def principal(points: Float64Array) -> Principal | None:
    """Axes turned so that the largest loading of each is positive; None unless there are two."""
    centred = points - points.mean(axis=0)
    if min(centred.shape) < 2 or not centred.any():
        return None
    if centred.shape[1] <= centred.shape[0]:
        variances, axes = np.linalg.eigh(centred.T @ centred)
        axes = axes[:, ::-1][:, :PACMAP_COMPONENTS]
        variances = variances[::-1]
    else:
        _, singular, transposed = np.linalg.svd(centred, full_matrices=False)
        variances, axes = singular**2, transposed[:PACMAP_COMPONENTS].T
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return Principal(centred @ axes, np.maximum(variances[:2], 0) / variances.sum())


def principal_map(components: Principal) -> Map:
    """The first two principal components."""
    return Map(
        x=rounded(components.scores[:, 0]),
        y=rounded(components.scores[:, 1]),
        note="principal components of the points shown",
        explained=components.shares.tolist(),
    )


def with_trust(map_: Map | None, points: Float64Array, seed: np.random.SeedSequence) -> Map | None:
    """The map with its trustworthiness, from at most JUDGED of the points."""
    if map_ is None:
        return None
    judged = sample_queries(len(points), JUDGED, seed)
    quality = map_quality(points, np.column_stack([map_.x, map_.y]), NEIGHBOURS, judged)
    trust = None if quality is None else (quality.trustworthiness, quality.asked)
    return map_.model_copy(update={"trust": trust})


def pacmap_map(components: Principal, seed: np.random.SeedSequence) -> Map:
    """PaCMAP from the principal components on; their scale does not matter to it."""
    scores = components.scores / np.abs(components.scores).max()
    neighbours = min(PACMAP_NEIGHBOURS, int((len(scores) - 1) / PAIRS))
    places = pacmap(scores, scores[:, :2], neighbours, np.random.default_rng(seed))
    return Map(
        x=rounded(places[:, 0]),
        y=rounded(places[:, 1]),
        note=f"PaCMAP, {neighbours} neighbours",
        explained=None,
    )


def rounded(values: np.ndarray) -> list[float]:
    """Five significant digits of the range: more than paper can show."""
    spread = float(np.abs(values).max()) or 1.0
    digits = 4 - int(np.floor(np.log10(spread)))
    return [round(float(value), digits) for value in values]


@dataclass(frozen=True)
class Projection:
    """A method: its name in words, its function, and how many points it takes.

    place    (m, d) points, seed -> (m, 2) coordinates
    package  what must be installed for it; None for what curate depends on
    """

    words: str
    place: Callable[[Float64Array, int], Float64Array]
    least: int = LEAST
    most: int | None = None
    package: str | None = None


def project(name: str, points: Float64Array, seed: np.random.SeedSequence) -> Float64Array:
    """(m, 2) places of (m, d) points, centred, the farthest at distance 1.

    Raises RequestError for a name that is not in the table or too many points for it, and
    MissingExtraError where its package is not installed.
    """
    check(name, len(points))
    number = int(seed.generate_state(1)[0]) >> 1
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of packages, over settings that are ours
        places = PROJECTIONS[name].place(points, number)
    places = places - places.mean(axis=0)
    reach = float(np.linalg.norm(places, axis=1).max())
    scaled: Float64Array = places / (reach or 1.0)
    return scaled


def maps_with(
    name: str,
    embeddings: Embeddings,
    rows: IntArray,
    n_sampled: int,
    seed: np.random.SeedSequence,
) -> MapsOfRows:
    """The maps of `make_maps`, with the method `name` in place of PaCMAP.

    Left out if there are too few points for it.
    """
    if name == "pacmap":
        return make_maps(embeddings, rows, n_sampled, seed)
    maps = make_maps(embeddings, rows, n_sampled, seed, with_pacmap=False)
    if maps.pca is None or len(rows) < PROJECTIONS[name].least:
        return maps
    points = as_points(embeddings.vectors[rows], embeddings.metric)
    x, y = project(name, points, seed).T
    note = f"{PROJECTIONS[name].words}, of the points shown"
    projected = Map(x=rounded(x), y=rounded(y), note=note, explained=None)
    return replace(maps, asked=with_trust(projected, points, seed))


def check_at_once(name: str, points: int) -> None:
    """`check` before a run begins; raises MissingExtraError unless its package is installed."""
    projection = PROJECTIONS.get(name)
    check(name, points if projection is None else max(points, projection.least))
    package = PROJECTIONS[name].package
    if package is not None and find_spec(package) is None:
        raise _missing()


def check(name: str, points: int) -> None:
    """Raise RequestError unless there is such a map, and so many points can be laid out."""
    if name not in PROJECTIONS:
        raise RequestError(f"there is no map {name!r}: {did_you_mean(name, PROJECTIONS)}")
    projection = PROJECTIONS[name]
    if points < projection.least:
        raise RequestError(f"{points} points are too few for {name}: it takes {projection.least}.")
    if projection.most is not None and points > projection.most:
        raise RequestError(
            f"{points:,} points are too many for {name}: pass another --map, or show at most "
            f"{projection.most:,}, by --points in explore and --map-points in select."
        )


def turned_onto(target: Float64Array, places: Float64Array) -> Float64Array:
    """(m, 2) `places`, turned, mirrored and scaled so that they lie nearest to `target`.

    Orthogonal Procrustes: no distance on the map changes but by one factor.
    """
    target, places = target - target.mean(axis=0), places - places.mean(axis=0)
    left, stretch, right = np.linalg.svd(places.T @ target)
    size = float((places**2).sum())
    scale = float(stretch.sum()) / size if size else 1.0
    turned: Float64Array = places @ (left @ right) * (scale or 1.0)
    return turned


def _principal(points: Float64Array, _seed: int) -> Float64Array:
    components = principal(points)
    return _on_a_line(points) if components is None else components.scores[:, :2]


def _pacmap(points: Float64Array, seed: int) -> Float64Array:
    components = principal(points)
    if components is None:
        return _on_a_line(points)
    bent = pacmap_map(components, np.random.SeedSequence(seed))
    return np.column_stack([bent.x, bent.y])


def _on_a_line(points: Float64Array) -> Float64Array:
    """(m, 2) coordinates of points that are all equal or have one dimension."""
    return np.column_stack([points[:, 0], np.zeros(len(points))])


def _missing() -> MissingExtraError:
    return MissingExtraError(
        'the map umap needs another package: pip install "curate-select[umap]".'
    )


def _umap(points: Float64Array, seed: int) -> Float64Array:
    try:
        import umap
    except ImportError:
        raise _missing() from None
    neighbours = min(15, len(points) - 1)
    reducer = umap.UMAP(n_neighbors=neighbours, random_state=seed % 2**31, n_jobs=1)
    with _one_numba_thread():
        return np.asarray(reducer.fit_transform(points), dtype=np.float64)


@contextmanager
def _one_numba_thread() -> Iterator[None]:
    """On a busy machine the threads of short loops wait for each other for minutes."""
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        yield
    finally:
        numba.set_num_threads(before)


def _principal_umap(points: Float64Array, seed: int) -> Float64Array:
    from sklearn.decomposition import PCA

    components = min(PRINCIPAL, *points.shape)
    return _umap(PCA(components, svd_solver="full").fit_transform(points), seed)


def _tsne(points: Float64Array, seed: int) -> Float64Array:
    from sklearn.manifold import TSNE

    perplexity = min(30.0, (len(points) - 1) / 3)
    reducer = TSNE(perplexity=perplexity, init="pca", random_state=seed % 2**31, n_jobs=1)
    return np.asarray(reducer.fit_transform(points), dtype=np.float64)


PROJECTIONS: dict[str, Projection] = {
    "pca": Projection("principal components", _principal),
    "pacmap": Projection(f"PaCMAP, {PACMAP_NEIGHBOURS} neighbours", _pacmap, PACMAP_LEAST),
    "umap": Projection("UMAP, 15 neighbours", _umap, least=8, package="umap"),
    "pca-umap": Projection(
        f"UMAP of {PRINCIPAL} principal components", _principal_umap, least=8, package="umap"
    ),
    "tsne": Projection("t-SNE, perplexity 30", _tsne, most=TSNE_MOST),
}
