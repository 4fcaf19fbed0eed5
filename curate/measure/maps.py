"""The space in two dimensions: principal components, and PaCMAP (Wang et al. 2021).

A map is a picture of a stated sample, never evidence: no number of a report comes from
one. PaCMAP runs on one thread with a seed, which makes it the same every time.
"""

from __future__ import annotations

import atexit
import logging
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from curate.core import Embeddings, IntArray
from curate.distance import Float64Array, as_points
from curate.measure.trust import trustworthiness

log = logging.getLogger("curate")

PACMAP_LEAST = 30  # points below which its three kinds of pairs make no sense
NEIGHBOURS = 10


@dataclass(frozen=True)
class Map:
    """(m,) coordinates of m points, and how they were made.

    explained  of principal components: fraction of the variance on each axis
    trust      trustworthiness and from how many points; None with too few
    """

    x: list[float]
    y: list[float]
    note: str
    explained: list[float] | None = None
    trust: tuple[float, int] | None = None


@dataclass(frozen=True)
class Maps:
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
    bent: bool = True,
) -> Maps:
    """Maps of the items in `rows`; with `bent` PaCMAP is among them."""
    chosen = as_points(embeddings.vectors[rows], embeddings.metric)
    # One thread: sums in another order would move the last digits from machine to machine.
    with threadpool_limits(1), one_numba_thread():
        pca = principal_map(chosen)
        enough = bent and pca is not None and len(chosen) >= PACMAP_LEAST
        pacmap = _pacmap_if_possible(chosen, seed) if enough else None
        pca, pacmap = (with_trust(one, chosen, seed) for one in (pca, pacmap))
    return Maps(rows, n_sampled, pca, pacmap)


def principal_map(points: Float64Array) -> Map | None:
    """The first two principal components, each turned so that its largest loading is positive."""
    centred = points - points.mean(axis=0)
    if min(centred.shape) < 2 or not centred.any():
        return None
    if centred.shape[1] <= centred.shape[0]:
        variances, axes = np.linalg.eigh(centred.T @ centred)
        axes = axes[:, ::-1][:, :2]
        variances = variances[::-1]
    else:
        _, singular, transposed = np.linalg.svd(centred, full_matrices=False)
        variances, axes = singular**2, transposed[:2].T
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    x, y = (centred @ axes).T
    explained = np.maximum(variances[:2], 0) / variances.sum()
    return Map(
        rounded(x),
        rounded(y),
        "principal components of the points shown",
        [float(share) for share in explained],
    )


def with_trust(one: Map | None, points: Float64Array, seed: np.random.SeedSequence) -> Map | None:
    """The map, and how far its neighbours are those of the space."""
    if one is None:
        return None
    return replace(one, trust=trustworthiness(points, np.column_stack([one.x, one.y]), seed))


def _pacmap_if_possible(points: Float64Array, seed: np.random.SeedSequence) -> Map | None:
    """A picture must not cost the numbers: what PaCMAP cannot draw is left out."""
    try:
        return pacmap_map(points, seed)
    except Exception as error:
        log.warning("no PaCMAP map: %s", str(error).splitlines()[0] if str(error) else error)
        return None


def _import_pacmap() -> Any:
    """PaCMAP, also where there is no place in which numba may keep compiled code."""
    logging.getLogger("pacmap").setLevel(logging.ERROR)  # it warns that it was given a seed
    try:
        import pacmap
    except RuntimeError:
        # A home that cannot be written, as in some containers: compile for this process.
        import numba

        config: Any = numba.config
        config.CACHE_DIR = tempfile.mkdtemp(prefix="curate-")
        atexit.register(shutil.rmtree, config.CACHE_DIR, ignore_errors=True)
        for name in [name for name in sys.modules if name.split(".")[0] == "pacmap"]:
            del sys.modules[name]
        import pacmap
    return pacmap


def pacmap_map(points: Float64Array, seed: np.random.SeedSequence) -> Map:
    neighbours = min(NEIGHBOURS, len(points) // 3)
    number = int(seed.generate_state(1)[0]) >> 1  # it adds to it, and must stay below 2**32
    reducer = _import_pacmap().PaCMAP(n_components=2, n_neighbors=neighbours, random_state=number)
    centred = points - points.mean(axis=0)
    scaled = (centred / np.abs(centred).max()).astype(np.float32)  # float32 holds them for sure
    embedded = reducer.fit_transform(scaled, init="pca")
    return Map(rounded(embedded[:, 0]), rounded(embedded[:, 1]), f"PaCMAP, {neighbours} neighbours")


@contextmanager
def one_numba_thread() -> Iterator[None]:
    """On a busy machine the threads of PaCMAP's short loops wait for each other for minutes."""
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        yield
    finally:
        numba.set_num_threads(before)


def rounded(values: np.ndarray) -> list[float]:
    """Five significant digits of the range: more than paper can show."""
    spread = float(np.abs(values).max()) or 1.0
    digits = 4 - int(np.floor(np.log10(spread)))
    return [round(float(value), digits) for value in values]
