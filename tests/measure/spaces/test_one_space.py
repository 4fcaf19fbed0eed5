"""Pairs, shape, silhouette and clusters: hand-checked values and independent oracles."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from curate.measure.spaces import clusters as clusters_of
from curate.measure.spaces import pairs as pairs_of
from curate.measure.spaces.clusters import silhouette
from curate.measure.spaces.pairs import auc, jsd_bits, pair_histograms
from curate.measure.spaces.parallel_blocks import Effort
from curate.measure.spaces.retrieval import mixed_pairs
from curate.measure.spaces.shape import (
    decay,
    density,
    effective_rank,
    singular_values,
    spectrum,
    uniformity,
)
from space_oracles import NEEDS_TORCH, textbook_density, unit_rows

SEED = np.random.SeedSequence(1)


@pytest.fixture
def labelled(rng):
    codes = rng.integers(0, 6, size=240)
    return rng.normal(size=(240, 8)) + rng.normal(size=(6, 8))[codes], codes


@pytest.mark.parametrize(
    ("p", "q", "expected"),
    [([1, 0], [0, 1], 1), ([0.3, 0.7], [0.3, 0.7], 0), ([0.5, 0.5, 0], [0, 0.5, 0.5], 0.5)],
)
def test_jsd_in_bits(p, q, expected):
    """Disjoint is 1, identical 0, half shared .5; scipy's is the square root of ours."""
    p, q = np.array(p, float), np.array(q, float)
    assert jsd_bits(p, q) == pytest.approx(expected, abs=1e-15)
    assert jsd_bits(p, q) == pytest.approx(jensenshannon(p, q, base=2) ** 2, abs=1e-12)


def test_pair_histograms_agree_with_loops(labelled):
    """Areas are 1, means and counts are those of all pairs i < j, written out."""
    vectors, codes = labelled
    unit = unit_rows(vectors)
    found = pair_histograms(unit, codes, SEED)
    similar = {True: [], False: []}
    for i in range(len(unit)):
        for j in range(i + 1, len(unit)):
            similar[bool(codes[i] == codes[j])].append(unit[i] @ unit[j])
    assert found.exact
    assert (found.n_positive, found.n_negative) == (len(similar[True]), len(similar[False]))
    assert found.positive_mean == pytest.approx(np.mean(similar[True]), abs=1e-12)
    assert found.negative_mean == pytest.approx(np.mean(similar[False]), abs=1e-12)
    assert sum(found.positive) == pytest.approx(1)
    counts = np.histogram(similar[True], bins=200, range=(-1, 1))[0]
    np.testing.assert_allclose(np.array(found.positive) * found.n_positive, counts, atol=1e-9)
    assert found.jsd > 3 * max(found.floor)


def test_auc_against_scikit_learn(rng):
    """AUC equals roc_auc_score, ties included."""
    from sklearn.metrics import roc_auc_score

    positive, negative = rng.integers(0, 9, 300) / 8, rng.integers(0, 7, 500) / 8
    truth = np.repeat([1, 0], [300, 500])
    expected = roc_auc_score(truth, np.concatenate([positive, negative]))
    assert auc(positive, negative) == pytest.approx(expected, abs=1e-12)


def test_rounding_cannot_leave_the_histogram():
    """An inner product of 1 + 1e-16 counts as 1."""
    unit = unit_rows(np.repeat(np.random.default_rng(3).normal(size=(2, 5)), 20, axis=0))
    found = pair_histograms(unit, np.repeat([0, 1], 20), SEED)
    assert sum(found.positive) == pytest.approx(1)
    assert (found.jsd, found.auc) == (1, 1)


def test_sampled_pairs_estimate_all_pairs(labelled, monkeypatch):
    """The sample is uniform over each kind of pair: its means are those of all, within error."""
    vectors, codes = labelled
    unit = unit_rows(vectors)
    whole = pair_histograms(unit, codes, SEED)
    monkeypatch.setattr(pairs_of, "EXACT_ITEMS", 100)
    monkeypatch.setattr(pairs_of, "PAIRS", 100_000)
    some = pair_histograms(unit, codes, SEED)
    assert (some.exact, some.n_positive, some.n_negative) == (False, 100_000, 100_000)
    assert some.positive_mean == pytest.approx(whole.positive_mean, abs=5e-3)
    assert some.negative_mean == pytest.approx(whole.negative_mean, abs=5e-3)
    assert some.auc == pytest.approx(whole.auc, abs=5e-3)
    assert some.jsd == pytest.approx(whole.jsd, abs=5e-3)


def test_pairs_need_both_kinds():
    """One class, or singletons only, is undefined."""
    unit = unit_rows(np.eye(4))
    assert pair_histograms(unit, np.zeros(4, int), SEED) is None
    assert pair_histograms(unit, np.arange(4), SEED) is None


def test_density_agrees_with_loops(labelled):
    """π_intra, π_inter and alignment equal loops over all pairs; singletons are skipped."""
    vectors, codes = labelled
    codes = np.concatenate([codes, [6]])
    unit = unit_rows(np.concatenate([vectors, np.ones((1, 8))]))
    found = density(unit, codes)
    intra, inter, align = textbook_density(unit, codes)
    assert found.intra == pytest.approx(intra, abs=1e-12)
    assert found.inter == pytest.approx(inter, abs=1e-12)
    assert found.ratio == pytest.approx(intra / inter, abs=1e-12)
    assert found.alignment == pytest.approx(align, abs=1e-12)


def test_one_class_has_no_distance_between_classes():
    """With one class π_inter and π_ratio are undefined, with singletons only all are."""
    unit = unit_rows(np.random.default_rng(0).normal(size=(9, 3)))
    one = density(unit, np.zeros(9, int))
    assert (one.inter, one.ratio) == (None, None)
    assert one.intra > 0
    assert density(unit, np.arange(9)).intra is None


@pytest.mark.parametrize(
    ("matrix", "whole", "rest"),
    [(np.eye(5), 0, 0), (np.diag([4.0, 1, 1, 1]), 0.21304, 0)],
)
def test_spectral_decay_by_hand(matrix, whole, rest):
    """The identity decays by 0, diag(4,1,1,1) by .21304, and by 0 without its largest."""
    found = spectrum(matrix, 2.0**-52, SEED)
    assert found.decay == pytest.approx(whole, abs=5e-6)
    assert found.decay_rest == pytest.approx(rest, abs=1e-12)


def test_effective_rank():
    """exp of the entropy: d for equal values, 1 for one."""
    assert effective_rank(np.ones(7)) == pytest.approx(7)
    assert effective_rank(np.array([3.0])) == pytest.approx(1)
    assert effective_rank(np.array([])) is None
    assert decay(np.array([])) is None


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_rank_deficient_matrix_is_decided_by_its_rank(rng, dtype):
    """Copies of columns add no directions, stored in either precision."""
    base = rng.normal(size=(300, 5)).astype(dtype)
    mixed = (base @ rng.normal(size=(5, 12)).astype(dtype)).astype(np.float64)
    found = spectrum(mixed, float(np.finfo(dtype).eps), SEED)
    assert found.rank == 5
    values = np.linalg.svd(mixed, compute_uv=False)[:5]
    assert found.decay == pytest.approx(decay(values), abs=1e-6)


def test_singular_values_of_tall_matrices(rng):
    """The QR of a tall matrix has its singular values."""
    tall = rng.normal(size=(400, 6)) * [1, 10, 100, 1, 1e-6, 5] + 3
    expected = np.linalg.svd(tall, compute_uv=False)
    np.testing.assert_allclose(singular_values(tall), expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("pair", "expected"),
    [([[1, 0], [0, 1]], -4), ([[1, 0], [-1, 0]], -8), ([[1, 0], [1, 0]], 0)],
)
def test_uniformity_by_hand(pair, expected):
    """One orthogonal pair gives −4, an antipodal one −8, an identical one 0."""
    assert uniformity(np.array(pair, float), 10, SEED).value == pytest.approx(expected, abs=1e-12)


def test_uniformity_agrees_with_torch_or_loops(labelled):
    """log mean over pairs i < j of exp(−2‖x − y‖²), as pdist has it; a sample is near it."""
    from scipy.spatial.distance import pdist

    unit = unit_rows(labelled[0])
    expected = np.log(np.exp(-2 * pdist(unit, "sqeuclidean")).mean())
    assert uniformity(unit, 1000, SEED).value == pytest.approx(expected, abs=1e-12)
    some = uniformity(unit, 120, SEED)
    assert (some.n_queries, some.exact) == (120, False)
    assert some.value == pytest.approx(expected, abs=0.05)
    torch = pytest.importorskip("torch", reason=NEEDS_TORCH)
    theirs = torch.pdist(torch.tensor(unit), p=2).pow(2).mul(-2).exp().mean().log()
    assert uniformity(unit, 1000, SEED).value == pytest.approx(float(theirs), abs=1e-9)


def test_silhouette_against_scikit_learn(labelled):
    """Both silhouettes equal scikit-learn's, singletons included."""
    from sklearn.metrics import silhouette_score

    vectors, codes = labelled
    vectors = np.concatenate([vectors, vectors[:1] + 9])
    codes = np.concatenate([codes, [77]])
    found = silhouette(vectors, unit_rows(vectors), codes, 1000, SEED)
    assert found.cosine == pytest.approx(silhouette_score(vectors, codes, metric="cosine"))
    assert found.euclidean == pytest.approx(silhouette_score(vectors, codes, metric="euclidean"))
    assert silhouette(vectors, unit_rows(vectors), np.zeros(241, int), 9, SEED) is None


def test_clusters_of_clear_groups_and_of_noise(rng):
    """Far groups score 1 from each start; noise has NMI above 0 and AMI about 0."""
    codes = np.repeat(np.arange(4), 50)
    far = rng.normal(size=(200, 5)) + 100 * np.eye(5)[codes]
    found = clusters_of.clusters(far, codes, 1000, SEED)
    assert (len(found.nmi), found.k) == (10, 4)
    assert max(found.nmi) == pytest.approx(1)
    noise = clusters_of.clusters(rng.normal(size=(200, 5)), codes, 1000, SEED)
    assert np.mean(noise.nmi) > 0.01
    assert abs(np.mean(noise.ami)) < 0.03


def test_clusters_do_not_depend_on_threads(labelled):
    """The same labels on one thread and on four."""
    vectors, codes = labelled
    one, four = (
        clusters_of.clusters(vectors, codes, 1000, SEED, Effort(threads)) for threads in (1, 4)
    )
    assert one == four


def test_equal_points_make_no_clusters():
    """k-means is asked for no more clusters than there are different points."""
    assert clusters_of.clusters(np.ones((9, 2)), np.arange(9) % 3, 100, SEED) is None
    two = np.repeat([[0.0, 0], [1, 1]], 5, axis=0)
    assert clusters_of.clusters(two, np.arange(10) % 3, 100, SEED).k == 2


def test_mixed_pairs_by_hand():
    """The fraction counts neighbours of the other class from both sides."""
    own = np.array([0, 0, 1, 2])
    neighbours = np.array([[1, 0], [1, 2], [0, 1], [2, 2]])
    pairs = mixed_pairs(own, neighbours, 3, 9)
    assert pairs[0] == (0, 1, pytest.approx(3 / 6))
    assert pairs[1] == (0, 2, pytest.approx(1 / 6))
    assert len(pairs) == 2


@pytest.mark.parametrize("kind", ["counts", "copies"])
def test_equally_similar_pairs_tie_and_share_a_bin(rng, kind):
    """AUC and JSD of integer vectors and of copies equal those of exact arithmetic."""
    codes = rng.integers(0, 3, size=60)
    whole = rng.integers(-3, 4, size=(60, 2)) * 2 + 1
    whole = np.repeat(whole[:20], 3, axis=0) if kind == "copies" else whole
    similar = {True: [], False: []}
    for i in range(60):
        for j in range(i + 1, 60):
            dot = int(whole[i] @ whole[j])
            squares = int(whole[i] @ whole[i]) * int(whole[j] @ whole[j])
            # The sign and the square of the cosine are exact; the order is theirs.
            exact = Fraction(dot * abs(dot), squares)
            similar[bool(codes[i] == codes[j])].append(exact)
    above = sum(
        (one > other) + 0.5 * (one == other) for one in similar[True] for other in similar[False]
    )
    found = pair_histograms(unit_rows(whole), codes, SEED)
    expected = above / (len(similar[True]) * len(similar[False]))
    assert found.auc == pytest.approx(expected, abs=1e-12)
    limits = [Fraction(k * abs(k), 10_000) for k in range(-100, 100)]
    shares = [
        np.bincount([bisect_right(limits, one) - 1 for one in similar[same]], minlength=200)
        / len(similar[same])
        for same in (True, False)
    ]
    np.testing.assert_allclose(found.positive, shares[0], atol=1e-12)
    assert found.jsd == pytest.approx(jsd_bits(*shares), abs=1e-12)


@pytest.mark.parametrize("stored", [np.float64, np.float32, np.float16])
def test_rounding_is_no_direction(rng, stored):
    """A matrix of rank r has rank r, and ρ over its r values, however it is stored."""
    for n, d, r in ((500, 384, 30), (777, 3, 1), (40, 100, 10)):
        rows = rng.normal(size=(n, r)) @ rng.normal(size=(r, d))
        exact = np.linalg.svd(rows, compute_uv=False)[:r]
        kept = rows.astype(stored)
        found = spectrum(kept.astype(float), float(np.finfo(stored).eps), SEED)
        assert found.rank == r
        tolerance = 1e-10 if stored == np.float64 else 1e-3
        assert found.decay == pytest.approx(decay(exact), abs=tolerance)
    assert spectrum(np.ones((60, 3)), float(np.finfo(stored).eps), SEED).rank == 1
