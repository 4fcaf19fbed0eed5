"""What every strategy is asked for: how many items, which may be picked, where to start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from curate.core.distance import Float64Array, squared_to_one
from curate.core.values import BoolArray, Embeddings, FloatArray
from curate.errors import SelectionError
from curate.progress import Progress, silent

Start = Literal["mean", "first", "random"] | int


@dataclass(frozen=True)
class Request:
    """A request for k items.

    start         the first pick of a traversal without a datapool: the item nearest the mean
                  of all items ("mean"), the first candidate ("first"), a random candidate
                  ("random"), or the item in this row
    datapool      (m, d) vectors that were selected earlier; they count as selected
    candidates    (n,) which items may be picked; None for all. Strategies ask `free_items`
    min_distance  no pick is nearer than this, in the metric, to another pick or to the
                  datapool; fewer than k items are picked if no such item is left
    seed          of all random choices
    threads       how many threads may be used; None for one a processor
    """

    k: int
    start: Start = "mean"
    datapool: FloatArray | None = None
    candidates: BoolArray | None = None
    min_distance: float = 0.0
    seed: np.random.SeedSequence = field(default_factory=lambda: np.random.SeedSequence(0))
    progress: Progress = silent
    threads: int | None = None


def free_items(request: Request, n: int) -> BoolArray:
    """(n,) which of n items may be picked when nothing has been picked yet; a new array.

    This is the one rule for all strategies. What a strategy picks, it clears in its copy; what
    `min_distance` rules out depends on the picks so far, and each strategy compares distances.
    """
    return np.ones(n, dtype=bool) if request.candidates is None else request.candidates.copy()


def check_request(request: Request, embeddings: Embeddings) -> None:
    """Raise SelectionError if no strategy could pick k items, or the distance is negative."""
    n = len(embeddings)
    free = int(free_items(request, n).sum())
    if not 1 <= request.k <= free:
        excluded = f" ({n - free} more are no candidates)" if free < n else ""
        raise SelectionError(
            f"cannot select {request.k} of {free} items{excluded}: --n must be between 1 and "
            f"{free}." + (f" Pass --n {free} to keep everything." if request.k > free > 0 else "")
        )
    if not request.min_distance >= 0:
        raise SelectionError(
            f"--min-distance {request.min_distance} is no distance: it must be 0 or more."
        )


def picked_or_pool(request: Request) -> str:
    """What counts as selected, in words."""
    return "an item picked" if request.datapool is None else "an item picked or in the datapool"


def stopped_early(request: Request, picked: int) -> tuple[str, ...]:
    """A note if only `picked` items, fewer than k, were far enough apart; else nothing."""
    if picked == request.k:
        return ()
    return (
        f"{picked} of the {request.k} items asked for were picked: every other one is nearer "
        f"than {request.min_distance:g} to {picked_or_pool(request)}.",
    )


# --------------------------------------------------------------------------------------
# The first pick of a traversal, when nothing is selected yet.


BLOCK = 1024  # rows at a time; must not change: the last bits of the mean depend on it

Points = Callable[[slice], Float64Array]  # returns the float64 points of a slice of rows
Mapper = Callable[..., Iterator[Any]]  # the builtin `map`, or one that uses several threads


def start_row(n: int, request: Request, points: Points, mapper: Mapper = map) -> int:
    """The row, of n, that `request.start` means. An int is not checked."""
    if isinstance(request.start, int):
        return request.start
    free = free_items(request, n)
    if request.start == "first":
        return int(free.argmax())
    if request.start == "random":
        return int(np.random.default_rng(request.seed).choice(np.flatnonzero(free)))
    return _row_nearest_mean(free, points, mapper)


def _row_nearest_mean(free: BoolArray, points: Points, mapper: Mapper) -> int:
    """The free row nearest the mean of all points, free or not; the lowest on ties."""

    def block_sum(start: int) -> Float64Array:
        return points(slice(start, start + BLOCK)).sum(axis=0)  # type: ignore[no-any-return]

    def to_mean(start: int) -> Float64Array:
        return squared_to_one(points(slice(start, start + BLOCK)), mean)

    blocks = range(0, len(free), BLOCK)
    mean: Float64Array = np.sum(list(mapper(block_sum, blocks)), axis=0) / len(free)
    squared = np.concatenate(list(mapper(to_mean, blocks)))
    squared[~free] = np.inf
    return int(squared.argmin())
