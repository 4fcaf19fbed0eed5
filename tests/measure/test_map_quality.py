"""Quality of maps, against scikit-learn."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from curate.measure.map_quality import map_quality


@pytest.mark.parametrize("k", [1, 5, 20])
def test_trustworthiness_and_continuity_against_scikit_learn(rng, k):
    """Both equal scikit-learn's trustworthiness, continuity with its arguments exchanged."""
    from sklearn.manifold import trustworthiness

    points = rng.normal(size=(90, 7))
    flat = points[:, :2] + 0.3 * rng.normal(size=(90, 2))
    found = map_quality(points, flat, k)
    assert found.trustworthiness == pytest.approx(trustworthiness(points, flat, n_neighbors=k))
    assert found.continuity == pytest.approx(trustworthiness(flat, points, n_neighbors=k))
    assert 0 < found.preserved < 1


def test_a_plane_is_shown_as_it_is(rng):
    """A map that is the space keeps everything; with k ≥ m/2 there is no number."""
    plane = rng.normal(size=(40, 2))
    found = map_quality(plane, plane * 3 + 1, 5)
    assert (found.trustworthiness, found.continuity, found.preserved) == (1, 1, 1)
    assert map_quality(plane, plane, 20) is None


def test_a_sample_of_queries_is_near_the_whole(rng):
    """Ranks are among all points whichever are asked; as many are asked as are given."""
    points = rng.normal(size=(600, 5))
    flat = points[:, :2] + 0.1
    whole = map_quality(points, flat, 10)
    sampled = map_quality(points, flat, 10, np.arange(0, 600, 3))
    assert (whole.asked, sampled.asked) == (600, 200)
    assert sampled.trustworthiness == pytest.approx(whole.trustworthiness, abs=0.02)
    assert sampled.continuity == pytest.approx(whole.continuity, abs=0.02)


def test_blocks_of_distances_change_nothing(rng, monkeypatch):
    """A block of one query gives the numbers of all at once."""
    points = rng.integers(0, 4, size=(70, 3)).astype(float)  # with ties
    flat = points[:, :2] + rng.integers(0, 2, size=(70, 2))
    whole = map_quality(points, flat, 7)
    monkeypatch.setattr(import_module("curate.measure.map_quality"), "BLOCK", 1)
    assert map_quality(points, flat, 7) == whole


def test_copies_of_points_do_not_depend_on_their_order(rng):
    """Points at equal distance have one rank: turned round, the rows give the same numbers."""
    points = np.repeat(rng.normal(size=(40, 5)), 2, axis=0)
    flat = points[:, :2]
    turned = map_quality(points[::-1], flat[::-1], 6)
    assert turned.trustworthiness == map_quality(points, flat, 6).trustworthiness
