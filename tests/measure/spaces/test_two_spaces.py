"""Two spaces, and a space that changes: chance levels, invariances and oracles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import procrustes as scipy_procrustes
from scipy.spatial.distance import pdist
from scipy.stats import energy_distance, spearmanr

from curate.core.distance import k_nearest
from curate.measure.spaces.agreement import agreement, by_label, changed_most, common_count
from curate.measure.spaces.drift import energy, shares
from curate.measure.spaces.retrieval import paired_differences
from curate.measure.spaces.similarity import cka, pair_ranks, prepared, procrustes, rsa, similarity
from space_oracles import textbook_hsic

SEED = np.random.SeedSequence(2)


def neighbours(vectors, k):
    return k_nearest(vectors, vectors, k, "euclidean", own_rows=np.arange(len(vectors))).rows


def centred(points):
    return points - points.mean(axis=0)


def rotated(points, rng):
    turn = np.linalg.qr(rng.normal(size=(points.shape[1],) * 2))[0]
    return points @ turn


def test_unrelated_spaces_agree_by_chance(rng):
    """1,000 items, k = 10: overlap .01 and IoU .005, not the .06 of who counts the item itself."""
    one, two = (neighbours(rng.normal(size=(1000, 16)), 10) for _ in range(2))
    found = agreement(one, two, 10, 1000).summary
    assert found.chance == pytest.approx(10 / 999)
    assert found.overlap == pytest.approx(found.chance, abs=0.003)
    assert found.iou == pytest.approx(found.chance_iou, abs=0.002)
    assert sum(found.chance_counts) == pytest.approx(1000)
    assert found.chance_counts @ np.arange(11) / 10_000 == pytest.approx(found.chance)


def test_a_rotated_space_agrees_fully(rng):
    """Turned, scaled and moved, a space agrees 1.0 by every measure."""
    points = rng.normal(size=(200, 9)) * np.arange(1, 10)
    other = 3 * rotated(points, rng) + 5
    found = agreement(neighbours(points, 10), neighbours(other, 10), 10, 200).summary
    assert (found.iou, found.overlap, found.counts[10]) == (1, 1, 200)
    alike = similarity(*(prepared(one, np.arange(200)) for one in (points, other)))
    assert alike.cka == pytest.approx(1, abs=1e-12)
    assert alike.rsa == pytest.approx(1, abs=1e-9)
    assert alike.procrustes == pytest.approx(0, abs=1e-12)


def test_counts_and_iou_by_hand():
    """Two lists of three with one, with no and with three common rows."""
    one = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    two = np.array([[9, 1, 8], [1, 2, 3], [9, 7, 8]])
    assert common_count(one, two).tolist() == [1, 0, 3]
    found = agreement(one, two, 3, 100).summary
    assert found.counts == [1, 1, 0, 1]
    assert found.iou == pytest.approx((1 / 5 + 0 + 1) / 3)


def test_agreement_of_labels_and_what_changed_most():
    """Means are per label, unlabelled items count nowhere, outliers come last among equals."""
    common = np.array([10, 0, 5, 0])
    means = by_label(common, np.array([0, 0, 1, -1]), 10, 3)
    assert means[:2].tolist() == [0.5, 0.5]
    assert np.isnan(means[2])
    order = changed_most(common, np.array([1.0, 9, 1, 1]), np.array([1.0, 9, 1, 2]))
    assert order.tolist() == [3, 1, 2, 0]


def test_cka_equals_its_definition(rng):
    """Debiased CKA equals the unbiased HSIC with n × n matrices, and is 1 with itself."""
    x = rng.normal(size=(60, 7)) + 4
    y = x[:, :3] ** 2 + rng.normal(size=(60, 3))
    a, b = centred(x), centred(y)
    expected = textbook_hsic(a, b) / np.sqrt(textbook_hsic(a, a) * textbook_hsic(b, b))
    assert cka(a, b) == pytest.approx(expected, abs=1e-12)
    assert cka(a, a) == pytest.approx(1, abs=1e-14)
    assert cka(b, b) == pytest.approx(1, abs=1e-14)


def test_cka_of_noise_is_about_zero(rng):
    """The biased form gives .5 and more on wide noise; the debiased one averages to 0."""
    found = [
        cka(centred(rng.normal(size=(100, 80))), centred(rng.normal(size=(100, 80))))
        for _ in range(20)
    ]
    x, y = centred(rng.normal(size=(100, 80))), centred(rng.normal(size=(100, 80)))
    biased = ((x.T @ y) ** 2).sum() / np.sqrt(((x.T @ x) ** 2).sum() * ((y.T @ y) ** 2).sum())
    assert biased > 0.3
    assert abs(np.mean(found)) < 0.02


def test_rsa_against_scipy(rng):
    """Spearman of pairwise distances, ties included."""
    x, y = rng.integers(0, 3, size=(50, 4)).astype(float), rng.normal(size=(50, 6))
    expected = spearmanr(pdist(x), pdist(y)).statistic
    assert rsa(pair_ranks(x), pair_ranks(y)) == pytest.approx(expected, abs=1e-12)


def test_procrustes_against_scipy(rng):
    """scipy's disparity, also where one space has fewer dimensions."""
    x = rng.normal(size=(40, 5))
    y = rng.normal(size=(40, 3)) + x[:, :3]
    padded = np.pad(y, ((0, 0), (0, 2)))
    expected = scipy_procrustes(x, padded)[2]
    assert procrustes(centred(x), centred(y)) == pytest.approx(expected, abs=1e-12)


def test_equal_points_have_no_likeness(rng):
    """A space of equal points is undefined, not 0."""
    both = (np.ones((20, 3)), rng.normal(size=(20, 3)))
    alike = similarity(*(prepared(points, np.arange(20)) for points in both))
    assert (alike.cka, alike.rsa, alike.procrustes) == (None, None, None)


def test_bootstrap_interval_is_that_of_theory(rng):
    """For a mean of differences the interval is about ±1.96 standard errors; of 0 it is 0."""
    a, b = rng.normal(size=(400, 2)), rng.normal(size=(400, 2))
    a[:, 1] = b[:, 1]
    first, second = paired_differences(a, b, SEED)
    apart = a[:, 0] - b[:, 0]
    error = 1.96 * apart.std() / 20
    assert first.mean == pytest.approx(apart.mean())
    assert first.low == pytest.approx(apart.mean() - error, abs=0.12 * error)
    assert first.high == pytest.approx(apart.mean() + error, abs=0.12 * error)
    assert second == (0, 0, 0)


def test_energy_distance_against_scipy(rng):
    """In one dimension it is scipy's; permutations of one source are as large."""
    old, new = rng.normal(size=120), rng.normal(size=90) + 0.5
    found = energy(old[:, None], new[:, None], SEED)
    assert found.distance == pytest.approx(energy_distance(old, new), abs=1e-9)
    assert found.exact
    assert (found.as_large, found.permutations) == (0, 200)
    assert found.permuted < found.permuted_high < found.distance
    same = energy(rng.normal(size=(150, 4)), rng.normal(size=(150, 4)), SEED)
    assert same.as_large > 0.02 * same.permutations


def test_cluster_shares(rng):
    """Two old groups, one of which the new data lack: shares .5/.5 against 1/0."""
    groups = np.repeat([[0.0, 0], [50, 50]], 30, axis=0)
    old = groups + rng.normal(size=(60, 2))
    new = rng.normal(size=(40, 2))
    found = shares(old, new, 2, SEED)
    assert sorted(found.new.tolist()) == [0, 1]
    assert found.old.tolist() == [0.5, 0.5]
    assert found.distance == pytest.approx(0.5)
    assert shares(np.ones((5, 2)), new, 2, SEED) is None
