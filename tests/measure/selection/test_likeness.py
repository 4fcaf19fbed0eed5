"""Vendi score, energy distance, density, coverage, outliers, pairs and trust against textbooks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from curate.core.values import Embeddings
from curate.measure.selection.analysis import analyse
from curate.measure.selection.budget import knee_of
from curate.measure.selection.likeness import likeness_of, vendi
from curate.measure.selection.neighbourhoods import closest
from curate.measure.spaces.drift import energy
from curate.schema.job import MeasureSettings
from curate.select.request import Request
from curate.select.strategies.farthest_first import farthest_first
from oracles import textbook_distances, textbook_energy_distance, textbook_points
from spaces import METRICS

SEED = np.random.SeedSequence(1)


def points(n=240, d=6, seed=5):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, d)) * rng.gamma(2, 1, size=(n, 1)) + 0.3).astype(np.float32)


def analysed(vectors, metric, k=24, queries=10_000):
    embeddings = Embeddings(vectors, metric, "test")
    selection = farthest_first(embeddings, Request(k))
    keys = [row.tobytes() for row in vectors]
    rows = np.arange(len(vectors))
    settings = MeasureSettings(queries=queries, map_points=100)
    seed = np.random.SeedSequence(0)
    return selection, analyse(embeddings, selection, keys, None, rows, settings, seed)


def chords(a, b, metric):
    return textbook_distances(textbook_points(a, metric), textbook_points(b, metric), "euclidean")


@pytest.mark.parametrize("metric", METRICS)
def test_vendi_and_energy_are_their_formulas(metric):
    """Both are what their formulas give in float64, for the selection and each draw."""
    vectors = points()
    selection, analysis = analysed(vectors, metric)
    found, whole = analysis.likeness, chords(vectors, vectors, metric)
    width = np.median(whole[np.triu_indices(len(whole), 1)])
    assert found.width == pytest.approx(width, rel=1e-9)
    vendis, energies = [], []
    for rows in (selection.picks, *analysis.draws):
        block = whole[np.ix_(rows, rows)]
        shares = np.linalg.eigvals(np.exp(-(block**2) / (2 * width**2)) / len(rows)).real
        vendis.append(np.exp(stats.entropy(shares[shares > 1e-15])))
        energies.append(textbook_energy_distance(vectors[rows], vectors, metric))
    for one, (own, *draws), wins in (
        (found.vendi, vendis, np.greater),
        (found.energy, energies, np.less),
    ):
        assert one.selected == pytest.approx(own, rel=1e-6)
        assert one.random == pytest.approx(np.mean(draws), rel=1e-6)
        assert one.interval == pytest.approx(np.quantile(draws, [0.025, 0.975]), rel=1e-6)
        assert one.draws_better == wins(draws, own).sum()
    assert (found.n_members, found.n_input, found.exact) == (24, 240, True)


def test_vendi_of_equal_and_of_unlike_items():
    """Equal items count as one, items without likeness each as one (Friedman & Dieng, 2023)."""
    assert vendi(np.ones((7, 7))) == pytest.approx(1)
    assert vendi(np.eye(7)) == pytest.approx(7)
    two_groups = np.kron(np.eye(2), np.ones((3, 3)))
    assert vendi(two_groups) == pytest.approx(2)


def test_energy_distance_in_one_dimension_is_scipy_s():
    """On a line it is scipy's energy distance, which has the root."""
    vectors, picks = points(d=1), np.arange(0, 240, 9)
    found = likeness_of(vectors, "euclidean", picks, [np.arange(27)], SEED)
    expected = stats.energy_distance(vectors[picks, 0], vectors[:, 0])
    assert found.energy.selected == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("metric", METRICS)
def test_energy_distance_has_one_definition(metric):
    """`select` and `drift` give the oracle's number for the same two sets, and so the same."""
    vectors, picks = points(), np.arange(0, 240, 7)
    likeness = likeness_of(vectors, metric, picks, [picks + 1], SEED)
    whole = textbook_points(vectors, metric)
    drifted = energy(whole[picks], whole, SEED)
    expected = textbook_energy_distance(vectors[picks], vectors, metric)
    assert likeness.energy.selected == pytest.approx(expected, rel=1e-6)
    assert drifted.distance == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("metric", METRICS)
def test_energy_distance_scales_and_is_0_for_the_whole_input(metric):
    """Of vectors four times as long it is twice as large. All items in any order give 0."""
    vectors, picks = points().astype(np.float64), np.arange(0, 240, 7)
    everything = np.random.default_rng(1).permutation(240)
    one, other = (
        likeness_of(factor * vectors, metric, picks, [picks], SEED).energy for factor in (1, 4)
    )
    factor = 2 if metric == "euclidean" else 1
    assert other.selected == pytest.approx(factor * one.selected, rel=1e-9)
    assert likeness_of(vectors, metric, everything, [everything], SEED).energy.selected == 0


def test_likeness_of_equal_items_is_not_there():
    """Where all items are equal there is no width, and so no measure."""
    assert likeness_of(np.ones((9, 2)), "euclidean", np.arange(3), [np.arange(3)], SEED) is None


@pytest.mark.parametrize("metric", METRICS)
def test_density_and_coverage_are_naeem_s(metric):
    """Counted ball by ball from the full matrix of distances, k = 5."""
    vectors = points()
    selection, analysis = analysed(vectors, metric)
    whole = textbook_distances(vectors, vectors, metric)
    others = whole + np.diag(np.full(len(whole), np.inf))
    reach = np.sort(others, axis=1)[:, 4]
    for name, formula in (
        ("density", lambda held: held.sum() / (5 * held.shape[1])),
        ("coverage", lambda held: held.any(axis=1).mean()),
    ):
        sets = [whole[:, rows] <= reach[:, None] for rows in (selection.picks, *analysis.draws)]
        own, *draws = map(formula, sets)
        one = getattr(analysis.neighbourhoods, name)
        assert one.selected == pytest.approx(own, rel=1e-12)
        assert one.random == pytest.approx(np.mean(draws), rel=1e-12)
        assert one.draws_better == (np.array(draws) > own).sum()


@pytest.mark.parametrize("queries", [10_000, 100])
def test_outlier_shares(queries):
    """Shares beyond the quantile of mean distances to the five nearest; draws by counting."""
    vectors = points()
    selection, analysis = analysed(vectors, "euclidean", queries=queries)
    whole = textbook_distances(vectors, vectors, "euclidean")
    np.fill_diagonal(whole, np.inf)
    outlying = np.sort(whole, axis=1)[:, :5].mean(axis=1)
    for one in analysis.neighbourhoods.outlier_shares:
        if queries > len(vectors):
            assert one.threshold == pytest.approx(np.quantile(outlying, 1 - one.fraction))
        assert one.selected == (outlying[selection.picks] > one.threshold).mean()
        rng, counts = np.random.default_rng(0), []
        beyond = np.arange(len(vectors)) < round(one.input * len(vectors))
        counts = [beyond[rng.permutation(len(vectors))[:24]].mean() for _ in range(4_000)]
        assert one.interval == pytest.approx(np.quantile(counts, [0.025, 0.975]), abs=1 / 24 + 1e-9)
    if queries > len(vectors):
        expected = np.argsort(-outlying, kind="stable")[: len(analysis.neighbourhoods.outliers)]
        np.testing.assert_array_equal(analysis.neighbourhoods.outliers, expected)


def test_near_duplicates_are_the_closest_pairs_of_other_content():
    """Nearest pairs first, each item in one pair, items of equal content in none."""
    vectors = points()
    vectors[10] = vectors[20]  # equal content
    vectors[30] = vectors[40] + 1e-4
    selection, analysis = analysed(vectors, "euclidean")
    first = analysis.neighbourhoods.input_pairs[0]
    assert (first.one, first.other) == (30, 40)
    used = [row for one in analysis.neighbourhoods.input_pairs for row in (one.one, one.other)]
    assert len(used) == len(set(used))
    assert (10, 20) not in [(one.one, one.other) for one in analysis.neighbourhoods.input_pairs]
    whole = textbook_distances(vectors[selection.picks], vectors[selection.picks], "euclidean")
    np.fill_diagonal(whole, np.inf)
    assert analysis.neighbourhoods.pick_pairs[0].distance == pytest.approx(whole.min(), rel=1e-9)


def test_a_pair_is_listed_once():
    """The two directions of a pair are one."""
    ones, others = np.array([1, 2, 3]), np.array([2, 1, 1])
    found = closest(ones, others, np.array([0.5, 0.5, 0.7]), [b"a", b"b", b"c", b"d"])
    assert [(one.one, one.other) for one in found] == [(1, 2)]


@pytest.mark.parametrize("metric", METRICS)
def test_curves_are_the_measures_of_prefixes(metric):
    """Coverage and diversity of the first n picks, and of the first n of each draw."""
    vectors = points()
    selection, analysis = analysed(vectors, metric)
    whole = textbook_distances(vectors, vectors, metric)
    prefixes = analysis.budget.curve.prefixes
    assert {1, 6, 12, 24} <= {one.n for one in prefixes}
    for one in prefixes:
        orders = [rows[: one.n] for rows in (selection.picks, *analysis.draws)]
        covered = [whole[:, rows].min(axis=1) for rows in orders]
        for found, statistic in (
            (one.coverage_mean, np.mean),
            (one.coverage_q95, lambda values: np.quantile(values, 0.95)),
            (one.coverage_max, np.max),
        ):
            own, *draws = map(statistic, covered)
            assert found.selected == pytest.approx(own, rel=1e-9)
            assert found.random == pytest.approx(np.mean(draws), rel=1e-9)
            assert found.interval == pytest.approx(np.quantile(draws, [0.025, 0.975]), rel=1e-9)
        if one.n == 1:
            assert one.diversity_mean is None
            continue
        blocks = [whole[np.ix_(rows, rows)] + np.diag([np.inf] * one.n) for rows in orders]
        own, *draws = (block.min(axis=1).mean() for block in blocks)
        assert one.diversity_mean.selected == pytest.approx(own, rel=1e-9)
        assert one.diversity_mean.random == pytest.approx(np.mean(draws), rel=1e-9)
        assert one.diversity_min.selected == pytest.approx(blocks[0].min(), rel=1e-9)


def test_the_knee_is_where_a_curve_bends():
    """A curve of two straight lines bends where they meet; a straight one nowhere."""
    n = list(range(1, 102))
    assert knee_of(n, [max(100 - 9 * (x - 1), 11 - 0.1 * (x - 1)) for x in n]) == 10
    assert knee_of(n, [101 - x for x in n]) is None
    assert knee_of([1, 2], [2, 1]) is None
