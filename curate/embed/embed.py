"""Embedding a data set: from the cache, and what it lacks in parallel batches.

Each distinct content is embedded once. Batches run in a few threads, each of which decodes and
encodes, so that both overlap; results come in order. A batch is stored as soon as it is
encoded: a killed run loses only the batches in progress.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from curate.core.memory_map import row_blocks
from curate.core.pictures import bombs_are_errors
from curate.core.values import Dataset, Embeddings, FloatArray, Metric, Problem, Problems, SetAside
from curate.embed.cache import Cache
from curate.embed.embedder import Embedder, Encoded, Encoder, UnfittedEmbedder
from curate.errors import DataError
from curate.progress import Progress, silent

LARGEST = 1e140  # value whose squares, summed over dimensions, stay within float64
LONGEST = 1e300  # length of which the reciprocal is a normal float64 too
log = logging.getLogger("curate")


@dataclass(frozen=True)
class Embedded:
    """A data set and its embeddings, row by row.

    keys        n content hashes, None if embedding needed none
    computed    number of vectors that were computed
    from_cache  number of items whose vector was stored
    """

    dataset: Dataset
    embeddings: Embeddings
    keys: list[bytes] | None
    computed: int
    from_cache: int


def fit_embedder(
    embedder: Embedder | UnfittedEmbedder | None, items: Sequence[Any] | FloatArray
) -> Embedder | None:
    """The embedder; one that must see a whole data set first is fitted to `items`."""
    return embedder.fit(items) if isinstance(embedder, UnfittedEmbedder) else embedder


def embed(
    dataset: Dataset,
    keys: Sequence[bytes] | None,
    embedder: Embedder | None,
    *,
    metric: Metric | None = None,
    need_direction: bool = False,
    cache_folder: Path | None = None,
    threads: int | None = None,
    progress: Progress = silent,
) -> Embedded:
    """Embed every item of `dataset`, whose contents have `keys` (n of 16 bytes).

    Without an embedder the items are vectors, do not change, and need no keys. Items without a
    vector are set aside in the returned data set, and items without a direction too if the
    metric is cosine or `need_direction`. `metric` None is that of the embedder, or that of the
    source of the vectors.
    Raises DataError if no item is left.
    """
    problems: Problems = {}
    computed = from_cache = 0
    if embedder is None:
        vectors = np.asarray(dataset.items)
    else:
        assert keys is not None
        vectors, problems, computed, from_cache = encode_all(
            dataset.items, keys, embedder, cache_folder, threads, progress
        )
    metric = metric or (embedder.metric if embedder else dataset.metric or "euclidean")
    kept = np.ones(len(dataset), dtype=bool)
    kept[list(problems)] = False
    if metric == "cosine" or need_direction:
        problems |= {row: why for row, why in _without_direction(vectors).items() if kept[row]}
        kept[list(problems)] = False
    left_out = [SetAside(dataset.ids[row], *problems[row]) for row in sorted(problems)]
    if left_out and not kept.any():
        reasons = Counter(item.reason for item in left_out).most_common()
        raise DataError(
            f"none of the {len(dataset)} items can be used: "
            f"{', '.join(f'{count} {reason}' for reason, count in reasons)}. Check the source."
        )
    _refuse_extremes(vectors, metric)
    fingerprint = embedder.fingerprint if embedder else f"none-{vectors.shape[1]}d"
    dataset = dataset.keep(kept, left_out)
    if embedder is None:
        vectors = np.asarray(dataset.items)  # not copied twice
    elif left_out:
        vectors = vectors[kept]
    return Embedded(
        dataset,
        Embeddings(vectors, metric, fingerprint),
        None if keys is None else [key for key, good in zip(keys, kept, strict=True) if good],
        computed,
        from_cache,
    )


def _refuse_extremes(vectors: FloatArray, metric: Metric) -> None:
    """Raise DataError if squared differences would overflow or underflow float64."""
    if metric == "cosine" or vectors.dtype != np.float64:  # other types are narrow enough
        return
    largest = max(float(np.abs(vectors[rows]).max()) for rows in row_blocks(vectors))
    if largest > LARGEST or 0 < largest < 1 / LARGEST:
        raise DataError(
            f"the largest value of the vectors is {largest:.3g}: their squares leave the range of "
            "float64. Scale the vectors, or pass --metric cosine."
        )


def _without_direction(vectors: FloatArray) -> Problems:
    """The rows of vectors that cannot be scaled to length 1, and why."""
    problems: Problems = {}
    for rows in row_blocks(vectors):
        block = vectors[rows]
        for row in np.flatnonzero(~block.any(axis=1)):
            problems[rows.start + int(row)] = Problem("zero vector", "has no direction")
        if vectors.dtype != np.float64:  # other types are narrow enough
            continue
        largest = np.abs(block).max(axis=1)
        out = (largest > LONGEST) | ((largest > 0) & (largest < 1 / LONGEST))
        for row in np.flatnonzero(out):
            problems[rows.start + int(row)] = Problem(
                "extreme vector",
                f"has a largest value of {largest[row]:.3g}: its length leaves float64; scale it",
            )
    return problems


class EncodedItems(NamedTuple):
    """The numbers of n items.

    vectors     (n, d), zeros in rows with problems
    problems    row -> why it has no vector
    computed    number of vectors that were computed
    from_cache  number of items whose vector was stored
    """

    vectors: FloatArray
    problems: Problems
    computed: int
    from_cache: int


def encode_all(
    items: Sequence[Any] | FloatArray,
    keys: Sequence[bytes],
    encoder: Encoder,
    cache_folder: Path | None,
    threads: int | None,
    progress: Progress,
    *,
    dtype: type[np.floating[Any]] = np.float32,
    label: str = "embedding",
) -> EncodedItems:
    """The vectors of n items with their keys, from the cache or computed."""
    cache = Cache(cache_folder, encoder.fingerprint) if cache_folder else None
    first_row: dict[bytes, int] = {}  # of each content
    for row, key in enumerate(keys):
        first_row.setdefault(key, row)
    vectors = _VectorRows(len(items), encoder.dims, dtype)
    known: set[int] = set()
    for rows, stored in cache.read(keys, encoder.dims) if cache else ():
        vectors.put(rows, stored)
        known.update(rows)
    todo = [row for row in first_row.values() if row not in known]
    problems: Problems = {}
    store = _CacheWriter(cache, keys)
    for rows, encoded in _run_batches(items, todo, encoder, store, threads, progress, label):
        problems |= {rows[place]: why for place, why in encoded.unreadable.items()}
        vectors.put(_readable(rows, encoded), encoded.vectors)
    from_cache = 0
    for row, key in enumerate(keys):
        original = first_row[key]
        from_cache += original in known
        if original != row:
            vectors.copy(original, row)
            if original in problems:
                problems[row] = problems[original]
    computed = len(todo) - len(problems.keys() & set(todo))
    return EncodedItems(vectors.array(), problems, computed, from_cache)


def _readable(rows: list[int], encoded: Encoded) -> list[int]:
    return [row for place, row in enumerate(rows) if place not in encoded.unreadable]


class _VectorRows:
    """(n, d) vectors that are filled a few rows at a time; the first ones may determine d."""

    def __init__(self, count: int, dims: int | None, dtype: type[np.floating[Any]]) -> None:
        self._count, self._dtype = count, dtype
        self._vectors = None if dims is None else self._zeros(dims)

    def _zeros(self, dims: int) -> FloatArray:
        return np.zeros((self._count, dims), dtype=self._dtype)

    def put(self, rows: list[int], vectors: FloatArray) -> None:
        """Set (m, d) vectors of m rows. Raises DataError if earlier ones had another d."""
        if not rows:
            return
        if self._vectors is None:
            self._vectors = self._zeros(vectors.shape[1])
        if vectors.shape[1] != self._vectors.shape[1]:
            raise DataError(
                f"the embedder gave vectors of {self._vectors.shape[1]} numbers, and then of "
                f"{vectors.shape[1]}: clear its cache, or correct it."
            )
        self._vectors[rows] = vectors

    def copy(self, source: int, target: int) -> None:
        if self._vectors is not None:
            self._vectors[target] = self._vectors[source]

    def array(self) -> FloatArray:
        return self._zeros(1) if self._vectors is None else self._vectors


def _run_batches(
    items: Sequence[Any] | FloatArray,
    todo: list[int],
    encoder: Encoder,
    store: _CacheWriter,
    threads: int | None,
    progress: Progress,
    label: str,
) -> Iterator[tuple[list[int], Encoded]]:
    size = encoder.batch_size
    batches = [todo[start : start + size] for start in range(0, len(todo), size)]
    workers = min(len(batches), threads or os.cpu_count() or 1)
    if not batches:
        return

    def encode(rows: list[int]) -> tuple[list[int], Encoded]:
        encoded = encoder.encode([items[row] for row in rows])
        store(_readable(rows, encoded), encoded.vectors)
        return rows, encoded

    with bombs_are_errors(), ThreadPoolExecutor(workers) as pool:
        results = _ordered(pool, encode, batches, ahead=2 * workers)
        yield from progress(results, label, len(batches))


class _CacheWriter:
    """Writes each batch to the cache as soon as it is encoded, in the thread that encoded it."""

    def __init__(self, cache: Cache | None, keys: Sequence[bytes]) -> None:
        self._cache, self._keys = cache, keys

    def __call__(self, rows: list[int], vectors: FloatArray) -> None:
        cache = self._cache
        if cache is None:
            return
        try:
            cache.append([self._keys[row] for row in rows], vectors)
        except OSError as error:  # a full or read-only disk makes the next run slower, no more
            if self._cache is not None:
                log.warning("the embedding cache cannot be written: %s", error)
            self._cache = None


def _ordered(
    pool: ThreadPoolExecutor, function: Any, tasks: Iterable[Any], ahead: int
) -> Iterator[Any]:
    """Results in the order of `tasks`, with at most `ahead` of them in progress."""
    waiting = iter(tasks)
    running: list[Future[Any]] = [pool.submit(function, task) for task in islice(waiting, ahead)]
    try:
        while running:
            yield running.pop(0).result()
            running += [pool.submit(function, task) for task in islice(waiting, 1)]
    finally:
        for future in running:
            future.cancel()
