"""The metrics, and small vector sets that have caught farthest-first traversals out."""

from __future__ import annotations

import numpy as np

METRICS = ("euclidean", "cosine")


def _rng():
    return np.random.default_rng(7)


def gaussian():
    return _rng().normal(size=(600, 12)).astype(np.float32)


def float64_offset():
    """Far from the origin the expanded form of the distance cancels."""
    return _rng().normal(size=(500, 8)) + 1000


def far_outliers():
    vectors = _rng().normal(size=(500, 8)).astype(np.float32)
    vectors[::100] *= 1e4
    return vectors


def duplicated():
    vectors = _rng().normal(size=(60, 5)).astype(np.float32)
    return np.concatenate([vectors] * 5)


def near_duplicates():
    vectors = _rng().normal(size=(150, 16)).astype(np.float32)
    return np.concatenate([vectors, vectors + np.float32(1e-4) * _rng().normal(size=vectors.shape)])


def integer_grid():
    """3^5 points and nothing but ties."""
    axes = np.meshgrid(*[np.arange(3)] * 5, indexing="ij")
    return np.stack(axes, axis=-1).reshape(-1, 5).astype(np.float32) + 1


def binary_words():
    """64 bits each: hundreds of equal distances at every step."""
    return _rng().integers(0, 2, size=(400, 64)).astype(np.float32)


def half_precision():
    return _rng().normal(size=(400, 24)).astype(np.float16)


def one_dimension():
    return _rng().normal(size=(200, 1)).astype(np.float32)


def two_dimensions():
    return _rng().uniform(size=(500, 2)).astype(np.float32)


def three_dimensions():
    return _rng().normal(size=(500, 3)).astype(np.float32)


def all_equal():
    return np.ones((40, 3), dtype=np.float32)


SPACES = {
    maker.__name__: maker
    for maker in (
        gaussian,
        float64_offset,
        far_outliers,
        duplicated,
        near_duplicates,
        integer_grid,
        binary_words,
        half_precision,
        one_dimension,
        two_dimensions,
        three_dimensions,
        all_equal,
    )
}
