"""Exact nearest neighbours where float32 and the expanded form would be wrong."""

from __future__ import annotations

import numpy as np
import pytest

import curate.core.distance
from curate.core.candidate_search import nearest_candidates
from curate.core.distance import k_nearest
from curate.core.threads import at_most_threads
from oracles import textbook_distances
from spaces import SPACES


@pytest.fixture(params=["compared", "compiled", "faiss"])
def way(request, monkeypatch):
    """Each way in which candidates are proposed, whatever the size of the work."""
    if request.param != "compared":
        monkeypatch.setattr(curate.core.distance, "SMALL", 0)
    if request.param == "faiss":
        monkeypatch.setattr(curate.core.distance, "FEW", 0)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("k", [1, 4])
def test_distances_to_the_nearest_others_are_exact(name, metric, k):
    """The k nearest other items are at the distances that comparing every pair gives."""
    vectors = SPACES[name]()
    rows = np.arange(len(vectors))
    found = k_nearest(vectors, vectors, k, metric, own_rows=rows)
    pairs = textbook_distances(vectors, vectors, metric)
    np.fill_diagonal(pairs, np.inf)
    np.testing.assert_allclose(
        found.distances, np.sort(pairs, axis=1)[:, :k], rtol=1e-9, atol=1e-14
    )
    np.testing.assert_allclose(
        pairs[rows[:, None], found.rows], found.distances, rtol=1e-9, atol=1e-14
    )


def test_queries_from_elsewhere_may_be_members():
    """Without own rows an item that is in the base is found at distance 0."""
    vectors = SPACES["gaussian"]()
    found = k_nearest(vectors[5:9], vectors, 1, "euclidean")
    assert found.distances.ravel().tolist() == [0, 0, 0, 0]
    assert found.rows.ravel().tolist() == [5, 6, 7, 8]


@pytest.mark.usefixtures("way")
def test_values_that_leave_float32_are_still_exact():
    """One row of 1e20, whose square is infinite in float32, disturbs nothing."""
    vectors = SPACES["gaussian"]()
    vectors[3] = 1e20
    found = k_nearest(vectors, vectors, 1, "euclidean", own_rows=np.arange(len(vectors)))
    pairs = textbook_distances(vectors, vectors, "euclidean")
    np.fill_diagonal(pairs, np.inf)
    np.testing.assert_allclose(found.distances[:, 0], pairs.min(axis=1), rtol=1e-12)


def test_more_neighbours_than_there_are_is_an_error():
    """Asking for more neighbours than other items is refused, not padded."""
    vectors = SPACES["all_equal"]()
    with pytest.raises(ValueError, match="40 neighbours of 39"):
        k_nearest(vectors, vectors, 40, "euclidean", own_rows=np.arange(40))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("name", ["gaussian", "integer_grid", "near_duplicates"])
def test_blocks_of_the_base_are_one_base(name, metric, monkeypatch):
    """Distances and rows do not depend on how the base is cut into blocks."""
    vectors = SPACES[name]()
    rows = np.arange(len(vectors))
    whole = k_nearest(vectors, vectors, 3, metric, own_rows=rows)
    monkeypatch.setattr(curate.core.distance, "BLOCK_VALUES", 50 * vectors.shape[1])
    blocked = k_nearest(vectors, vectors, 3, metric, own_rows=rows)
    np.testing.assert_array_equal(whole.rows, blocked.rows)
    np.testing.assert_array_equal(whole.distances, blocked.distances)


@pytest.mark.parametrize("threads", [1, 3])
def test_candidates_are_the_nearest(threads):
    """The compiled search finds the rows that sorting every distance finds."""
    rng = np.random.default_rng(0)
    queries, base = rng.normal(size=(130, 7)), rng.normal(size=(1003, 7))
    with at_most_threads(threads):
        squared, rows = nearest_candidates(queries.astype(np.float32), base.astype(np.float32), 5)
    expected = textbook_distances(queries, base, "euclidean")
    np.testing.assert_array_equal(rows, np.argsort(expected, axis=1)[:, :5])
    np.testing.assert_allclose(np.sqrt(squared), np.sort(expected, axis=1)[:, :5], rtol=1e-5)


def test_tight_clusters_far_apart_are_decided(monkeypatch):
    """Where norms are large beside distances, candidates decide, and not every pair in float64."""
    rng = np.random.default_rng(2)
    centres = rng.normal(0, 30, (4, 32))
    vectors = centres[rng.integers(0, 4, 4000)] + rng.normal(0, 0.02, (4000, 32))
    monkeypatch.setattr(curate.core.distance, "SMALL", 0)
    rows = np.arange(0, 4000, 20)
    search = curate.core.distance._Search(vectors[rows], 20, rows)
    search.propose(0, vectors, small=0)
    assert len(search.undecided()) <= 4
    found = k_nearest(vectors[rows], vectors, 20, "euclidean", own_rows=rows)
    pairs = textbook_distances(vectors[rows], vectors, "euclidean")
    pairs[np.arange(200), rows] = np.inf
    np.testing.assert_allclose(found.distances, np.sort(pairs, axis=1)[:, :20], rtol=1e-9)
