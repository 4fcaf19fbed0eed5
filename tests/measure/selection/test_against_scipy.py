"""Every number of the measures against an independent computation with scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist, pdist, squareform

from curate.core.values import Embeddings
from curate.measure.selection.analysis import analyse
from curate.schema.job import MeasureSettings
from curate.schema.strategy_syntax import read_specs
from curate.select.objectives import StrategyInputs
from curate.select.registry import select
from curate.select.request import Request
from spaces import METRICS

K = 60


def clusters(n=1500, d=16):
    rng = np.random.default_rng(3)
    centres = 4 * rng.normal(size=(12, d))
    vectors = centres[rng.integers(12, size=n)] + rng.normal(size=(n, d)) + 0.5
    return vectors.astype(np.float32)


def analysed(metric, datapool=None, queries=10_000, strategy="diversity"):
    vectors = clusters()
    embeddings = Embeddings(vectors, metric, "test")
    selection = selected(embeddings, Request(K, datapool=datapool), strategy)
    keys = [row.tobytes() for row in vectors]
    settings = MeasureSettings(queries=queries, map_points=200)
    everything = np.arange(len(vectors))
    analysis = analyse(
        embeddings, selection, keys, datapool, everything, settings, np.random.SeedSequence(0)
    )
    return vectors, selection, analysis


def selected(embeddings, request, strategy="diversity"):
    return select(read_specs(strategy), StrategyInputs(embeddings), request).selection


def nearest_other(vectors, metric):
    pairs = squareform(pdist(vectors.astype(float), metric))
    np.fill_diagonal(pairs, np.inf)
    return pairs.min(axis=1)


def nearest_member(vectors, members, metric):
    return cdist(vectors.astype(float), members.astype(float), metric).min(axis=1)


def assert_describes(found, distances):
    """`found` has the moments, quantiles and histogram that scipy and numpy give."""
    described = stats.describe(distances, ddof=0)
    assert found.mean == pytest.approx(described.mean, rel=1e-6)
    assert found.min == pytest.approx(described.minmax[0], rel=1e-6)
    assert found.max == pytest.approx(described.minmax[1], rel=1e-6)
    assert found.std == pytest.approx(np.sqrt(described.variance), rel=1e-6)
    for percentage, value in found.quantiles.items():
        assert value == pytest.approx(np.percentile(distances, int(percentage)), rel=1e-6)
    assert sum(found.histogram.counts) == len(distances) == found.n_queries
    below = np.searchsorted(np.sort(distances), np.array(found.histogram.edges[1:-1]) * (1 - 1e-9))
    np.testing.assert_allclose(np.cumsum(found.histogram.counts)[:-1], below, atol=1)


@pytest.mark.parametrize("metric", METRICS)
def test_diversity_of_input_and_selection(metric):
    """Diversity is each member's distance to its nearest other member."""
    vectors, selection, analysis = analysed(metric)
    assert_describes(analysis.diversity.input, nearest_other(vectors, metric))
    assert_describes(analysis.diversity.selected, nearest_other(vectors[selection.picks], metric))
    assert analysis.diversity.input.exact
    assert analysis.diversity.selected.exact
    assert analysis.diversity.datapool is None
    assert analysis.diversity.union is None


@pytest.mark.parametrize("metric", METRICS)
def test_coverage_of_the_selection(metric):
    """Coverage is each input item's distance to its nearest selected item."""
    vectors, selection, analysis = analysed(metric)
    expected = nearest_member(vectors, vectors[selection.picks], metric)
    assert_describes(analysis.coverage.selected, expected)
    assert analysis.radius == pytest.approx(expected.max(), rel=1e-6)
    worst = np.argsort(-expected, kind="stable")[: len(analysis.worst)]
    np.testing.assert_allclose(expected[analysis.worst], expected[worst], rtol=1e-6)


@pytest.mark.parametrize("metric", METRICS)
def test_a_datapool_is_measured_alone_and_in_union(metric):
    """With a datapool there are four sets; the union is the selection and the datapool."""
    pool = clusters(n=40) + np.float32(0.1)
    vectors, selection, analysis = analysed(metric, datapool=pool)
    chosen = vectors[selection.picks]
    both = np.concatenate([chosen, pool])
    assert_describes(analysis.diversity.datapool, nearest_other(pool, metric))
    assert_describes(analysis.diversity.union, nearest_other(both, metric))
    assert_describes(analysis.coverage.selected, nearest_member(vectors, chosen, metric))
    assert_describes(analysis.coverage.datapool, nearest_member(vectors, pool, metric))
    assert_describes(analysis.coverage.union, nearest_member(vectors, both, metric))
    assert analysis.radius == pytest.approx(nearest_member(vectors, both, metric).max(), rel=1e-6)
    assert analysis.coverage.random_union.draws_better["max"] == 0
    for alone, together in zip(
        analysis.coverage.random.draws, analysis.coverage.random_union.draws, strict=True
    ):
        assert together.mean < alone.mean


@pytest.mark.parametrize("which", ["diversity", "coverage"])
def test_the_baseline_summarises_its_draws(which):
    """Statistics of the baseline are means over its draws, intervals their middle 95%."""
    _, _, analysis = analysed("euclidean")
    measures = getattr(analysis, which)
    baseline, selected = measures.random, measures.selected
    assert len(baseline.draws) == 20
    means = [draw.mean for draw in baseline.draws]
    assert len(set(means)) == 20
    assert baseline.mean == pytest.approx(np.mean(means))
    assert baseline.interval["mean"] == pytest.approx(tuple(np.percentile(means, [2.5, 97.5])))
    q95 = [draw.quantiles["95"] for draw in baseline.draws]
    assert baseline.interval["q95"] == pytest.approx(tuple(np.percentile(q95, [2.5, 97.5])))
    better = [m > selected.mean if which == "diversity" else m < selected.mean for m in means]
    assert baseline.draws_better["mean"] == sum(better)
    assert sum(baseline.histogram.counts) == pytest.approx(baseline.n_queries)
    low, high = np.array(baseline.band)
    assert np.all(low <= high)


def test_a_farthest_first_selection_beats_random_on_diversity():
    """On clustered data no random draw is as diverse, in mean or minimum."""
    _, _, analysis = analysed("euclidean")
    assert analysis.diversity.random.draws_better["mean"] == 0
    assert analysis.diversity.random.draws_better["min"] == 0
    assert analysis.coverage.random.draws_better["max"] == 0


def test_random_is_an_ordinary_draw():
    """The random strategy lies among the random draws in mean diversity and coverage."""
    _, _, analysis = analysed("euclidean", strategy="random")
    assert 0 < analysis.diversity.random.draws_better["mean"] < 20
    assert 0 < analysis.coverage.random.draws_better["mean"] < 20


def test_a_sample_of_queries_says_so_and_each_distance_is_exact():
    """Above the limit a stated sample is measured against the full set, exactly."""
    vectors, _, analysis = analysed("euclidean", queries=300)
    assert not analysis.diversity.input.exact
    assert analysis.diversity.input.n_queries == 300
    assert analysis.coverage.selected.n_queries == 300
    assert analysis.diversity.selected.exact
    every = nearest_other(vectors, "euclidean")
    for value in (analysis.diversity.input.min, analysis.diversity.input.max):
        assert np.abs(every - value).min() < 1e-6


@pytest.mark.parametrize("strategy", ["diversity", "random"])
def test_the_budget_curve_is_the_radius_of_each_prefix(strategy):
    """After j picks the radius is the largest distance of an input item to the first j."""
    vectors, selection, analysis = analysed("euclidean", strategy=strategy)
    assert analysis.budget.n == list(range(1, K + 1))
    for j in (1, 2, 10, K):
        expected = nearest_member(vectors, vectors[selection.picks[:j]], "euclidean").max()
        assert analysis.budget.radius[j - 1] == pytest.approx(expected, rel=1e-6)


def test_duplicates_are_grouped_and_distinct_items_text():
    """Rows of equal content form groups; −0.0 and 0.0 are the same vector."""
    vectors = np.array([[1, 0.0], [2, 0], [1, -0.0], [2, 0], [3, 0], [1, 0]], dtype=np.float32)
    embeddings = Embeddings(vectors, "euclidean", "test")
    keys = [bytes([int(row[0])]) for row in vectors]
    selection = selected(embeddings, Request(2))
    analysis = analyse(
        embeddings,
        selection,
        keys,
        None,
        np.arange(6),
        MeasureSettings(),
        np.random.SeedSequence(0),
    )
    assert analysis.duplicate_groups == [[0, 2, 5], [1, 3]]
    assert analysis.distinct == 3


def test_a_single_pick_has_no_diversity():
    """Of one item there is no distance to another: the measure is absent, not 0."""
    vectors = clusters(n=50)
    embeddings = Embeddings(vectors, "euclidean", "test")
    selection = selected(embeddings, Request(1))
    keys = [row.tobytes() for row in vectors]
    analysis = analyse(
        embeddings,
        selection,
        keys,
        None,
        np.arange(50),
        MeasureSettings(),
        np.random.SeedSequence(0),
    )
    assert analysis.diversity.selected is None
    assert analysis.diversity.random is None
    assert analysis.diversity.input is not None
    assert analysis.coverage.selected is not None
