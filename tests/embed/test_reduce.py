"""Reduction against scikit-learn and numpy's own decompositions, in float64."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

import curate
from curate.embed import reduce
from curate.embed.reduce import ReductionSettings, fit
from curate.errors import DataError, RequestError


@pytest.fixture
def vectors(rng):
    """(300, 12) with directions of very different variance, far from zero."""
    return rng.normal(size=(300, 12)) * np.geomspace(10, 0.01, 12) + 1000.0


@pytest.mark.parametrize("whiten", [False, True])
def test_pca_is_that_of_scikit_learn(whiten, vectors):
    """Projections and explained variance equal those of an exact PCA, up to the signs."""
    oracle = PCA(5, whiten=whiten, svd_solver="full").fit(vectors)
    reduction = fit(vectors, ReductionSettings(dims=5, whiten=whiten))
    expected = oracle.transform(vectors)
    found = reduction.apply(vectors)
    signs = np.sign((found * expected).sum(axis=0))
    np.testing.assert_allclose(found * signs, expected, atol=1e-6)
    np.testing.assert_allclose(reduction.explained, oracle.explained_variance_ratio_, rtol=1e-8)


def test_signs_are_fixed_by_the_directions(vectors):
    """The largest component of each direction is positive, so mirrored data mirror the result."""
    axes = fit(vectors, ReductionSettings(dims=6)).axes
    assert (axes[np.abs(axes).argmax(axis=0), np.arange(6)] > 0).all()
    mirrored = fit(-vectors, ReductionSettings(dims=6)).axes
    np.testing.assert_allclose(mirrored, axes, atol=1e-8)


def test_blocks_and_threads_do_not_show(vectors, monkeypatch):
    """Any number of threads gives the same bits, and blocks of few rows the same values."""
    reductions = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            reductions.append(fit(vectors, ReductionSettings(dims=4)).apply(vectors))
    assert np.array_equal(*reductions)
    monkeypatch.setattr(reduce, "BLOCK_VALUES", 12 * 7)
    in_blocks = fit(vectors, ReductionSettings(dims=4)).apply(vectors)
    np.testing.assert_allclose(in_blocks, reductions[0], atol=1e-8)


def test_memory_mapped_float16_is_read_in_blocks(vectors, tmp_path):
    """A mapped file of half precision gives float32, equal to the PCA of its values."""
    narrow = (vectors - 1000).astype(np.float16)
    np.save(tmp_path / "v.npy", narrow)
    mapped = np.load(tmp_path / "v.npy", mmap_mode="r")
    found = fit(mapped, ReductionSettings(dims=3)).apply(mapped)
    expected = fit(narrow.astype(np.float64), ReductionSettings(dims=3)).apply(
        narrow.astype(np.float64)
    )
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_random_projection_keeps_distances(rng):
    """Distances in 256 random directions are within a fifth of the true ones; the seed decides."""
    vectors = rng.normal(size=(40, 5000))
    reduction = fit(vectors, ReductionSettings(dims=256, method="random", seed=3))
    found = reduction.apply(vectors)
    true = np.linalg.norm(vectors[:20] - vectors[20:], axis=1)
    kept = np.linalg.norm(found[:20] - found[20:], axis=1)
    assert (np.abs(kept / true - 1) < 0.2).all()
    again = fit(vectors, ReductionSettings(dims=256, method="random", seed=3)).apply(vectors)
    other = fit(vectors, ReductionSettings(dims=256, method="random", seed=4)).apply(vectors)
    assert np.array_equal(found, again)
    assert not np.array_equal(found, other)
    assert reduction.explained is None


def test_unit_rows_are_scaled_first(vectors):
    """With unit rows the map is that of the scaled rows."""
    unit = vectors / np.linalg.norm(vectors, axis=1)[:, None]
    found = fit(vectors, ReductionSettings(dims=3, unit_rows=True)).apply(vectors)
    np.testing.assert_allclose(found, fit(unit, ReductionSettings(dims=3)).apply(unit), atol=1e-9)
    alone = fit(vectors, ReductionSettings(unit_rows=True)).apply(vectors)
    np.testing.assert_allclose(alone, unit, rtol=1e-12)


@pytest.mark.parametrize(
    ("shape", "asked", "error", "says"),
    [
        (
            (5, 9),
            ReductionSettings(dims=5),
            RequestError,
            "have at most 4 directions. Pass --dims 4",
        ),
        (
            (9, 5),
            ReductionSettings(dims=6),
            RequestError,
            "have at most 5 directions. Pass --dims 5",
        ),
        ((9, 9000), ReductionSettings(dims=3), RequestError, "pass --reduction random"),
        (
            (9, 5),
            ReductionSettings(method="random", whiten=True, dims=2),
            RequestError,
            "cannot --whiten",
        ),
        ((9, 5), ReductionSettings(method="random", whiten=True), RequestError, "needs --dims"),
    ],
)
def test_what_cannot_be_reduced_is_refused(shape, asked, error, says, rng):
    """Too many dimensions, of either side, and settings that exclude each other have one line."""
    with pytest.raises(error, match=says):
        fit(rng.normal(size=shape), asked)


def test_directions_without_variance_are_refused():
    """Equal vectors have no directions, and flat data cannot be whitened beyond their rank."""
    flat = np.zeros((20, 5))
    with pytest.raises(RequestError, match="all vectors are equal"):
        fit(flat, ReductionSettings(dims=2))
    flat[:, :2] = np.random.default_rng(0).normal(size=(20, 2))
    assert fit(flat, ReductionSettings(dims=3)).explained[2] == pytest.approx(0, abs=1e-12)
    with pytest.raises(RequestError, match=r"vary in 2 directions only.*pass --dims 2"):
        fit(flat, ReductionSettings(dims=3, whiten=True))


def test_another_space_is_refused(vectors):
    """Vectors of other dimensions than the ones it was fitted to are refused."""
    with pytest.raises(DataError, match="vectors of 11 dimensions cannot be reduced"):
        fit(vectors, ReductionSettings(dims=2)).apply(vectors[:, :11])


def test_a_run_selects_in_fewer_dimensions(samples, tmp_path):
    """Picks with --dims are the picks on vectors reduced by hand; the report says what is left,
    and a datapool is reduced by the same map."""
    words = np.load(samples / "words" / "vectors.npy")[:800]
    unit = words / np.linalg.norm(words.astype(np.float64), axis=1)[:, None]
    by_hand = PCA(8, svd_solver="full").fit_transform(unit).astype(np.float32)
    result = curate.select(words, n=20, normalize=True, dims=8)
    assert result.report.selection.metric == "euclidean"
    expected = curate.select(by_hand, n=20, no_report=True)
    assert result.indices.tolist() == expected.indices.tolist()
    part = result.report.provenance.reduction
    assert (part.map, part.input_dims, part.dims) == ("unit-pca8", words.shape[1], 8)
    share = PCA(8, svd_solver="full").fit(unit).explained_variance_ratio_
    np.testing.assert_allclose(part.explained_variance, share, rtol=1e-6)
    assert part.explained_variance_fraction == pytest.approx(share.sum())
    assert "normalize=True" in result.report.provenance.command
    first = result.indices[:10]
    alone = {"n": 5, "no_report": True}
    pool = curate.select(words, dims=8, normalize=True, datapool=words[first], **alone)
    expected = curate.select(by_hand, datapool=by_hand[first], **alone)
    assert pool.indices.tolist() == expected.indices.tolist()
    result.save(tmp_path)
    assert (tmp_path / "report.pdf").stat().st_size > 10_000


def test_normalize_sets_zero_vectors_aside():
    """What has no direction cannot be scaled to length 1."""
    vectors = np.random.default_rng(0).normal(size=(30, 3))
    vectors[4] = 0
    report = curate.select(vectors, n=3, normalize=True).report
    assert report.set_aside.reasons == {"zero vector": 1}
    assert report.provenance.reduction.map == "unit"
