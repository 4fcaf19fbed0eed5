"""Approximate nearest neighbours by an index of faiss, for callers that name one.

An index proposes candidates; their distances are then computed exactly. The caller measures
which neighbours the index missed, against `distance.k_nearest`.
Cost: building is O(n d) times a factor of the index; a query visits a part of the n items.
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
    """The k nearest of (n, d) `base` to each of (q, d) `queries` that an index finds.

    `index` is a name in INDEXES. Missing neighbours have row -1 and distance inf.
    The index is built on one thread, so that equal data give an equal index.
    """
    import faiss

    points, query_points = as_points(base, metric), as_points(queries, metric)
    centre = points.mean(axis=0)
    padding = -points.shape[1] % _parts(points.shape[1]) if index == "pq" else 0
    stored, wanted = _for_faiss(points - centre, padding), min(k + SPARE_CANDIDATES, len(points))
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        built = INDEXES[index](faiss, wanted, *stored.shape)
        built.train(np.resize(stored, (max(len(stored), FEWEST_TRAINED), stored.shape[1])))
        built.add(stored)
        _, rows = built.search(_for_faiss(query_points - centre, padding), wanted)
    finally:
        faiss.omp_set_num_threads(threads)
    squared = np.square(query_points[:, None, :] - points[np.maximum(rows, 0)]).sum(axis=2)
    squared[rows < 0] = np.inf
    squared, rows = smallest(squared, rows.astype(np.int64), k)
    return Neighbours(from_squared(squared, metric), rows)


def _for_faiss(points: FloatArray, padding: int) -> FloatArray:
    """(n, d + padding) float32; columns of zeros change no distance."""
    return np.pad(points, ((0, 0), (0, padding))).astype(np.float32)


def _parts(d: int) -> int:
    return min(d, PARTS)


# Sizes follow faiss's own guidelines. `min_points_per_centroid` of 1 silences its warning
# about few training items.


def _hnsw(faiss: ModuleType, wanted: int, n: int, d: int) -> Any:  # noqa: ARG001 (one signature)
    index = faiss.index_factory(d, "HNSW32")
    index.hnsw.efSearch = max(64, wanted)
    return index


def _ivf(faiss: ModuleType, wanted: int, n: int, d: int) -> Any:  # noqa: ARG001 (one signature)
    lists = max(1, min(int(4 * n**0.5), n // 40))
    index = faiss.index_factory(d, f"IVF{lists},Flat")
    index.nprobe = max(8, lists // 16)
    index.cp.min_points_per_centroid = 1
    return index


def _pq(faiss: ModuleType, wanted: int, n: int, d: int) -> Any:  # noqa: ARG001 (one signature)
    index = faiss.index_factory(d, f"PQ{_parts(d)}x{MANY_BITS if n >= MANY else FEW_BITS}")
    index.pq.cp.min_points_per_centroid = 1
    return index


def _lsh(faiss: ModuleType, wanted: int, n: int, d: int) -> Any:  # noqa: ARG001 (one signature)
    return faiss.index_factory(d, f"LSH{8 * d}r")


INDEXES: dict[str, Callable[[ModuleType, int, int, int], Any]] = {
    "hnsw": _hnsw,
    "ivf": _ivf,
    "pq": _pq,
    "lsh": _lsh,
}
