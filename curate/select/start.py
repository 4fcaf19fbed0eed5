"""Where a traversal begins when nothing has been selected yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from curate.distance import Float64Array, squared_to_one
from curate.select.request import Request

BLOCK = 1024  # rows at a time; fixed, for the last bits of the mean depend on it

Points = Callable[[slice], Float64Array]  # the float64 points of a slice of rows
Mapper = Callable[..., Iterator[Any]]  # as the builtin `map`; may work on several at once


def start_row(n: int, request: Request, points: Points, each: Mapper = map) -> int:
    """The row, of n, that `request.start` means."""
    if isinstance(request.start, int):
        return request.start
    free = request.candidates
    if request.start == "first":
        return 0 if free is None else int(free.argmax())
    if request.start == "random":
        rng = np.random.default_rng(request.seed)
        return int(rng.choice(np.arange(n) if free is None else np.flatnonzero(free)))
    return _row_nearest_mean(n, request, points, each)


def _row_nearest_mean(n: int, request: Request, points: Points, each: Mapper) -> int:
    """The candidate nearest the mean of all points, the lowest row on ties."""

    def total(start: int) -> Float64Array:
        return points(slice(start, start + BLOCK)).sum(axis=0)  # type: ignore[no-any-return]

    def to_mean(start: int) -> Float64Array:
        return squared_to_one(points(slice(start, start + BLOCK)), mean)

    blocks = range(0, n, BLOCK)
    mean: Float64Array = np.sum(list(each(total, blocks)), axis=0) / n
    squared = np.concatenate(list(each(to_mean, blocks)))
    if request.candidates is not None:
        squared[~request.candidates] = np.inf
    return int(squared.argmin())
