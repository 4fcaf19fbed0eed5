"""One conformance suite over the table of strategies, alone and combined, on real data."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from curate.core.values import Embeddings
from curate.errors import RequestError, SelectionError
from curate.schema.strategies import SPECS, FactorSpec
from curate.schema.strategy_syntax import read_specs
from curate.select.objectives import StrategyInputs
from curate.select.registry import STRATEGIES, select
from curate.select.request import Request
from oracles import textbook_distances
from spaces import SPACES

# How a strategy is written here if its name alone is not enough.
ASKED = {
    "similarity": "similarity:queries",
    "weights": "weights:score",
    "balance": "balance:label",
    "deduplicate": "deduplicate:distance=1e-9",
    "sequence": "sequence:length=1",
    "threshold": "threshold:score>=0",
}
# Strategies that refuse a minimum distance, which their own tests check.
WITHOUT_MIN_DISTANCE = {"k-medoids", "deduplicate"}
# Random draws rows, balance alone has only ties, and exchanges of k-medoids are tried by row.
BY_ROW = {"random", "balance", "k-medoids"}


def inputs_of(vectors, metric="euclidean"):
    """Made-up columns and queries beside `vectors`."""
    n = len(vectors)
    rng = np.random.default_rng(8)
    columns = {
        "score": pa.chunked_array([rng.uniform(size=n)]),
        "label": pa.chunked_array([rng.choice(["a", "b", "c", "d"], n).tolist()]),
    }
    queries = np.asarray(vectors)[rng.choice(n, 5, replace=False)] + 0.01
    return StrategyInputs(
        Embeddings(vectors, metric, "test"), columns.__getitem__, query=lambda _: queries
    )


@pytest.fixture
def inputs():
    return inputs_of(SPACES["gaussian"]())


def picked(strategy, inputs, request):
    return select(read_specs(ASKED.get(strategy, strategy)), inputs, request).selection


def test_every_spec_has_a_line_and_every_line_a_spec():
    """The table of strategies and the table of their settings have the same names, in one order."""
    assert list(STRATEGIES) == list(SPECS)
    assert [strategy.spec for strategy in STRATEGIES.values()] == list(SPECS.values())


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_line_has_a_role(name):
    """Each line has a condition, a factor or an algorithm; a strength goes with a factor only."""
    strategy = STRATEGIES[name]
    assert strategy.selects or strategy.condition is not None
    assert issubclass(strategy.spec, FactorSpec) == (strategy.objective is not None)
    assert strategy.alone is not None or strategy.memory is None


@pytest.mark.parametrize("first", STRATEGIES)
@pytest.mark.parametrize("second", STRATEGIES)
def test_every_pair_combines_or_says_why_not(first, second, inputs):
    """Factors and conditions combine with each other; what selects alone refuses any factor."""
    specs = read_specs([ASKED.get(name, name) for name in (first, second)])
    lines = [STRATEGIES[first], STRATEGIES[second]]
    selecting = [line for line in lines if line.selects]
    twice = first == second and lines[0].once
    if len(selecting) == 2 and (twice or any(line.objective is None for line in selecting)):
        with pytest.raises(RequestError, match=r"named twice|cannot be combined"):
            select(specs, inputs, Request(5))
    else:
        assert len(set(select(specs, inputs, Request(5)).selection.picks.tolist())) == 5


@pytest.mark.parametrize("name", sorted(STRATEGIES.keys() - BY_ROW))
def test_the_order_of_rows_does_not_matter(name, inputs):
    """Without ties, the same items are picked in the same order however the rows are permuted."""
    order = np.random.default_rng(3).permutation(len(inputs.embeddings))
    permuted = StrategyInputs(
        Embeddings(inputs.embeddings.vectors[order], "euclidean", "test"),
        lambda column: inputs.column(column).take(pa.array(order)),
        query=inputs.query,
    )
    expected = picked(name, inputs, Request(30)).picks
    assert order[picked(name, permuted, Request(30)).picks].tolist() == expected.tolist()


@pytest.mark.parametrize("name", sorted(STRATEGIES.keys() - {"deduplicate"}))
def test_duplicates_are_picked_when_nothing_else_is_left(name):
    """Among exact duplicates every strategy still picks k different rows."""
    inputs = inputs_of(np.tile(SPACES["gaussian"]()[:20], (5, 1)))
    picks = picked(name, inputs, Request(100)).picks
    assert sorted(picks.tolist()) == list(range(100))


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("k", [1, 7, 600])
def test_k_unique_picks(strategy, k, inputs):
    """Every strategy returns exactly k different rows."""
    picks = picked(strategy, inputs, Request(k)).picks
    assert len(picks) == len(set(picks.tolist())) == k
    assert picks.min() >= 0
    assert picks.max() < 600


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_distances_are_to_what_was_chosen_before(strategy, inputs):
    """The distance kept with each pick is its distance to the nearest earlier pick."""
    selection = picked(strategy, inputs, Request(40))
    chosen = inputs.embeddings.vectors[selection.picks]
    pairs = textbook_distances(chosen, chosen, "euclidean")
    assert selection.distances[0] == np.inf
    for j in range(1, 40):
        assert selection.distances[j] == pytest.approx(pairs[j, :j].min(), rel=1e-12)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_same_seed_same_picks(strategy, inputs):
    """A strategy repeats itself under the same seed."""
    first, again = (
        picked(strategy, inputs, Request(30, seed=np.random.SeedSequence(5))) for _ in range(2)
    )
    assert first.picks.tolist() == again.picks.tolist()


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("k", [0, -1, 601])
def test_impossible_counts_are_refused(strategy, k, inputs):
    """A k outside 1..n is a SelectionError that says what is possible."""
    with pytest.raises(SelectionError, match="between 1 and 600"):
        picked(strategy, inputs, Request(k))


@pytest.mark.parametrize("strategy", sorted(STRATEGIES.keys() - WITHOUT_MIN_DISTANCE))
def test_candidates_and_datapool_and_min_distance_are_kept_to(strategy, inputs):
    """No strategy picks what is no candidate or too near; and it ends early with a note."""
    candidates = np.random.default_rng(0).uniform(size=600) < 0.5
    pool = SPACES["gaussian"]()[:3] + 0.1
    request = Request(200, candidates=candidates, datapool=pool, min_distance=4.0)
    selection = picked(strategy, inputs, request)
    assert candidates[selection.picks].all()
    assert 5 < len(selection) < 200
    assert selection.distances.min() >= 4.0
    assert any("of the 200 " in note and "asked for" in note for note in selection.notes)


def test_an_uninputs_strategy_gets_the_nearest_name():
    """A misspelt strategy is refused with the name that was probably meant."""
    with pytest.raises(RequestError, match="did you mean 'diversity'"):
        read_specs("diversty")
