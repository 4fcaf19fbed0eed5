"""Maps: coordinates that repeat, and variance that adds up."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from curate.core.values import Embeddings
from curate.measure.projections import make_maps
from spaces import SPACES


def maps_of(vectors, seed=0):
    rows = np.arange(len(vectors))
    embeddings = Embeddings(vectors, "euclidean", "test")
    return make_maps(embeddings, rows, len(rows), np.random.SeedSequence(seed))


@pytest.mark.parametrize("shape", [(300, 12), (40, 100)])
def test_principal_components_are_scikit_learns(shape):
    """Coordinates and explained variance agree with scikit-learn, up to the sign of an axis."""
    vectors = np.random.default_rng(0).normal(size=shape) * np.linspace(1, 3, shape[1])
    found, expected = maps_of(vectors).pca, PCA(2, svd_solver="full").fit(vectors)
    for mine, theirs in zip((found.x, found.y), expected.transform(vectors).T, strict=True):
        assert min(np.abs(mine - theirs).max(), np.abs(mine + theirs).max()) < 1e-3
    assert found.explained == pytest.approx(expected.explained_variance_ratio_.tolist())


def test_the_same_seed_gives_the_same_map():
    """PaCMAP repeats itself to the last digit."""
    vectors = SPACES["gaussian"]()
    assert maps_of(vectors).pacmap == maps_of(vectors).pacmap


def test_a_map_keeps_clusters_apart():
    """Two far clusters do not overlap on either map."""
    rng = np.random.default_rng(0)
    vectors = np.concatenate([rng.normal(size=(100, 8)), rng.normal(size=(100, 8)) + 20])
    for found in (maps_of(vectors).pca, maps_of(vectors).pacmap):
        points = np.array([found.x, found.y]).T
        first, second = points[:100], points[100:]
        between = np.linalg.norm(first.mean(axis=0) - second.mean(axis=0))
        assert between > 2 * max(first.std(), second.std())


@pytest.mark.parametrize("name", ["one_dimension", "all_equal"])
def test_there_is_no_map_of_what_has_no_plane(name):
    """One dimension, or no variance, has no principal plane."""
    assert maps_of(SPACES[name]()).pca is None


def test_few_points_have_no_pacmap():
    """Below 30 points only principal components are drawn."""
    maps = maps_of(SPACES["gaussian"]()[:20])
    assert maps.pacmap is None
    assert maps.pca is not None
