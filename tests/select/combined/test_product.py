"""The product of marginal factors: picks against the textbook, and what each factor promises."""

from __future__ import annotations

import numpy as np
import pytest

from curate.core.values import Embeddings
from curate.select.combined.factors import (
    BalanceFactor,
    Product,
    WeightBudget,
    balance_at_pick,
    diversity_at_pick,
)
from curate.select.combined.plain_product import plain_product
from curate.select.request import Request, start_row
from oracles import textbook_distances, textbook_points, textbook_product
from spaces import SPACES

K = 30


def labels_of(n, classes=4):
    return np.random.default_rng(3).integers(0, classes, n)


def one_hot(labels):
    return np.eye(int(labels.max()) + 1)[labels]


def product_of(n, *, fixed=None, diversity=0.0, balances=(), budget=None):
    """A Product; `balances` are (membership, quotas, counts, strength), a group an item."""
    return Product(
        fixed=np.ones(n) if fixed is None else fixed,
        groups=np.arange(n, dtype=np.int32) * bool(balances),
        diversity=diversity,
        balances=tuple(
            BalanceFactor(m, np.array(q, float), np.array(c, float), s) for m, q, c, s in balances
        ),
        budget=budget,
    )


def start_of(vectors, metric):
    return start_row(len(vectors), Request(1), textbook_points(vectors, metric).__getitem__)


def made(vectors, metric, request, **wanted):
    return plain_product(
        Embeddings(vectors, metric, "test"), request, product_of(len(vectors), **wanted)
    )


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("diversity", [0, 1, 2.5, -1])
@pytest.mark.parametrize("space", SPACES)
def test_picks_are_the_textbooks(space, diversity, metric):
    """Fixed factors, diversity of any strength and two balances: every pick is the textbook's."""
    vectors = SPACES[space]()
    n = len(vectors)
    fixed = np.random.default_rng(1).uniform(0.05, 1, n)
    soft = np.random.default_rng(2).dirichlet([1, 1, 1], n)
    balances = [
        (one_hot(labels_of(n)), [12, 6, 6, 6], [0, 0, 2, 0], 1.0),
        (soft, [15, 10, 5], [0, 0, 0], -0.5 if diversity == 2.5 else 0.5),
    ]
    found = made(vectors, metric, Request(K), fixed=fixed, diversity=diversity, balances=balances)
    asked = textbook_product(
        vectors,
        K,
        metric,
        fixed,
        diversity=diversity,
        balances=balances,
        start=start_of(vectors, metric),
    )
    assert found.picks.tolist() == asked


@pytest.mark.parametrize("diversity", [0, 1])
def test_limits_are_the_textbooks(diversity):
    """Candidates, a datapool, a minimum distance and a budget: every pick is the textbook's."""
    vectors = SPACES["gaussian"]()
    n = len(vectors)
    rng = np.random.default_rng(4)
    fixed, costs = rng.uniform(0.05, 1, n), rng.uniform(0, 3, n)
    candidates, pool = rng.uniform(size=n) < 0.7, rng.normal(size=(5, 12))
    balances = [(one_hot(labels_of(n)), [6, 6, 6, 6], [1, 0, 0, 0], 1.0)]
    request = Request(60, candidates=candidates, datapool=pool, min_distance=3.0)
    found = made(
        vectors,
        "euclidean",
        request,
        fixed=fixed,
        diversity=diversity,
        balances=balances,
        budget=WeightBudget(costs, 25.0),
    )
    asked = textbook_product(
        vectors,
        60,
        "euclidean",
        fixed,
        diversity=diversity,
        balances=balances,
        candidates=candidates,
        datapool=pool,
        min_distance=3.0,
        costs=costs,
        budget=25.0,
    )
    assert found.picks.tolist() == asked
    assert 5 < len(asked) < 60
    assert costs[asked].sum() <= 25
    assert "of the 60 items asked for" in found.notes[0]
    assert "is nearer than 3 to" in found.notes[0]
    assert "budget of 25" in found.notes[0]


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_diversity_alone_is_farthest_first(metric):
    """With diversity as the only factor the product is farthest-first traversal."""
    from curate.select.strategies.farthest_first import plain_farthest_first

    for maker in SPACES.values():
        embeddings = Embeddings(maker(), metric, "test")
        product = product_of(len(embeddings), diversity=1.0)
        found = plain_product(embeddings, Request(K), product)
        asked = plain_farthest_first(embeddings, Request(K))
        assert found.picks.tolist() == asked.picks.tolist()
        np.testing.assert_array_equal(found.distances, asked.distances)


@pytest.mark.parametrize("strength", [0.2, 1, 3])
def test_balance_alone_meets_every_feasible_target(strength):
    """Whatever the target, each class gets exactly its quota if it has so many items."""
    vectors = SPACES["gaussian"]()
    labels = labels_of(len(vectors), 5)
    for quotas in ([6, 6, 6, 6, 6], [0, 1, 2, 7, 20], [30, 0, 0, 0, 0]):
        wanted = [(one_hot(labels), quotas, [0] * 5, strength)]
        found = made(vectors, "euclidean", Request(30), balances=wanted)
        assert np.bincount(labels[found.picks], minlength=5).tolist() == quotas


def test_balance_by_shares_comes_within_one_item():
    """Items that count for several classes reach a target that mixtures can reach."""
    vectors = np.random.default_rng(0).normal(size=(2000, 3))
    soft = np.random.default_rng(1).dirichlet([0.5] * 6, 2000)
    quotas = np.array([40, 10, 10, 20, 5, 15.0])
    found = made(vectors, "euclidean", Request(100), balances=[(soft, quotas, [0] * 6, 1.0)])
    assert np.abs(soft[found.picks].sum(axis=0) - quotas).max() < 1


def test_a_full_class_is_taken_only_when_nothing_else_is_left():
    """Once a class has its quota the others go first, and then it fills the rest."""
    vectors = np.random.default_rng(0).normal(size=(40, 3))
    labels = np.array([0] * 30 + [1] * 10)
    wanted = [(one_hot(labels), [5, 25], [0, 0], 1.0)]
    found = made(vectors, "euclidean", Request(30), diversity=1.0, balances=wanted)
    assert np.bincount(labels[found.picks[:15]]).tolist() == [5, 10]
    assert np.bincount(labels[found.picks]).tolist() == [20, 10]


def test_min_distance_skips_and_goes_on():
    """A candidate that is too close is passed over; the next best is taken."""
    vectors = np.random.default_rng(0).uniform(size=(300, 2))
    fixed = np.exp(-np.linalg.norm(vectors - 0.5, axis=1))
    found = made(vectors, "euclidean", Request(40), fixed=fixed)
    apart = made(vectors, "euclidean", Request(40, min_distance=0.05), fixed=fixed)
    assert found.picks[0] == apart.picks[0]
    assert len(apart) == 40
    pairs = textbook_distances(vectors[apart.picks], vectors[apart.picks], "euclidean")
    assert pairs[np.triu_indices(40, 1)].min() >= 0.05


def test_a_strength_weighs_a_factor_alike_at_every_pick():
    """The factors at pick are in (0, 1], and multiply to a product that only falls."""
    vectors = SPACES["gaussian"]()
    n = len(vectors)
    fixed = np.random.default_rng(1).uniform(0.05, 1, n)
    wanted = product_of(
        n, fixed=fixed, diversity=1.0, balances=[(one_hot(labels_of(n)), [10] * 4, [0] * 4, 1.0)]
    )
    found = plain_product(Embeddings(vectors, "euclidean", "test"), Request(40), wanted)
    diversity = diversity_at_pick(wanted, found)
    balance = balance_at_pick(wanted.balances[0], wanted, found)
    assert diversity[0] == 1
    assert found.reach == textbook_distances(vectors, vectors[found.picks[:1]], "euclidean").max()
    for factor in (diversity, balance):
        assert ((factor > 0) & (factor <= 1)).all()
    assert (np.diff(fixed[found.picks] * diversity * balance) <= 1e-12).all()
