"""Approximate nearest neighbours, for who asks for an index of faiss by name.

An index proposes candidates; their distances are measured again and exact. Which neighbours it
missed is for the caller to measure, against `distance.k_nearest`.
Cost: building is O(n d), with a factor that is the index's own; a query looks at a part of n.
Not here: choosing an index. Exact search is the default everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from curate.core.distance import SPARE_CANDIDATES, Neighbours, as_points, from_squared, smallest
from curate.core.values import FloatArray, Metric

PARTS = 64  # into which product quantization cuts a row, or its dimensions if they are fewer
FEW_BITS, MANY_BITS = 4, 8  # of the code of a part, below MANY items and from there on
MANY = 10_000
FEWEST_TRAINED = 16  # rows that the smallest code needs


def k_nearest_by_index(
    queries: FloatArray, base: FloatArray, k: int, metric: Metric, index: str
) -> Neighbours:
    """k neighbours of (q, d) `queries` that an index of (n, d) `base` proposes: approximate.

    `index` is one of INDEXES. Fewer than k come back as row -1 at distance inf.
    Built on one thread, so that the same data make the same index.
    """
    import faiss

    points, asked = as_points(base, metric), as_points(queries, metric)
    centre = points.mean(axis=0)
    fill = -points.shape[1] % _parts(points.shape[1]) if index == "pq" else 0
    stored, wanted = _for_faiss(points - centre, fill), min(k + SPARE_CANDIDATES, len(points))
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        built = INDEXES[index](faiss, wanted, *stored.shape)
        built.train(np.resize(stored, (max(len(stored), FEWEST_TRAINED), stored.shape[1])))
        built.add(stored)
        _, rows = built.search(_for_faiss(asked - centre, fill), wanted)
    finally:
        faiss.omp_set_num_threads(threads)
    squared = np.square(asked[:, None, :] - points[np.maximum(rows, 0)]).sum(axis=2)
    squared[rows < 0] = np.inf
    squared, rows = smallest(squared, rows.astype(np.int64), k)
    return Neighbours(from_squared(squared, metric), rows)


def _for_faiss(points: FloatArray, fill: int) -> FloatArray:
    """(n, d + fill) float32; the zeros that fill rows up move nothing."""
    return np.pad(points, ((0, 0), (0, fill))).astype(np.float32)


def _parts(d: int) -> int:
    return min(d, PARTS)


# Sizes follow faiss's own guidelines. None says a word when there are few items to learn from.


def _hnsw(faiss: ModuleType, wanted: int, n: int, d: int) -> Any:  # noqa: ARG001 (one signature)
    built = faiss.IndexHNSWFlat(d, 32)
    built.hnsw.efSearch = max(64, wanted)
    return built


def _ivf(faiss: ModuleType, wanted: int, n: int, d: int) -> Any:  # noqa: ARG001 (one signature)
    cells = max(1, min(int(4 * n**0.5), n // 40))
    built = faiss.IndexIVFFlat(faiss.IndexFlatL2(d), d, cells)
    built.nprobe = max(8, cells // 16)
    built.cp.min_points_per_centroid = 1
    return built


def _pq(faiss: ModuleType, wanted: int, n: int, d: int) -> Any:  # noqa: ARG001 (one signature)
    built = faiss.IndexPQ(d, _parts(d), MANY_BITS if n >= MANY else FEW_BITS)
    built.pq.cp.min_points_per_centroid = 1
    return built


def _lsh(faiss: ModuleType, wanted: int, n: int, d: int) -> Any:  # noqa: ARG001 (one signature)
    return faiss.IndexLSH(d, 8 * d)


INDEXES: dict[str, Callable[[ModuleType, int, int, int], Any]] = {
    "hnsw": _hnsw,
    "ivf": _ivf,
    "pq": _pq,
    "lsh": _lsh,
}
