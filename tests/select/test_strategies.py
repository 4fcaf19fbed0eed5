"""One conformance suite over the table of strategies."""

from __future__ import annotations

import numpy as np
import pytest

from curate.core import Embeddings
from curate.errors import RequestError, SelectionError
from curate.select.request import Request
from curate.select.strategies import STRATEGIES, select
from oracles import textbook_distances
from spaces import SPACES


@pytest.fixture
def embeddings():
    return Embeddings(SPACES["gaussian"](), "euclidean", "test")


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("k", [1, 7, 600])
def test_k_unique_picks(strategy, k, embeddings):
    """Every strategy returns exactly k different rows."""
    picks = select(embeddings, strategy, Request(k)).picks
    assert len(picks) == len(set(picks.tolist())) == k
    assert picks.min() >= 0
    assert picks.max() < len(embeddings)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_distances_are_to_what_was_chosen_before(strategy, embeddings):
    """The distance kept with each pick is its distance to the nearest earlier pick."""
    selection = select(embeddings, strategy, Request(40))
    chosen = embeddings.vectors[selection.picks]
    pairs = textbook_distances(chosen, chosen, "euclidean")
    assert selection.distances[0] == np.inf
    for j in range(1, 40):
        assert selection.distances[j] == pytest.approx(pairs[j, :j].min(), rel=1e-12)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_same_seed_same_picks(strategy, embeddings):
    """A strategy repeats itself under the same seed."""
    seed = np.random.SeedSequence(5)
    first = select(embeddings, strategy, Request(30, seed=seed))
    again = select(embeddings, strategy, Request(30, seed=np.random.SeedSequence(5)))
    assert first.picks.tolist() == again.picks.tolist()


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("k", [0, -1, 601])
def test_impossible_counts_are_refused(strategy, k, embeddings):
    """A k outside 1..n is a SelectionError that says what is possible."""
    with pytest.raises(SelectionError, match="between 1 and 600"):
        select(embeddings, strategy, Request(k))


def test_an_unknown_strategy_gets_the_nearest_name(embeddings):
    """A misspelt strategy is refused with the name that was probably meant."""
    with pytest.raises(RequestError, match="did you mean 'diversity'"):
        select(embeddings, "diversty", Request(3))
