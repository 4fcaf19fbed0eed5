"""Exact nearest neighbours where float32 and the expanded form would be wrong."""

from __future__ import annotations

import numpy as np
import pytest

from curate.distance import as_points, k_nearest
from oracles import textbook_distances
from spaces import SPACES


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("k", [1, 4])
def test_distances_to_the_nearest_others_are_exact(name, metric, k):
    """The k nearest other items are at the distances that comparing every pair gives."""
    vectors = SPACES[name]()
    points = as_points(vectors, metric)
    found = k_nearest(points, points, k, metric, own_rows=np.arange(len(points)))
    pairs = textbook_distances(vectors, vectors, metric)
    np.fill_diagonal(pairs, np.inf)
    np.testing.assert_allclose(
        found.distances, np.sort(pairs, axis=1)[:, :k], rtol=1e-9, atol=1e-14
    )
    rows = np.arange(len(points))[:, None]
    np.testing.assert_allclose(pairs[rows, found.rows], found.distances, rtol=1e-9, atol=1e-14)


def test_queries_from_elsewhere_may_be_members():
    """Without own rows an item that is in the base is found at distance 0."""
    points = as_points(SPACES["gaussian"](), "euclidean")
    found = k_nearest(points[5:9], points, 1, "euclidean")
    assert found.distances.ravel().tolist() == [0, 0, 0, 0]
    assert found.rows.ravel().tolist() == [5, 6, 7, 8]


def test_values_that_leave_float32_are_still_exact():
    """One row of 1e20, whose square is infinite in float32, disturbs nothing."""
    vectors = SPACES["gaussian"]()
    vectors[3] = 1e20
    points = as_points(vectors, "euclidean")
    found = k_nearest(points, points, 1, "euclidean", own_rows=np.arange(len(points)))
    pairs = textbook_distances(vectors, vectors, "euclidean")
    np.fill_diagonal(pairs, np.inf)
    np.testing.assert_allclose(found.distances[:, 0], pairs.min(axis=1), rtol=1e-12)


def test_more_neighbours_than_there_are_is_an_error():
    """Asking for more neighbours than other items is refused, not padded."""
    points = as_points(SPACES["all_equal"](), "euclidean")
    with pytest.raises(ValueError, match="40 neighbours of 39"):
        k_nearest(points, points, 40, "euclidean", own_rows=np.arange(40))
