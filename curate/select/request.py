"""What every strategy is asked: how many, starting where, beyond what."""

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
    """k items to pick.

    start      where a traversal begins if there is no datapool: at the item nearest the
               mean of all items, at row 0, at a random row, or at the row of this number
    datapool   (m, d) vectors chosen earlier; they count as selected
    candidates (n,) which items may be picked; None for all
    min_distance  no pick is nearer than this, in the metric, to another or to the datapool:
               fewer than k come back when no such item is left
    seed       of whatever is random
    threads    that may work at once; None for as many as the machine has
    """

    k: int
    start: Start = "mean"
    datapool: FloatArray | None = None
    candidates: BoolArray | None = None
    min_distance: float = 0.0
    seed: np.random.SeedSequence = field(default_factory=lambda: np.random.SeedSequence(0))
    progress: Progress = silent
    threads: int | None = None


def check(request: Request, embeddings: Embeddings) -> None:
    """Raise SelectionError where k items cannot be had, whatever the strategy."""
    n = len(embeddings)
    free = n if request.candidates is None else int(request.candidates.sum())
    if not 1 <= request.k <= free:
        taken = f" ({n - free} more are no candidates)" if free < n else ""
        raise SelectionError(
            f"cannot select {request.k} of {free} items{taken}: --n must be between 1 and {free}."
            + (f" Pass --n {free} to keep everything." if request.k > free > 0 else "")
        )
    if not request.min_distance >= 0:
        raise SelectionError(
            f"--min-distance {request.min_distance} is no distance: it must be 0 or more."
        )


def stopped_early(request: Request, picked: int) -> tuple[str, ...]:
    """The note that says that `picked` items are fewer than were asked for, if they are."""
    if picked == request.k:
        return ()
    chosen = "an item picked" if request.datapool is None else "an item picked or in the datapool"
    return (
        f"{picked} of the {request.k} items asked for were picked: "
        f"every other one is nearer than {request.min_distance:g} to {chosen}.",
    )


# --------------------------------------------------------------------------------------
# Where a traversal begins when nothing has been selected yet.


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
