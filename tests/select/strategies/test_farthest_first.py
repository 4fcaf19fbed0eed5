"""Farthest-first traversal against the textbook, both ways of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from curate.core.values import Embeddings
from curate.select.lazy_traversal.traversal import lazy_farthest_first
from curate.select.request import Request
from curate.select.strategies.farthest_first import (
    MAPPED_PAGES,
    memory_needed,
    plain_farthest_first,
    say_memory,
)
from oracles import textbook_distances, textbook_farthest_first
from spaces import METRICS, SPACES

WAYS = {"plain": plain_farthest_first, "lazy": lazy_farthest_first}


@pytest.fixture(params=WAYS)
def farthest_first(request):
    """Every test holds for both ways; which one a call takes is `test_lazy`'s to say."""
    return WAYS[request.param]


def assert_textbook(farthest_first, vectors, metric, k, start=0, datapool=None):
    selection = farthest_first(
        Embeddings(vectors, metric, "test"), Request(k, start=start, datapool=datapool)
    )
    expected, radii = textbook_farthest_first(
        vectors, k, metric, start=None if datapool is not None else start, datapool=datapool
    )
    assert selection.picks.tolist() == expected
    np.testing.assert_allclose(selection.distances, radii, rtol=1e-12)
    return selection


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", SPACES)
def test_picks_and_distances_are_the_textbooks(farthest_first, name, metric):
    """Picks, ties included, and distances equal the float64 textbook."""
    vectors = SPACES[name]()
    assert_textbook(farthest_first, vectors, metric, len(vectors) // 2)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", ["gaussian", "duplicated", "integer_grid", "float64_offset"])
def test_a_datapool_counts_as_selected(farthest_first, name, metric):
    """With a datapool the traversal continues from it, as the textbook does."""
    vectors = SPACES[name]()
    assert_textbook(farthest_first, vectors[20:], metric, 40, datapool=vectors[:20])


@pytest.mark.parametrize("metric", METRICS)
def test_coverage_nearest_and_radii_describe_the_picks(farthest_first, metric):
    """Coverage is the distance to the nearest pick, and radii its maximum after each pick."""
    vectors = SPACES["gaussian"]()
    pool, vectors = vectors[:10], vectors[10:]
    selection = farthest_first(Embeddings(vectors, metric, ""), Request(50, datapool=pool))
    members = np.concatenate([vectors[selection.picks], pool])
    distances = textbook_distances(vectors, members, metric)
    np.testing.assert_allclose(selection.coverage, distances.min(axis=1), atol=1e-12)
    np.testing.assert_allclose(
        distances[np.arange(len(vectors)), selection.nearest], selection.coverage, atol=1e-12
    )
    assert selection.radii[-1] == selection.coverage.max()
    np.testing.assert_array_equal(selection.radii[:-1], selection.distances[1:])


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=60, deadline=None)
@given(
    vectors=arrays(
        np.float32,
        st.tuples(st.integers(1, 40), st.integers(1, 4)),
        elements=st.integers(-3, 3).map(float),
    ),
    fraction=st.floats(0, 1),
)
def test_any_small_grid_follows_the_textbook(way, vectors, fraction):
    """On any small integer grid, duplicates and ties included, picks are the textbook's."""
    k = max(1, round(fraction * len(vectors)))
    selection = assert_textbook(WAYS[way], vectors, "euclidean", k)
    assert len(set(selection.picks.tolist())) == k
    assert np.all(np.diff(selection.radii) <= 0)


def test_the_start_is_the_item_nearest_the_mean(farthest_first):
    """By default the first pick is the item nearest the mean, whatever the order of rows."""
    vectors = SPACES["gaussian"]()
    order = np.random.default_rng(1).permutation(len(vectors))
    first = farthest_first(Embeddings(vectors, "euclidean", ""), Request(30))
    shuffled = farthest_first(Embeddings(vectors[order], "euclidean", ""), Request(30))
    mean = vectors.astype(float).mean(axis=0)
    assert first.picks[0] == np.linalg.norm(vectors - mean, axis=1).argmin()
    assert order[shuffled.picks].tolist() == first.picks.tolist()


def test_scaling_changes_distances_and_not_picks(farthest_first):
    """Twice the values give the same picks at twice the distance."""
    vectors = SPACES["gaussian"]()
    once = farthest_first(Embeddings(vectors, "euclidean", ""), Request(40))
    twice = farthest_first(Embeddings(2 * vectors, "euclidean", ""), Request(40))
    assert once.picks.tolist() == twice.picks.tolist()
    np.testing.assert_allclose(twice.distances[1:], 2 * once.distances[1:], rtol=1e-12)


def test_only_candidates_are_picked(farthest_first):
    """Items that are no candidates are never picked, and covered all the same."""
    vectors = SPACES["gaussian"]()
    free = np.arange(len(vectors)) % 3 == 0
    selection = farthest_first(
        Embeddings(vectors, "euclidean", ""), Request(free.sum(), candidates=free)
    )
    assert sorted(selection.picks) == np.flatnonzero(free).tolist()
    assert selection.coverage.max() > 0


@pytest.mark.parametrize("start", ["first", "random", "mean"])
def test_named_starts_respect_the_candidates(farthest_first, start):
    """Whatever the start rule, the first pick is a candidate."""
    vectors = SPACES["gaussian"]()
    free = np.zeros(len(vectors), dtype=bool)
    free[400:] = True
    selection = farthest_first(
        Embeddings(vectors, "euclidean", ""), Request(5, start=start, candidates=free)
    )
    assert free[selection.picks].all()


def test_memory_is_said_of_what_a_mapped_file_takes(tmp_path, caplog):
    """Vectors read from a file are said to be, also where numpy shows them as a plain array."""
    path = tmp_path / "vectors.npy"
    np.save(path, np.ones((70_000, 64), np.float16))
    mapped = np.asarray(np.load(path, mmap_mode="r"))
    embeddings, request = Embeddings(mapped, "euclidean", ""), Request(5)
    held = Embeddings(mapped.copy(), "euclidean", "")
    assert memory_needed(embeddings, request) == memory_needed(held, request) + MAPPED_PAGES
    with caplog.at_level("INFO", "curate"):
        say_memory(embeddings, memory_needed(embeddings, request))
    assert "read from the file" in caplog.text
