"""Facility location and k-medoids: the mean coverage distance, brought down."""

from __future__ import annotations

import sys
from itertools import product

import numpy as np
import pytest

from curate.core.distance import k_nearest
from curate.core.values import Embeddings
from curate.errors import MissingExtraError, RequestError
from curate.select.request import Request
from curate.select.strategies import facility_location as facility_module
from curate.select.strategies import k_medoids as medoids_module
from curate.select.strategies.facility_location import facility_location
from curate.select.strategies.farthest_first import farthest_first
from curate.select.strategies.k_medoids import k_medoids
from oracles import textbook_distances, textbook_facility_location
from samples import SAMPLES, sample_embeddings
from spaces import METRICS, SPACES

BOTH = [facility_location, k_medoids]


def embeddings_of(name, metric="euclidean"):
    return Embeddings(SPACES[name](), metric, "test")


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", SPACES)
def test_greedy_picks_are_those_of_trying_everything(name, metric):
    """Lazy greedy picks equal those of trying every candidate at every step, ties included."""
    embeddings = embeddings_of(name, metric)
    made = facility_location(embeddings, Request(12))
    assert made.picks.tolist() == textbook_facility_location(embeddings.vectors, 12, metric)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    "name", ["words", "definitions", pytest.param("clipart", marks=pytest.mark.slow)]
)
def test_samples(name, metric):
    """On real embeddings, too, the picks are the textbook's."""
    embeddings = Embeddings(sample_embeddings(name).vectors[:500], metric, "test")
    expected = textbook_facility_location(embeddings.vectors, 25, metric)
    assert facility_location(embeddings, Request(25)).picks.tolist() == expected


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", SPACES)
def test_no_exchange_betters_the_medoids(name, metric):
    """Exchanging one medoid for any other item does not lower the mean coverage distance."""
    embeddings = embeddings_of(name, metric)
    medoids = k_medoids(embeddings, Request(8))
    pairs = textbook_distances(embeddings.vectors, embeddings.vectors, metric)
    reached = medoids.coverage.mean()
    assert reached == pytest.approx(pairs[:, medoids.picks].min(axis=1).mean(), rel=1e-9)
    assert reached <= facility_location(embeddings, Request(8)).coverage.mean() * (1 + 1e-6)
    for j in range(8):
        others = pairs[:, np.delete(medoids.picks, j)].min(axis=1)
        exchanged = np.minimum(others[:, None], pairs).mean(axis=0)
        # Exchanges are decided in float32.
        assert exchanged.min() >= reached * (1 - 1e-5) - 1e-7 * pairs.max()


@pytest.mark.parametrize("strategy", BOTH)
@pytest.mark.parametrize("name", ["gaussian", "duplicated", "integer_grid", "all_equal"])
def test_only_candidates_are_picked(strategy, name):
    """Items that may not be picked are not, whether or not there is a datapool."""
    embeddings = embeddings_of(name)
    free = np.random.default_rng(1).random(len(embeddings)) < 0.4
    for pool in (None, embeddings.vectors[:3]):
        made = strategy(embeddings, Request(9, candidates=free, datapool=pool))
        assert len(set(made.picks.tolist())) == 9
        assert free[made.picks].all()


@pytest.mark.parametrize("strategy", BOTH)
def test_the_datapool_counts_as_selected(strategy):
    """Two picks beside a datapool are as good as the best pair, within the known guarantee."""
    embeddings = Embeddings(SPACES["two_dimensions"]()[:60], "euclidean", "test")
    pool = embeddings.vectors[10:13] + 0.2
    made = strategy(embeddings, Request(2, datapool=pool))
    pairs = textbook_distances(embeddings.vectors, embeddings.vectors, "euclidean")
    before = textbook_distances(embeddings.vectors, pool, "euclidean").min(axis=1)

    def reached(picks):
        return np.minimum(before, pairs[:, list(picks)].min(axis=1)).mean()

    best = min(reached(pair) for pair in product(range(60), repeat=2))
    assert made.coverage.mean() == pytest.approx(reached(made.picks), rel=1e-9)
    assert before.mean() - reached(made.picks) >= 0.75 * (before.mean() - best)


def test_close_candidates_are_passed_over():
    """With a minimum distance no two picks are closer, and the run ends when none is left."""
    embeddings = embeddings_of("two_dimensions")
    made = facility_location(embeddings, Request(500, min_distance=0.2))
    chosen = embeddings.vectors[made.picks]
    pairs = textbook_distances(chosen, chosen, "euclidean")
    np.fill_diagonal(pairs, np.inf)
    assert 5 < len(made) < 40
    assert pairs.min() >= 0.2
    assert made.coverage.max() < 0.2
    assert "nearer than 0.2" in made.notes[0]
    with pytest.raises(RequestError, match="no effect with --strategy k-medoids"):
        k_medoids(embeddings, Request(5, min_distance=0.2))


@pytest.mark.parametrize("strategy", BOTH)
def test_above_a_size_a_sample_stands_for_all(strategy, monkeypatch):
    """Picks made on a sample repeat under the seed and cover all items almost as well."""
    embeddings = embeddings_of("gaussian")
    whole = strategy(embeddings, Request(8))
    for module in (facility_module, medoids_module):
        monkeypatch.setattr(module, "MOST_ITEMS", 300)
    made = strategy(embeddings, Request(8))
    assert made.picks.tolist() == strategy(embeddings, Request(8, threads=1)).picks.tolist()
    assert made.picks.tolist() != whole.picks.tolist()
    assert len(made.coverage) == len(embeddings)
    assert made.coverage.mean() < whole.coverage.mean() * 1.05
    # Where candidates are rare, the sample has enough of them.
    few = np.zeros(600, dtype=bool)
    few[::60] = True
    rare = strategy(embeddings, Request(10, candidates=few))
    assert sorted(rare.picks.tolist()) == np.flatnonzero(few).tolist()


@pytest.mark.parametrize(
    ("name", "k"),
    [
        ("words", 50),
        *(
            pytest.param(name, k, marks=pytest.mark.slow)
            for name, k in product(SAMPLES, (50, 200))
            if (name, k) != ("words", 50)
        ),
    ],
)
def test_both_cover_better_than_farthest_first_and_random(name, k):
    """On the samples the mean coverage is below farthest-first's and below 20 random draws'."""
    embeddings = sample_embeddings(name)
    medoids = k_medoids(embeddings, Request(k)).coverage.mean()
    greedy = facility_location(embeddings, Request(k)).coverage.mean()
    farthest = farthest_first(embeddings, Request(k)).coverage.mean()
    assert medoids <= greedy < farthest
    rng = np.random.default_rng(0)
    draws = [rng.choice(len(embeddings), k, replace=False) for _ in range(20)]
    pool = [embeddings.vectors[rows] for rows in draws]
    random = [k_nearest(embeddings.vectors, rows, 1, embeddings.metric) for rows in pool]
    assert greedy < np.mean([found.distances.mean() for found in random])


def test_without_the_package_it_says_what_to_install(monkeypatch):
    """Without kmedoids the error has the exact command that installs it."""
    monkeypatch.setitem(sys.modules, "kmedoids", None)
    with pytest.raises(MissingExtraError, match=r'pip install "curate-select\[kmedoids\]"'):
        k_medoids(embeddings_of("gaussian"), Request(3))


def test_more_medoids_than_a_sample_has(monkeypatch):
    """More picks than distances can be kept for are refused with what to do."""
    monkeypatch.setattr(medoids_module, "MOST_ITEMS", 30)
    with pytest.raises(RequestError, match="at most 30 items, not 31"):
        k_medoids(embeddings_of("gaussian"), Request(31))
