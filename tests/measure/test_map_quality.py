"""Quality of maps, against scikit-learn."""

from __future__ import annotations

import pytest

from curate.measure.map_quality import flatness


@pytest.mark.parametrize("k", [1, 5, 20])
def test_trustworthiness_and_continuity_against_scikit_learn(rng, k):
    """Both equal scikit-learn's trustworthiness, continuity with its arguments exchanged."""
    from sklearn.manifold import trustworthiness

    points = rng.normal(size=(90, 7))
    flat = points[:, :2] + 0.3 * rng.normal(size=(90, 2))
    found = flatness(points, flat, k)
    assert found.trustworthiness == pytest.approx(trustworthiness(points, flat, n_neighbors=k))
    assert found.continuity == pytest.approx(trustworthiness(flat, points, n_neighbors=k))
    assert 0 < found.preserved < 1


def test_a_plane_is_shown_as_it_is(rng):
    """A map that is the space keeps everything; with k ≥ m/2 there is no number."""
    plane = rng.normal(size=(40, 2))
    found = flatness(plane, plane * 3 + 1, 5)
    assert (found.trustworthiness, found.continuity, found.preserved) == (1, 1, 1)
    assert flatness(plane, plane, 20) is None
