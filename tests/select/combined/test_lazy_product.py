"""The lazy product beside the plain one: the same selection, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.core.values import Embeddings
from curate.select.combined.factors import BalanceFactor, Product
from curate.select.combined.lazy_product import can_be_lazy, lazy_product
from curate.select.combined.plain_product import plain_product
from curate.select.lazy_traversal import traversal
from curate.select.request import Request
from spaces import METRICS, SPACES


def weights(n, rng):
    return rng.uniform(0.05, 1, n)


def one_of_each(n, rng, k, sizes=(4,), strength=1.0):
    """PackedBalances over single classes: every combination of classes is a group."""
    classes = np.stack([rng.choice(size, n) for size in sizes], axis=1)
    found, groups = np.unique(classes, axis=0, return_inverse=True)
    balances = tuple(
        BalanceFactor(np.eye(size)[found[:, b]], np.full(size, k / size), np.zeros(size), strength)
        for b, size in enumerate(sizes)
    )
    return groups.reshape(-1).astype(np.int32), balances


def mixed(n, rng, k):
    """A balance in which an item counts for several classes, and some for none."""
    membership = rng.dirichlet(np.full(3, 0.5), 30)
    membership[0] = 0
    balance = BalanceFactor(membership, np.array([0.5, 0.3, 0.2]) * k, np.array([0.0, 2.0, 0.0]))
    return rng.integers(0, 30, n).astype(np.int32), (balance,)


def products(n, k, rng):
    """Products by name, of what users combine."""
    none = np.zeros(n, np.int32)
    single, balance = one_of_each(n, rng, k)
    double, balances = one_of_each(n, rng, k, (3, 5))
    shared, several = mixed(n, rng, k)
    ones, own = np.ones(n), weights(n, rng)
    return {
        "weights": Product(own, none, 1.0),
        "balance": Product(ones, single, 1.0, balance),
        "weights and balance": Product(own, single, 1.0, balance),
        "two balances": Product(own**2, double, 1.0, balances),
        "classes in part": Product(ones, shared, 1.0, several),
        "few weights": Product(rng.choice([0.25, 0.5, 1], n), single, 1.0, balance),
    }


@pytest.fixture
def small_rounds(monkeypatch):
    """Pools so small that they overflow at every turn, and ties do not fit into them."""
    monkeypatch.setattr(traversal, "POOL", 5)
    monkeypatch.setattr(traversal, "FEWEST_PULLED", 2)
    monkeypatch.setattr(traversal, "MOST_PULLED", 40)


def assert_same(vectors, metric, request, product):
    embeddings = Embeddings(vectors, metric, "test")
    assert can_be_lazy(embeddings, product)
    plain = plain_product(embeddings, request, product)
    ours = lazy_product(embeddings, request, product)
    for field in ("picks", "distances", "radii", "coverage", "nearest", "reach"):
        np.testing.assert_array_equal(getattr(ours, field), getattr(plain, field), err_msg=field)
    assert ours.notes == plain.notes
    assert ours.strategy == plain.strategy


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("share", [0.05, 0.6])
@pytest.mark.parametrize("name", SPACES)
def test_selections_are_identical(name, share, metric):
    """Whatever is combined, picks, distances, radii and coverage are the plain way's."""
    vectors = SPACES[name]()
    k = max(2, int(share * len(vectors)))
    rng = np.random.default_rng(5)
    for product in products(len(vectors), k, rng).values():
        assert_same(vectors, metric, Request(k), product)


@pytest.mark.usefixtures("small_rounds")
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", ["gaussian", "integer_grid", "duplicated", "far_outliers"])
def test_a_pool_that_overflows_changes_nothing(name, metric):
    """However few survivors are picked among at once, the selection is the same."""
    vectors = SPACES[name]()
    k = len(vectors) // 3
    for product in products(len(vectors), k, np.random.default_rng(6)).values():
        assert_same(vectors, metric, Request(k, start="first"), product)


@pytest.mark.parametrize("metric", METRICS)
def test_datapool_candidates_and_minimum_distance_together(metric):
    """What is chosen already, may not be chosen, or is too near is respected alike."""
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(900, 6)).astype(np.float32)
    request = Request(
        400,
        datapool=rng.normal(size=(70, 6)).astype(np.float32),
        candidates=rng.uniform(size=900) < 0.8,
        min_distance=0.9 if metric == "euclidean" else 0.05,
    )
    for product in products(900, 400, rng).values():
        assert_same(vectors, metric, request, product)


@pytest.mark.parametrize("strengths", [(0.5, 1.0), (2.0, 0.5), (3.0, 2.0)])
@pytest.mark.parametrize("metric", METRICS)
def test_strengths(metric, strengths):
    """Powers of distance and of balance lead to the same picks."""
    rng = np.random.default_rng(9)
    vectors = rng.normal(size=(700, 7)).astype(np.float32)
    groups, balances = one_of_each(700, rng, 120, (4, 2), strengths[1])
    product = Product(weights(700, rng), groups, strengths[0], balances)
    assert_same(vectors, metric, Request(120), product)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_threads_change_nothing(threads):
    """One, two and four threads make the same selection."""
    rng = np.random.default_rng(4)
    vectors = rng.normal(size=(4000, 10)).astype(np.float32)
    product = products(4000, 300, rng)["two balances"]
    assert_same(vectors, "euclidean", Request(300, threads=threads), product)


@settings(deadline=None, max_examples=60)
@given(
    points=st.lists(st.tuples(*[st.integers(-2, 2)] * 2), min_size=2, max_size=40),
    wanted=st.data(),
)
def test_on_small_grids(points, wanted):
    """On grids, where scores tie all the time, the two agree."""
    vectors = np.array(points, dtype=np.float32)
    n = len(vectors)
    k = wanted.draw(st.integers(1, n))
    fixed = np.array(wanted.draw(st.lists(st.sampled_from([0.25, 1.0]), min_size=n, max_size=n)))
    groups = np.array(wanted.draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)), np.int32)
    groups[0] = 1
    balance = BalanceFactor(np.eye(2), np.array([k / 2, k / 2]), np.zeros(2))
    least = wanted.draw(st.sampled_from([0.0, 1.0, 1.5]))
    product = Product(fixed, groups, 1.0, (balance,))
    assert_same(vectors, "euclidean", Request(k, min_distance=least), product)
