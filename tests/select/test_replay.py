"""Picks that are known: their distances equal those of a traversal that makes the same picks."""

from __future__ import annotations

import numpy as np
import pytest

from curate.core.values import Embeddings
from curate.select import replay as module
from curate.select.nearest_selected import start_tracking
from curate.select.replay import replay
from curate.select.request import Request
from curate.select.strategies.farthest_first import plain_farthest_first
from oracles import textbook_distances
from spaces import SPACES


@pytest.fixture(params=[(2048, 256), (64, 7)], ids=["one block", "many blocks"], autouse=True)
def _sizes(request, monkeypatch):
    monkeypatch.setattr(module, "BLOCK", request.param[0])
    monkeypatch.setattr(module, "CHUNK", request.param[1])


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("name", SPACES)
def test_replaying_a_traversal_gives_its_selection(name, metric):
    """Distances, radii, coverage and nearest picks are those that the traversal noted."""
    embeddings = Embeddings(SPACES[name](), metric, "test")
    made = plain_farthest_first(embeddings, Request(k=min(30, len(embeddings))))
    again = replay(embeddings, made.picks, Request(k=len(made)), "diversity")
    for field in ("picks", "distances", "radii", "coverage", "nearest"):
        assert np.array_equal(getattr(again, field), getattr(made, field)), field


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_any_order_and_a_datapool_equal_the_textbook(metric, threads, rng):
    """Each value is that of the whole matrix of distances, on one thread as on three."""
    vectors = rng.normal(size=(300, 6)).astype(np.float32)
    pool = rng.normal(size=(9, 6))
    picks = rng.permutation(300)[:40]
    found = replay(
        Embeddings(vectors, metric, "test"),
        picks,
        Request(k=40, datapool=pool, threads=threads),
        "given",
    )
    to_picks = textbook_distances(vectors, vectors[picks], metric)
    to_pool = textbook_distances(vectors, pool, metric)
    before = np.column_stack([to_pool.min(axis=1), to_picks])
    so_far = np.minimum.accumulate(before, axis=1)
    assert found.distances == pytest.approx(so_far[picks, np.arange(40)], rel=1e-12)
    assert found.radii == pytest.approx(so_far[:, 1:].max(axis=0), rel=1e-12)
    assert found.coverage == pytest.approx(so_far[:, -1], rel=1e-12, abs=1e-15)
    assert found.nearest.tolist() == np.column_stack([to_picks, to_pool]).argmin(axis=1).tolist()


def test_a_repeated_item_is_at_distance_zero_and_belongs_to_the_first(rng):
    """Of equal picks the earlier one covers the item, as in a traversal."""
    vectors = np.repeat(rng.normal(size=(20, 4)), 2, axis=0)
    picks = np.array([3, 2, 10])
    found = replay(Embeddings(vectors, "euclidean", "test"), picks, Request(k=3), "given")
    tracked = start_tracking(vectors, "euclidean", None)
    for row in picks:
        tracked.add(int(row))
    assert found.distances.tolist()[:2] == [np.inf, 0.0]
    assert found.nearest.tolist() == tracked.nearest.tolist()
