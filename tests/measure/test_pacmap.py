"""PaCMAP: its pairs and its loss are those of the paper, its maps keep neighbours."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from curate.measure.map_quality import map_quality
from curate.measure.pacmap import PointPairs, drawn_others, gradient, pacmap, pairs_of, weights
from curate.measure.projections import best_map, principal, principal_map
from oracles import textbook_distances

SEED = np.random.SeedSequence(0)


def textbook_loss(places, pairs, weight):
    """The sum over all pairs as the paper has it, pair by pair."""
    total = 0.0
    for kind, partners in enumerate(pairs):
        for i, others in enumerate(partners.T):
            for j in others:
                far = 1 + ((places[:, i] - places[:, j]) ** 2).sum()
                loss = (far / (10 + far), 1 / (1 + far), far / (10_000 + far))[kind]
                total += weight[kind] * loss
    return total


def test_the_gradient_is_that_of_the_loss():
    """Derivatives equal central differences of the loss, whatever the weights."""
    rng = np.random.default_rng(0)
    points, places = rng.normal(size=(40, 5)), 3 * rng.normal(size=(2, 40))
    pairs, weight = pairs_of(points, 10, rng), (2.0, 1.0, 500.0)
    found = gradient(places, pairs, weight)
    for axis, item in ((0, 0), (1, 0), (0, 17), (1, 39)):
        step = np.zeros_like(places)
        step[axis, item] = 1e-5
        up, down = (textbook_loss(places + one, pairs, weight) for one in (step, -step))
        assert found[axis, item] == pytest.approx((up - down) / 2e-5, rel=1e-5)


def test_what_is_large_is_taken_in_parts(monkeypatch):
    """The gradient is the same, up to rounding, however few pairs are handled at once."""
    rng = np.random.default_rng(0)
    pairs, places = pairs_of(rng.normal(size=(60, 5)), 10, rng), rng.normal(size=(2, 60))
    whole = gradient(places, pairs, (1.0, 1.0, 3.0))
    monkeypatch.setattr(import_module("curate.measure.pacmap"), "AT_ONCE", 1)
    np.testing.assert_allclose(gradient(places, pairs, (1.0, 1.0, 3.0)), whole, rtol=1e-9)


def test_near_pairs_are_the_nearest_by_scaled_distance():
    """They are those of a full matrix of d² / (σᵢ σⱼ)."""
    rng = np.random.default_rng(1)
    points = rng.normal(size=(50, 3)) * np.exp(rng.normal(size=(50, 1)))
    distances = textbook_distances(points, points, "euclidean")
    spread = np.sort(distances, axis=1)[:, 4:7].mean(axis=1)  # column 0 is the point itself
    scaled = distances**2 / np.outer(spread, spread)
    np.fill_diagonal(scaled, np.inf)
    expected = np.argsort(scaled, axis=1)[:, :10]
    np.testing.assert_array_equal(pairs_of(points, 10, rng).near.T, expected)


def test_pairs_are_all_different():
    """Nobody is its own partner, a further one is never near, no partner comes twice in a kind."""
    points = np.random.default_rng(2).normal(size=(36, 4))
    pairs = pairs_of(points, 10, np.random.default_rng(0))
    assert [len(partners) for partners in pairs] == [10, 20, 5]
    for i in range(36):
        for one in (np.append(pairs.near[:, i], pairs.further[:, i]), pairs.mid_near[:, i]):
            assert i not in one
            assert len(set(one.tolist())) == len(one)


def test_draws_are_uniform():
    """Each row that is not taken comes up equally often, the others never."""
    taken = np.tile([[3], [0], [7]], 10)  # of 10 rows
    seeds = np.random.SeedSequence(0).spawn(3_000)
    few = np.stack([drawn_others(taken, 4, np.random.default_rng(seed)) for seed in seeds])
    counts = np.bincount(few.ravel(), minlength=10)
    assert counts[[0, 3, 7]].tolist() == [0, 0, 0]
    expected = few.size / 7
    assert np.abs(counts[[1, 2, 4, 5, 6, 8, 9]] / expected - 1).max() < 0.03


def test_mid_near_pairs_are_the_second_nearest_of_six():
    """The second smallest of six uniform numbers lies at 2/7 on average; so do their ranks."""
    points = np.random.default_rng(3).normal(size=(400, 6))
    partners = pairs_of(points, 10, np.random.default_rng(0)).mid_near
    ranks = textbook_distances(points, points, "euclidean").argsort(axis=1).argsort(axis=1)
    mean = np.take_along_axis(ranks, partners.T, axis=1).mean() / 400
    assert mean == pytest.approx(2 / 7, abs=0.015)


def test_weights_are_those_of_the_three_phases():
    """Mid-near pairs go from 1000 to 3 and then to 0, near ones from 2 to 3 to 1."""
    assert weights(0) == (2, 1, 1000)
    assert weights(50) == (2, 1, 501.5)
    assert weights(100) == weights(199) == (3, 1, 3)
    assert weights(200) == weights(449) == (1, 1, 0)


def test_a_rolled_sheet_is_laid_flat():
    """Of a Swiss roll the map keeps the neighbours, which principal components do not."""
    rng = np.random.default_rng(0)
    turn = 9 * rng.random(800)
    roll = np.column_stack([turn * np.cos(turn), 20 * rng.random(800), turn * np.sin(turn)])
    found = principal(roll)
    for one, least, most in (
        (best_map(roll, SEED), 0.995, 1.0),
        (principal_map(found), 0.0, 0.95),
    ):
        kept = map_quality(roll, np.column_stack([one.x, one.y]), 10)
        assert least <= kept.trustworthiness <= most


def test_the_scale_of_the_points_does_not_matter():
    """Points at 1e-150 and at 1e150 give the same picture, and none that is not finite."""
    points = np.random.default_rng(0).normal(size=(60, 8))
    usual = best_map(points, SEED)
    for factor in (2.0**-400, 2.0**400):
        other = best_map(factor * points, SEED)
        assert (other.x, other.y) == (usual.x, usual.y)


def test_equal_points_stay_finite():
    """Most points in one place: distances of 0 divide nothing."""
    points = np.zeros((50, 4))
    points[:3] = np.eye(4)[:3]
    places = pacmap(points, points[:, :2], 10, np.random.default_rng(0))
    assert np.isfinite(places).all()


def test_no_pairs_of_a_kind_pull_nothing():
    """PointPairs of weight 0 add nothing to the gradient."""
    rng = np.random.default_rng(0)
    pairs, places = pairs_of(rng.normal(size=(40, 3)), 10, rng), rng.normal(size=(2, 40))
    without = PointPairs(pairs.near, pairs.further, pairs.mid_near[:0])
    np.testing.assert_array_equal(
        gradient(places, pairs, (1.0, 1.0, 0.0)), gradient(places, without, (1.0, 1.0, 5.0))
    )
