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
    seed       of whatever is random
    """

    k: int
    start: Start = "mean"
    datapool: FloatArray | None = None
    candidates: BoolArray | None = None
    seed: np.random.SeedSequence = field(default_factory=lambda: np.random.SeedSequence(0))
    progress: Progress = silent


def check(request: Request, embeddings: Embeddings) -> None:
    """Raise SelectionError where k items cannot be had, whatever the strategy."""
    n = len(embeddings)
    free = n if request.candidates is None else int(request.candidates.sum())
    if not 1 <= request.k <= free:
        taken = f" ({n - free} more are in the datapool already)" if free < n else ""
        raise SelectionError(
            f"cannot select {request.k} of {free} items{taken}: --n must be between 1 and {free}."
            + (f" Pass --n {free} to keep everything." if request.k > free > 0 else "")
        )
