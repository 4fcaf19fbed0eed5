"""Where a traversal begins when nothing has been selected yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from curate.core import Embeddings
from curate.distance import Float64Array, as_points, squared_to_one
from curate.select.request import Request

BLOCK = 4096  # rows converted at a time; fixed, for the sum depends on it in the last bits

Mapper = Callable[..., Iterator[Any]]  # as the builtin `map`; may work on several at once


def start_row(embeddings: Embeddings, request: Request, each: Mapper = map) -> int:
    """The row that `request.start` means."""
    if isinstance(request.start, int):
        return request.start
    free = request.candidates
    if request.start == "first":
        return 0 if free is None else int(free.argmax())
    if request.start == "random":
        rng = np.random.default_rng(request.seed)
        return int(rng.choice(np.arange(len(embeddings)) if free is None else np.flatnonzero(free)))
    return _row_nearest_mean(embeddings, request, each)


def _row_nearest_mean(embeddings: Embeddings, request: Request, each: Mapper) -> int:
    """The candidate nearest the mean of all points, the lowest row on ties."""

    def points(start: int) -> Float64Array:
        return as_points(embeddings.vectors[start : start + BLOCK], embeddings.metric)

    def total(start: int) -> Float64Array:
        return points(start).sum(axis=0)  # type: ignore[no-any-return]

    def to_mean(start: int) -> Float64Array:
        return squared_to_one(points(start), mean)

    n = len(embeddings)
    blocks = range(0, n, BLOCK)
    mean = sum(each(total, blocks), start=np.zeros(embeddings.dims)) / n
    squared = np.concatenate(list(each(to_mean, blocks)))
    if request.candidates is not None:
        squared[~request.candidates] = np.inf
    return int(squared.argmin())
