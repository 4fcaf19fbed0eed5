"""One conformance suite over the table of strategies, alone and combined, on real data."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from curate.core.values import Embeddings
from curate.errors import RequestError, SelectionError
from curate.schema.strategy_syntax import read_specs
from curate.select.product.objectives import Known
from curate.select.registry import STRATEGIES, select
from curate.select.request import Request
from oracles import textbook_distances
from spaces import SPACES

# How each strategy is asked for here; one that is not named is asked for by its name.
ASKED = {
    "similarity": "similarity:queries",
    "weights": "weights:score",
    "balance": "balance:label",
    "deduplicate": "deduplicate:distance=1e-9",
    "sequence": "sequence:length=1",
}
# Where a minimum distance means nothing; the tests of their own say how it is refused.
WITHOUT_MIN_DISTANCE = {"k-medoids", "deduplicate"}


def known_of(vectors, metric="euclidean"):
    """Made-up columns and queries beside `vectors`."""
    n = len(vectors)
    rng = np.random.default_rng(8)
    columns = {
        "score": pa.chunked_array([rng.uniform(size=n)]),
        "label": pa.chunked_array([rng.choice(["a", "b", "c", "d"], n).tolist()]),
    }
    queries = np.asarray(vectors)[rng.choice(n, 5, replace=False)]
    return Known(Embeddings(vectors, metric, "test"), columns.__getitem__, query=lambda _: queries)


@pytest.fixture
def known():
    return known_of(SPACES["gaussian"]())


def picked(strategy, known, request):
    return select(read_specs(ASKED.get(strategy, strategy)), known, request).selection


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("k", [1, 7, 600])
def test_k_unique_picks(strategy, k, known):
    """Every strategy returns exactly k different rows."""
    picks = picked(strategy, known, Request(k)).picks
    assert len(picks) == len(set(picks.tolist())) == k
    assert picks.min() >= 0
    assert picks.max() < 600


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_distances_are_to_what_was_chosen_before(strategy, known):
    """The distance kept with each pick is its distance to the nearest earlier pick."""
    selection = picked(strategy, known, Request(40))
    chosen = known.embeddings.vectors[selection.picks]
    pairs = textbook_distances(chosen, chosen, "euclidean")
    assert selection.distances[0] == np.inf
    for j in range(1, 40):
        assert selection.distances[j] == pytest.approx(pairs[j, :j].min(), rel=1e-12)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_same_seed_same_picks(strategy, known):
    """A strategy repeats itself under the same seed."""
    first, again = (
        picked(strategy, known, Request(30, seed=np.random.SeedSequence(5))) for _ in range(2)
    )
    assert first.picks.tolist() == again.picks.tolist()


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("k", [0, -1, 601])
def test_impossible_counts_are_refused(strategy, k, known):
    """A k outside 1..n is a SelectionError that says what is possible."""
    with pytest.raises(SelectionError, match="between 1 and 600"):
        picked(strategy, known, Request(k))


@pytest.mark.parametrize("strategy", sorted(STRATEGIES.keys() - WITHOUT_MIN_DISTANCE))
def test_candidates_and_datapool_and_min_distance_are_kept_to(strategy, known):
    """No strategy picks what is no candidate or too near; and it ends early with a note."""
    candidates = np.random.default_rng(0).uniform(size=600) < 0.5
    pool = SPACES["gaussian"]()[:3] + 0.1
    request = Request(200, candidates=candidates, datapool=pool, min_distance=4.0)
    selection = picked(strategy, known, request)
    assert candidates[selection.picks].all()
    assert 5 < len(selection) < 200
    assert selection.distances.min() >= 4.0
    assert any("of the 200 " in note and "asked for" in note for note in selection.notes)


def test_an_unknown_strategy_gets_the_nearest_name():
    """A misspelt strategy is refused with the name that was probably meant."""
    with pytest.raises(RequestError, match="did you mean 'diversity'"):
        read_specs("diversty")
