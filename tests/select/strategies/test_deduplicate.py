"""Deduplicate: what is kept is far apart, what is dropped is close to something kept."""

from __future__ import annotations

import numpy as np
import pytest

from curate.core.values import Embeddings
from curate.errors import RequestError
from curate.select.request import Request
from curate.select.strategies.deduplicate import deduplicate
from oracles import textbook_distances
from samples import sample_embeddings
from spaces import SPACES


def keep_all(embeddings, distance, **settings):
    k = settings.pop("k", len(embeddings))
    return deduplicate(embeddings, Request(k, **settings), distance)


def check(embeddings, distance):
    made = keep_all(embeddings, distance)
    pairs = textbook_distances(embeddings.vectors, embeddings.vectors, embeddings.metric)
    np.fill_diagonal(pairs, np.inf)
    assert pairs[np.ix_(made.picks, made.picks)].min() >= distance
    rows, kept, distances = made.dropped
    everything = [*made.picks.tolist(), *rows.tolist()]
    assert sorted(everything) == list(range(len(embeddings)))
    np.testing.assert_allclose(
        pairs[rows, made.picks[kept]], distances, rtol=1e-9, atol=1e-14, err_msg="named distance"
    )
    np.testing.assert_allclose(
        distances, pairs[np.ix_(rows, made.picks)].min(axis=1), rtol=1e-9, atol=1e-14
    )
    assert (distances < distance).all()
    return made


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("name", SPACES)
def test_kept_are_apart_and_dropped_are_close(name, metric):
    """Kept items are pairwise at least the distance apart; each other one has a kept one near."""
    vectors = SPACES[name]()
    pairs = textbook_distances(vectors, vectors, metric)
    distance = max(float(np.quantile(pairs, 0.05)), 1e-12)
    check(Embeddings(vectors, metric, "test"), distance)


@pytest.mark.parametrize(
    "name", ["words", "definitions", pytest.param("clipart", marks=pytest.mark.slow)]
)
def test_samples(name):
    """The same holds of real embeddings, in the metric they are made for."""
    whole = sample_embeddings(name)
    made = check(Embeddings(whole.vectors[:600], whole.metric, "test"), 0.4)
    assert 0 < len(made.dropped.rows) < 600


@pytest.fixture(scope="module")
def planted():
    """500 items with an exact duplicate each, then 500 with one at 1e-3, in 512 dimensions."""
    rng = np.random.default_rng(11)
    vectors = rng.normal(size=(1000, 512)).astype(np.float32)
    step = rng.normal(size=(500, 512))
    step *= 1e-3 / np.linalg.norm(step, axis=1, keepdims=True)
    near = vectors[500:].astype(np.float64) + step
    return np.concatenate([vectors, vectors[:500], near])


@pytest.mark.parametrize("dtype", [np.float32, pytest.param(np.float64, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("distance", "partners"),
    [(1e-4, range(500)), (1e-2, range(1000)), (0.1, range(1000))],
)
def test_planted_pairs(planted, distance, partners, dtype):
    """Of each planted pair closer than the distance exactly one is kept, and all else."""
    made = keep_all(Embeddings(planted.astype(dtype), "euclidean", "test"), distance)
    assert len(made) == 2000 - len(partners)
    kept = set(made.picks.tolist())
    for row in range(1000):
        together = len(kept & {row, 1000 + row})
        assert together == (1 if row in partners else 2)
    mates = made.picks[made.dropped.kept]
    assert (np.abs(mates - made.dropped.rows) == 1000).all()
    # Of exact duplicates it is the first that is kept.
    assert kept.issuperset(range(500))


def test_chains_are_thinned_not_swallowed():
    """Along a chain of close items, those far enough from each other stay."""
    line = Embeddings(np.arange(21, dtype=np.float64)[:, None] * 0.6, "euclidean", "test")
    assert 5 <= len(keep_all(line, 1.0)) <= 11


def test_the_datapool_takes_its_duplicates_with_it():
    """Items close to the datapool are dropped in favour of the pool item that is meant."""
    vectors = SPACES["gaussian"]()
    pool = vectors[[3, 8]] + np.float32(1e-5)
    free = np.ones(600, dtype=bool)
    free[100:] = False
    made = keep_all(
        Embeddings(vectors, "euclidean", "test"), 1e-2, k=100, datapool=pool, candidates=free
    )
    assert len(made) == 98
    assert made.dropped.rows.tolist() == [3, 8]
    assert made.dropped.kept.tolist() == [98, 99]
    assert made.notes[0].startswith("98 of 100 items were kept and 2 dropped")


def test_fewer_than_there_are():
    """With an n the most distinct are kept, and what was not reached is not called dropped."""
    embeddings = Embeddings(SPACES["duplicated"](), "euclidean", "test")
    made = keep_all(embeddings, 1e-6, k=10)
    assert len(made) == 10
    assert len(made.dropped.rows) == 40
    assert made.notes[1].startswith("250 more are far enough")


@pytest.mark.parametrize("distance", [0, -1, np.inf, np.nan])
def test_a_distance_that_means_nothing(distance):
    """A distance that is not above 0 is refused in one line."""
    embeddings = Embeddings(SPACES["gaussian"](), "euclidean", "test")
    with pytest.raises(RequestError, match="needs a distance above 0"):
        keep_all(embeddings, distance)
    with pytest.raises(RequestError, match="its own distance is the minimum"):
        keep_all(embeddings, 0.1, min_distance=0.5)
