"""Ways to lay a space out in two dimensions, by name, and how to turn one map onto another.

What a map keeps of its space is measured by `curate.measure.spaces.flatness`. Every one is
made on one thread with a seed, which makes it the same every time.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec

import numpy as np
from threadpoolctl import threadpool_limits

from curate.core import Embeddings, IntArray
from curate.distance import Float64Array, as_points
from curate.errors import MissingExtraError, RequestError, did_you_mean
from curate.measure.maps import (
    NEIGHBOURS,
    PACMAP_LEAST,
    Map,
    Maps,
    make_maps,
    pacmap_map,
    principal,
    rounded,
    with_trust,
)

PRINCIPAL = 50  # components that are left before UMAP, as is customary
TSNE_MOST = 10_000  # points: more take many minutes, and other maps show them as well
LEAST = 4  # points that make a map


@dataclass(frozen=True)
class Projection:
    """A way to lay (m, d) points out: how it is called in words, and from `least` points on."""

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
) -> Maps:
    """The maps of `maps.make_maps`, with the one called `name` in the place of PaCMAP.

    Where there are too few points for it there is none.
    """
    if name == "pacmap":
        return make_maps(embeddings, rows, n_sampled, seed)
    maps = make_maps(embeddings, rows, n_sampled, seed, bent=False)
    if maps.pca is None or len(rows) < PROJECTIONS[name].least:
        return maps
    points = as_points(embeddings.vectors[rows], embeddings.metric)
    x, y = project(name, points, seed).T
    made = Map(rounded(x), rounded(y), f"{PROJECTIONS[name].words}, of the points shown")
    return replace(maps, asked=with_trust(made, points, seed))


def check_at_once(name: str, points: int) -> None:
    """As `check`, before there is anything to lose; also whether its package is installed."""
    found = PROJECTIONS.get(name)
    check(name, points if found is None else max(points, found.least))
    package = PROJECTIONS[name].package
    if package is not None and find_spec(package) is None:
        raise _missing()


def check(name: str, points: int) -> None:
    """Raise RequestError unless there is such a map, and so many points can be laid out."""
    if name not in PROJECTIONS:
        raise RequestError(f"there is no map {name!r}: {did_you_mean(name, PROJECTIONS)}")
    found = PROJECTIONS[name]
    if points < found.least:
        raise RequestError(f"{points} points are too few for {name}: it takes {found.least}.")
    if found.most is not None and points > found.most:
        raise RequestError(
            f"{points:,} points are too many for {name}: pass another --map, or show at most "
            f"{found.most:,}, by --points in explore and --map-points in select."
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
    found = principal(points)
    return _on_a_line(points) if found is None else found.scores[:, :2]


def _pacmap(points: Float64Array, seed: int) -> Float64Array:
    found = principal(points)
    if found is None:
        return _on_a_line(points)
    bent = pacmap_map(found, np.random.SeedSequence(seed))
    return np.column_stack([bent.x, bent.y])


def _on_a_line(points: Float64Array) -> Float64Array:
    """Of points that are all equal, or have one dimension only."""
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
    "pacmap": Projection(f"PaCMAP, {NEIGHBOURS} neighbours", _pacmap, PACMAP_LEAST),
    "umap": Projection("UMAP, 15 neighbours", _umap, least=8, package="umap"),
    "pca-umap": Projection(
        f"UMAP of {PRINCIPAL} principal components", _principal_umap, least=8, package="umap"
    ),
    "tsne": Projection("t-SNE, perplexity 30", _tsne, most=TSNE_MOST),
}
