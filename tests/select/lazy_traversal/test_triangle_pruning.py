"""Picks that cannot be the nearest: what is ruled out is never what would have been found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.core.values import Embeddings
from curate.select.lazy_traversal import bounds
from curate.select.lazy_traversal.traversal import lazy_farthest_first
from curate.select.request import Request
from curate.select.strategies.farthest_first import plain_farthest_first

K = 300


def clusters(seed, n=6000, dimensions=12, many=40):
    """Clusters far apart and of very different widths, some of them a single point."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 5, (many, dimensions))
    widths = np.exp(rng.uniform(np.log(0.01), np.log(2), many))
    widths[:3] = 0
    which = rng.choice(many, n, p=rng.dirichlet(np.full(many, 0.7)))
    return (centres[which] + rng.normal(size=(n, dimensions)) * widths[which, None]).astype(
        np.float32
    )


@pytest.fixture
def shares(monkeypatch):
    """For each time that picks were ruled out, the share of items that were up to date then."""
    seen = []
    real = bounds.rule_out

    def watched(order, thread_pool, items, prefix, upto, rounding, state):
        real(order, thread_pool, items, prefix, upto, rounding, state)
        seen.append(float((state.seen[order] == upto).mean()))

    monkeypatch.setattr(bounds, "rule_out", watched)
    return seen


def assert_coverage_is_exact(vectors, metric, request):
    embeddings = Embeddings(vectors, metric, "test")
    plain = plain_farthest_first(embeddings, request)
    ours = lazy_farthest_first(embeddings, request)
    for field in ("picks", "coverage", "nearest", "radii"):
        np.testing.assert_array_equal(getattr(ours, field), getattr(plain, field), err_msg=field)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_most_is_ruled_out_among_clusters_and_coverage_stays_exact(kind, metric, shares):
    """Coverage and nearest picks are the plain ones, bit for bit, where most picks are left out."""
    assert_coverage_is_exact(clusters(0).astype(kind), metric, Request(K, threads=2))
    assert len(shares) == 1
    assert shares[0] > 0.5


def test_nothing_is_ruled_out_where_all_are_as_near(shares):
    """Where all distances are alike there is nothing to leave out, and nothing is lost."""
    vectors = np.random.default_rng(1).normal(size=(4000, 256)).astype(np.float32)
    assert_coverage_is_exact(vectors, "cosine", Request(K))
    assert shares[0] < 0.1


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_a_datapool_has_cells_too(metric, shares):
    """Items whose nearest is of the datapool are ruled out as others are."""
    vectors = clusters(2)
    pool = clusters(2)[::50] + np.float32(0.001)
    assert_coverage_is_exact(vectors, metric, Request(K, datapool=pool))
    assert shares[0] > 0.5


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    copies=st.integers(1, 4),
    steps=st.sampled_from([0.0, 0.25, 1.0]),
    offset=st.sampled_from([0.0, 1000.0]),
    k=st.integers(2, 400),
)
def test_ties_and_duplicates_among_clusters(seed, copies, steps, offset, k):
    """With repeats, coordinates in steps and an offset, ties go to the earliest pick as ever."""
    vectors = clusters(seed, n=1500 // copies, dimensions=4, many=15)
    if steps:
        vectors = np.round(vectors / np.float32(steps)) * np.float32(steps)
    vectors = np.tile(vectors + np.float32(offset), (copies, 1))
    assert_coverage_is_exact(vectors, "euclidean", Request(k))
