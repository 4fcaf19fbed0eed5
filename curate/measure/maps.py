"""The space in two dimensions: principal components, and PaCMAP (Wang et al. 2021).

A map is a picture of a stated sample, never evidence: no number of a report comes from
one. Sums are taken on one thread and PaCMAP draws by a seed, which makes a map the same every
time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from curate.core import Embeddings, IntArray
from curate.distance import Float64Array, as_points
from curate.measure.pacmap import pacmap
from curate.measure.trust import trustworthiness

PACMAP_LEAST = 30  # points below which its three kinds of pairs make no sense
NEIGHBOURS = 10
PAIRS = 3.5  # of PaCMAP, to each neighbour
PRINCIPAL = 100  # components in which PaCMAP looks for neighbours, as is customary


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
    with threadpool_limits(1):
        found = principal(chosen)
        if found is None:
            return Maps(rows, n_sampled, None, None)
        pca = with_trust(principal_map(found), chosen, seed)
        if not bent or len(chosen) < PACMAP_LEAST:
            return Maps(rows, n_sampled, pca, None)
        return Maps(rows, n_sampled, pca, with_trust(pacmap_map(found, seed), chosen, seed))


def best_map(points: Float64Array, seed: np.random.SeedSequence) -> Map | None:
    """PaCMAP of (m, d) points, or principal components where they are too few for it."""
    with threadpool_limits(1):
        found = principal(points)
        if found is None:
            return None
        return principal_map(found) if len(points) < PACMAP_LEAST else pacmap_map(found, seed)


@dataclass(frozen=True)
class Principal:
    """(m, c) `scores` along the first principal axes, and what `shares` (2,) of the variance lie
    on the first two; c at most PRINCIPAL."""

    scores: Float64Array
    shares: Float64Array


def principal(points: Float64Array) -> Principal | None:
    """Axes turned so that the largest loading of each is positive; None unless there are two."""
    centred = points - points.mean(axis=0)
    if min(centred.shape) < 2 or not centred.any():
        return None
    if centred.shape[1] <= centred.shape[0]:
        variances, axes = np.linalg.eigh(centred.T @ centred)
        axes = axes[:, ::-1][:, :PRINCIPAL]
        variances = variances[::-1]
    else:
        _, singular, transposed = np.linalg.svd(centred, full_matrices=False)
        variances, axes = singular**2, transposed[:PRINCIPAL].T
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    return Principal(centred @ axes, np.maximum(variances[:2], 0) / variances.sum())


def principal_map(found: Principal) -> Map:
    """The first two principal components."""
    return Map(
        rounded(found.scores[:, 0]),
        rounded(found.scores[:, 1]),
        "principal components of the points shown",
        found.shares.tolist(),
    )


def with_trust(one: Map | None, points: Float64Array, seed: np.random.SeedSequence) -> Map | None:
    """The map, and how far its neighbours are those of the space."""
    if one is None:
        return None
    return replace(one, trust=trustworthiness(points, np.column_stack([one.x, one.y]), seed))


def pacmap_map(found: Principal, seed: np.random.SeedSequence) -> Map:
    """PaCMAP from the principal components on; their scale does not matter to it."""
    scores = found.scores / np.abs(found.scores).max()
    neighbours = min(NEIGHBOURS, int((len(scores) - 1) / PAIRS))
    places = pacmap(scores, scores[:, :2], neighbours, np.random.default_rng(seed))
    return Map(rounded(places[:, 0]), rounded(places[:, 1]), f"PaCMAP, {neighbours} neighbours")


def rounded(values: np.ndarray) -> list[float]:
    """Five significant digits of the range: more than paper can show."""
    spread = float(np.abs(values).max()) or 1.0
    digits = 4 - int(np.floor(np.log10(spread)))
    return [round(float(value), digits) for value in values]
