"""Farthest-first traversal: each pick is the item farthest from all picks so far.

Also known as k-center greedy or "coreset" selection. Every prefix of the picks is itself
a farthest-first selection, and its covering radius is at most twice the smallest radius
that any selection of that size can have (Gonzalez 1985, Theorem 2.2).

Cost: O(n k d) time in plain float64, O(n d) memory. Picks are exact: ties go to the
lowest row. Items at distance 0 are picked only when nothing else is left.
"""

from __future__ import annotations

import numpy as np

from curate.core import Embeddings, Selection
from curate.select.nearest_selected import NearestSelected, row_nearest_mean, start_tracking
from curate.select.request import Request


def farthest_first(embeddings: Embeddings, request: Request) -> Selection:
    """Pick `request.k` items by farthest-first traversal.

    The first pick is the start item, or with a datapool the item farthest from it.
    """
    tracked = start_tracking(embeddings.vectors, embeddings.metric, request.datapool)
    free = _candidates(len(embeddings), request)
    if request.datapool is None:
        _pick(tracked, free, _start_row(tracked, request))
    remaining = request.k - len(tracked.picks)
    for _ in request.progress(range(remaining), "selecting", remaining):
        _pick(tracked, free, int(np.where(free, tracked.squared, -1).argmax()))
    return tracked.selection(embeddings.metric, "diversity")


def _candidates(n: int, request: Request) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.ones(n, dtype=bool) if request.candidates is None else request.candidates.copy()


def _pick(tracked: NearestSelected, free: np.ndarray, row: int) -> None:
    tracked.add(row)
    free[row] = False


def _start_row(tracked: NearestSelected, request: Request) -> int:
    if isinstance(request.start, int):
        return request.start
    free = _candidates(len(tracked.points), request)
    if request.start == "first":
        return int(free.argmax())
    if request.start == "random":
        return int(np.random.default_rng(request.seed).choice(np.flatnonzero(free)))
    return row_nearest_mean(tracked.points, request.candidates)
