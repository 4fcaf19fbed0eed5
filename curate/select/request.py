"""What every strategy is asked: how many, starting where, beyond what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from curate.core import BoolArray, Embeddings, FloatArray
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
