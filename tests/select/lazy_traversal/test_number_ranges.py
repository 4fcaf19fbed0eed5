"""Numbers at the ends of their range, and in every order of memory: still the textbook's picks."""

from __future__ import annotations

import numpy as np
import pytest

from curate.core.distance import lengths
from curate.core.values import Embeddings
from curate.select.lazy_traversal import traversal
from curate.select.lazy_traversal.bucket_queue import BucketQueue
from curate.select.lazy_traversal.kernels import ItemState
from curate.select.lazy_traversal.traversal import lazy_farthest_first
from curate.select.request import Request
from curate.select.strategies.farthest_first import plain_farthest_first
from oracles import textbook_farthest_first

VECTORS = np.random.default_rng(5).normal(size=(700, 3))


def test_what_is_pulled_is_what_was_counted():
    """Also where an edge lies between two of the smallest float32 numbers, all that are not below
    it come out of the queue, and nothing else: room is made for no more."""
    rng = np.random.default_rng(1)
    for edge in rng.uniform(1, 39, size=100) * 2.0**-149:
        squared = (rng.integers(1, 40, size=64) * 2.0**-149).astype(np.float32)
        zeros = np.zeros(64, np.int32)
        queue = BucketQueue(ItemState(squared, zeros, zeros, np.zeros(64, bool), np.empty(0)))
        order, reached = queue.pull(1, edge)
        assert reached <= edge
        assert order.tolist() == np.flatnonzero(squared >= reached).tolist()


@pytest.mark.parametrize("exponent", [-140, -80, -75, -70, -66, -62, -58, -40, -20, 62, 63, 100])
def test_float32_values_of_any_size(exponent, monkeypatch):
    """Vectors multiplied by a power of two, and their squares subnormal or infinite in float32,
    give the textbook's picks and distances."""
    monkeypatch.setattr(traversal, "POOL", 20)
    vectors = np.ldexp(VECTORS.astype(np.float32), exponent)
    picks, distances = textbook_farthest_first(vectors, 200, "euclidean", start=0)
    ours = lazy_farthest_first(Embeddings(vectors, "euclidean", ""), Request(200, start=0))
    assert ours.picks.tolist() == picks
    np.testing.assert_allclose(ours.distances, distances, rtol=1e-12)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_columns_first_gives_the_same_lengths(kind):
    """Under cosine, too, order in memory changes nothing: lengths agree to the last bit."""
    vectors = np.random.default_rng(5).normal(size=(400, 33)).astype(kind)
    turned = np.asfortranarray(vectors)
    np.testing.assert_array_equal(lengths(turned), lengths(vectors))
    plain = plain_farthest_first(Embeddings(vectors, "cosine", ""), Request(100))
    ours = lazy_farthest_first(Embeddings(turned, "cosine", ""), Request(100))
    np.testing.assert_array_equal(ours.picks, plain.picks)
    np.testing.assert_array_equal(ours.coverage, plain.coverage)
