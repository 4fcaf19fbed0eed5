"""Typicality and similarity: the published formulas, in (0, 1]."""

from __future__ import annotations

import numpy as np
import pytest

from curate.core.values import Embeddings
from curate.errors import RequestError
from curate.select.combined import typicality as typicality_module
from curate.select.combined.similarity import similarity
from curate.select.combined.typicality import typicality
from oracles import textbook_similarity, textbook_typicality
from samples import sample_embeddings
from spaces import METRICS, SPACES

CLOSE = {"rtol": 1e-9, "atol": 1e-14}
# lightly-mundig works in float32 and by the expanded form: on these nothing cancels.
EASY = ["gaussian", "binary_words", "three_dimensions", "half_precision"]


def queries_for(vectors):
    """A few of the items, moved; in float64 so that nothing is rounded."""
    moved = vectors[:: max(1, len(vectors) // 20)].astype(np.float64)
    return moved + np.random.default_rng(3).normal(0, 0.1, moved.shape)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", SPACES)
def test_values_are_those_of_comparing_every_pair(name, metric):
    """Typicality and similarity equal their formulas in float64 and lie in (0, 1]."""
    embeddings = Embeddings(SPACES[name](), metric, "test")
    queries = queries_for(embeddings.vectors)
    typical = typicality(embeddings, 7)
    similar = similarity(embeddings, queries)
    expected = textbook_typicality(embeddings.vectors, 7, metric)
    np.testing.assert_allclose(typical, expected, **CLOSE)
    expected = textbook_similarity(embeddings.vectors, queries, metric)
    np.testing.assert_allclose(similar, expected, **CLOSE)
    for values in (typical, similar):
        assert values.shape == (len(embeddings),)
        assert values.min() > 0
        assert values.max() <= 1


@pytest.mark.parametrize(
    "name", ["definitions", "words", pytest.param("clipart", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("metric", METRICS)
def test_samples(name, metric):
    """On real embeddings, too, the values are those of comparing every pair."""
    vectors = sample_embeddings(name).vectors[:900]
    embeddings = Embeddings(vectors, metric, "test")
    expected = textbook_typicality(vectors, 20, metric)
    np.testing.assert_allclose(typicality(embeddings), expected, rtol=1e-9, atol=1e-12)
    queries = vectors[5:900:90]
    expected = textbook_similarity(vectors, queries, metric)
    np.testing.assert_allclose(similarity(embeddings, queries), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", EASY)
def test_lightly_mundig_gives_the_same(name):
    """Where float32 suffices, lightly-mundig's values are reproduced to 1e-5."""
    mundig = pytest.importorskip("lightly_mundig")
    vectors = SPACES[name]().astype(np.float32)
    embeddings = Embeddings(vectors, "euclidean", "test")
    theirs = mundig.Typicality(embeddings=vectors).calculate_typicality(num_nearest_neighbors=20)
    np.testing.assert_allclose(typicality(embeddings), theirs, atol=1e-5)
    queries = queries_for(vectors).astype(np.float32)
    theirs = mundig.Similarity(key_embeddings=vectors).calculate_similarity(
        query_embeddings=queries
    )
    np.testing.assert_allclose(similarity(embeddings, queries), theirs, atol=1e-5)


def test_blocks_of_queries_are_one(monkeypatch):
    """Typicality does not depend on how many items are looked at a time, nor on threads."""
    embeddings = Embeddings(SPACES["gaussian"](), "euclidean", "test")
    whole = typicality(embeddings)
    monkeypatch.setattr(typicality_module, "QUERIES", 37)
    np.testing.assert_array_equal(typicality(embeddings, threads=1), whole)


def test_a_distant_item_is_still_above_zero():
    """An item so far away that exp underflows keeps a value above 0."""
    vectors = np.zeros((5000, 1))
    vectors[0] = 1
    values = typicality(Embeddings(vectors, "euclidean", "test"), 1)
    assert 0 < values[0] < 1e-300
    assert values[1:].tolist() == [1] * 4999


@pytest.mark.parametrize("k", [0, 600])
def test_as_many_neighbours_as_there_are_others(k):
    """A number of neighbours that cannot be had is refused with what can."""
    with pytest.raises(RequestError, match="at least 1 and at most 599"):
        typicality(Embeddings(SPACES["gaussian"](), "euclidean", "test"), k)


def test_queries_must_be_of_the_same_space():
    """Queries of another dimension, or none, are refused in one line."""
    embeddings = Embeddings(SPACES["gaussian"](), "euclidean", "test")
    with pytest.raises(RequestError, match="queries have 3 dimensions and the items 12"):
        similarity(embeddings, np.ones((2, 3)))
    with pytest.raises(RequestError, match="pass at least one"):
        similarity(embeddings, np.ones((0, 12)))
