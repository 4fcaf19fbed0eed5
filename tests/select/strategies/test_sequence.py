"""Sequence: whole runs of consecutive items, chosen by their means."""

from __future__ import annotations

import numpy as np
import pytest

from curate.core.values import Embeddings
from curate.errors import RequestError, SelectionError
from curate.select.request import Request
from curate.select.strategies.sequence import cut_into_runs, sequence
from oracles import textbook_farthest_first, textbook_points
from samples import sample_embeddings
from spaces import SPACES


def expected_picks(vectors, k, length, metric):
    whole = len(vectors) // length * length
    points = textbook_points(vectors[:whole], metric)
    means = points.reshape(-1, length, vectors.shape[1]).mean(axis=1)
    unit = textbook_points(means, metric)
    start = int(((unit - unit.mean(axis=0)) ** 2).sum(axis=1).argmin())
    runs, _ = textbook_farthest_first(means, k // length, metric, start=start)
    return [run * length + i for run in runs for i in range(length)]


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize(
    "name", ["gaussian", "far_outliers", "half_precision", "three_dimensions", "two_dimensions"]
)
def test_runs_are_chosen_by_their_means(name, metric):
    """The picks are farthest-first picks of the means, each spelled out as its items."""
    vectors = SPACES[name]()
    made = sequence(Embeddings(vectors, metric, "test"), Request(77), 7)
    assert made.picks.tolist() == expected_picks(vectors, 77, 7, metric)


@pytest.mark.parametrize(
    "name", ["words", "definitions", pytest.param("clipart", marks=pytest.mark.slow)]
)
def test_samples(name):
    """The same holds of real embeddings, in the metric they are made for."""
    whole = sample_embeddings(name)
    vectors = whole.vectors[:594]
    made = sequence(Embeddings(vectors, whole.metric, "test"), Request(60), 6)
    assert made.picks.tolist() == expected_picks(vectors, 60, 6, whole.metric)


def test_groups_are_not_crossed():
    """A run lies within one group, even where the groups are interleaved; ends are left over."""
    assert cut_into_runs(8, 2, list("abababab")).tolist() == [[0, 2], [1, 3], [4, 6], [5, 7]]
    assert cut_into_runs(9, 3, list("aaaabbbbb")).tolist() == [[0, 1, 2], [4, 5, 6]]
    vectors = SPACES["gaussian"]()[:9]
    made = sequence(Embeddings(vectors, "euclidean", "test"), Request(6), 3, list("aaaabbbbb"))
    assert sorted(made.picks.tolist()) == [0, 1, 2, 4, 5, 6]
    assert made.notes == (
        "3 of 9 items are in no whole sequence of 3, and so could not be selected.",
    )


def test_n_counts_items_and_only_whole_runs():
    """What n has beyond whole runs is left over, and the notes say so."""
    embeddings = Embeddings(SPACES["gaussian"](), "euclidean", "test")
    made = sequence(embeddings, Request(25), 10)
    assert len(made) == 20
    assert made.notes == (
        "5 of the 25 items asked for are left over: only whole sequences of 10 are selected.",
    )


def test_length_one_is_farthest_first():
    """Runs of one item are the items."""
    vectors = SPACES["gaussian"]()
    made = sequence(Embeddings(vectors, "euclidean", "test"), Request(30, start="first"), 1)
    picks, _ = textbook_farthest_first(vectors, 30, "euclidean", start=0)
    assert made.picks.tolist() == picks


def test_candidates_start_and_minimum_distance():
    """A run is picked only whole; a start is the run it is in; means keep their distance."""
    embeddings = Embeddings(SPACES["two_dimensions"](), "euclidean", "test")
    free = np.ones(500, dtype=bool)
    free[::50] = False
    made = sequence(embeddings, Request(400, start=27, candidates=free, min_distance=0.2), 5)
    assert made.picks[:5].tolist() == [25, 26, 27, 28, 29]
    assert free[made.picks].all()
    assert "sequences asked for were picked" in made.notes[0]
    means = embeddings.vectors[made.picks].reshape(-1, 5, 2).mean(axis=1, dtype=float)
    pairs = np.linalg.norm(means[:, None] - means[None], axis=2)
    np.fill_diagonal(pairs, np.inf)
    assert pairs.min() >= 0.2


def test_opposite_directions_do_not_cancel():
    """Under cosine a run whose mean is 0 is stood for by its first item."""
    vectors = np.array([[1.0, 0], [-1, 0], [0, 1], [0, 1], [1, 1], [1, 1]])
    made = sequence(Embeddings(vectors, "cosine", "test"), Request(6), 2)
    assert sorted(made.picks.tolist()) == list(range(6))


def test_requests_that_cannot_be():
    """Too few runs, less than a run, no length and a start in no run are refused."""
    embeddings = Embeddings(SPACES["gaussian"]()[:25], "euclidean", "test")
    with pytest.raises(SelectionError, match=r"there are 2 of them.*--n 20 or less"):
        sequence(embeddings, Request(30), 10, ["a"] * 13 + ["b"] * 12)
    with pytest.raises(SelectionError, match="less than one sequence of 10"):
        sequence(embeddings, Request(9), 10)
    with pytest.raises(RequestError, match="it must be 1 or more"):
        sequence(embeddings, Request(9), 0)
    with pytest.raises(RequestError, match="in no whole sequence"):
        sequence(embeddings, Request(10, start=24), 10)
