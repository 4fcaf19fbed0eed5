"""Retrieval: hand-checked values, textbook loops, and every trap of ranking by label."""

from __future__ import annotations

import numpy as np
import pytest

from curate.measure.spaces.clusters import clusters
from curate.measure.spaces.drift import shares
from curate.measure.spaces.labels import encode
from curate.measure.spaces.parallel_blocks import Effort
from curate.measure.spaces.retrieval import NAMES, retrieval, scores_of
from space_oracles import NEEDS_TORCH, textbook_retrieval

SEED = np.random.SeedSequence(0)


def means(points, codes, limit=10_000):
    found = retrieval(np.asarray(points, dtype=np.float64), np.asarray(codes), limit, SEED)
    return {name: float(values.mean()) for name, values in found.scores.items()}


@pytest.mark.parametrize(
    ("hits", "r_precision", "map_at_r"),
    [({1}, 0.1, 0.1), ({1, 10}, 0.2, 0.12), ({1, 2}, 0.2, 0.2), (set(range(1, 11)), 1, 1)],
)
def test_published_hand_checks(hits, r_precision, map_at_r):
    """The examples of Musgrave et al. for R = 10 come out to the last digit."""
    hit = np.array([place in hits for place in range(1, 11)])
    scores = dict(zip(NAMES, scores_of(hit, np.arange(10), 10), strict=True))
    assert scores["r_precision"] == pytest.approx(r_precision, abs=1e-15)
    assert scores["map@r"] == pytest.approx(map_at_r, abs=1e-15)
    assert scores["recall@1"] == 1


@pytest.mark.parametrize("classes", [3, 40])
def test_agrees_with_loops(rng, classes):
    """Every metric equals a loop over queries in float64, singletons included."""
    points = rng.normal(size=(160, 6))
    codes = rng.integers(0, classes, size=160)
    points += 0.7 * rng.normal(size=(classes, 6))[codes]
    expected = textbook_retrieval(points, codes)
    assert means(points, codes) == pytest.approx(expected, abs=1e-12)


def test_large_classes_are_ranked_to_the_end(rng):
    """R-Precision and MAP@R look as deep as the largest class, however large."""
    points = rng.normal(size=(220, 3))
    codes = np.repeat([0, 1], [200, 20])
    assert means(points, codes) == pytest.approx(textbook_retrieval(points, codes), abs=1e-12)


def test_ties_count_with_their_expectation(rng):
    """Identical points score what a uniform random order gives on average, not 1."""
    codes = np.repeat([0, 1], [30, 10])
    found = means(np.ones((40, 3)), codes)
    drawn = {name: [] for name in NAMES}
    for _ in range(4000):
        own = codes[rng.integers(40)]
        others = rng.permutation(np.delete(codes, np.flatnonzero(codes == own)[0]))
        hit = others == own
        for name, value in zip(NAMES, scores_of(hit, np.arange(39), int(hit.sum())), strict=True):
            drawn[name].append(value)
    for name, values in drawn.items():
        assert found[name] == pytest.approx(np.mean(values), abs=4 * np.std(values) / 60), name


def test_tied_order_of_rows_does_not_matter(rng):
    """On a grid full of ties, shuffling the rows changes nothing but rounding."""
    points = rng.integers(0, 3, size=(120, 2)).astype(float) + 1000
    codes = rng.integers(0, 4, size=120)
    order = rng.permutation(120)
    assert means(points[order], codes[order]) == pytest.approx(means(points, codes), abs=1e-12)


def test_identical_points_of_two_classes():
    """The query is passed over by its row: its double of another class is its neighbour."""
    points = np.array([[0.0], [0.0], [5.0], [5.0]])
    assert means(points, [0, 1, 0, 1])["recall@1"] == 0
    assert means(points, [0, 0, 1, 1])["recall@1"] == 1


def test_near_duplicates_far_from_the_origin_are_told_apart():
    """Distances that differ by more than rounding are no tie, whatever the offset."""
    points = np.array([[1e4], [1e4 + 1e-6], [1e4 + 3e-6]])
    assert means(points, [0, 0, 1])["recall@1"] == 1
    assert means(points, [0, 1, 0])["recall@1"] == 0


def test_large_numbers_as_labels_are_not_rounded():
    """16777216 and 16777217 are two classes, which float32 cannot tell apart."""
    labels = encode([16777216, 16777217, 16777216, 16777217])
    assert labels.codes.tolist() == [0, 1, 0, 1]
    points = np.array([[0.0], [0.1], [5.0], [5.1]])
    assert means(points, labels.codes)["recall@1"] == 0


def test_missing_labels_are_no_class():
    """None, NaN and empty text have code -1."""
    assert encode(["a", None, "", float("nan"), "a"]).codes.tolist() == [0, -1, -1, -1, 0]


def test_singletons_are_no_queries_and_nothing_is_undefined_as_zero():
    """A class of one item asks nothing; where all are, the result is None."""
    points = np.array([[0.0], [1.0], [2.0]])
    assert retrieval(points, np.array([0, 1, 2]), 10, SEED) is None
    found = retrieval(points, np.array([0, 0, 1]), 10, SEED)
    assert found.queries.tolist() == [0, 1]
    assert found.scores["recall@1"].tolist() == [1, 1 / 2]  # item 1 has two nearest at distance 1


def test_a_sample_of_queries_is_measured_against_everything(rng):
    """Sampled scores are those that the same queries have in the full run."""
    points, codes = rng.normal(size=(300, 4)), rng.integers(0, 5, size=300)
    whole = retrieval(points, codes, 300, SEED)
    some = retrieval(points, codes, 50, SEED)
    assert (len(some.queries), some.summary.exact, whole.summary.exact) == (50, False, True)
    for name, values in some.scores.items():
        np.testing.assert_array_equal(values, whole.scores[name][some.queries])


def test_threads_change_nothing(rng):
    """One, two and four threads give the same bits."""
    points, codes = rng.normal(size=(400, 30)), rng.integers(0, 5, size=400)
    one, two, four = (retrieval(points, codes, 400, SEED, Effort(threads)) for threads in (1, 2, 4))
    for other in (two, four):
        np.testing.assert_array_equal(one.neighbours, other.neighbours)
        for name, values in one.scores.items():
            np.testing.assert_array_equal(values, other.scores[name])


def test_against_pytorch_metric_learning(rng):
    """Precision@1, R-Precision and MAP@R equal AccuracyCalculator to 1e-6."""
    torch = pytest.importorskip("torch", reason=NEEDS_TORCH)
    testers = pytest.importorskip(
        "pytorch_metric_learning.utils.accuracy_calculator", reason=NEEDS_TORCH
    )

    codes = rng.integers(0, 12, size=500)
    points = rng.normal(size=(500, 16)) + rng.normal(size=(12, 16))[codes]
    names = ("precision_at_1", "r_precision", "mean_average_precision_at_r")
    calculator = testers.AccuracyCalculator(include=names, k="max_bin_count")
    theirs = calculator.get_accuracy(torch.tensor(points).float(), torch.tensor(codes))
    ours = means(points.astype(np.float32), codes)
    for name, own in zip(names, ("recall@1", "r_precision", "map@r"), strict=True):
        assert ours[own] == pytest.approx(theirs[name], abs=1e-6), name


@pytest.mark.parametrize("size", [1e6, 1e8, 1e20])
def test_one_row_far_from_all_others_blurs_nobody_else(rng, size):
    """Scores equal those of differences in float64, however far one row lies."""
    codes = rng.integers(0, 3, size=90)
    points = rng.normal(size=(90, 20)) + 1.5 * (codes == 1)[:, None]
    points[5] *= size
    found = retrieval(points, codes, 1000, SEED)
    if size < 1e20:  # from 1e20 away the others are one point: their order is a tie
        expected = textbook_retrieval(points, codes)
        assert means(points, codes) == pytest.approx(expected, abs=1e-12)
    others = np.delete(np.arange(90), 5)
    near = retrieval(points[others], codes[others], 1000, SEED)
    assert found.scores["recall@1"][others] == pytest.approx(near.scores["recall@1"], abs=1e-12)


def test_a_far_row_says_nothing_on_the_screen(rng):
    """k-means with fewer clusters than classes is measured without a warning."""
    codes = rng.integers(0, 3, size=90)
    points = rng.normal(size=(90, 20))
    points[5] *= 1e12
    assert clusters(points, codes, 1000, SEED).k == 3
    assert shares(points, points[:50], 20, SEED) is not None
