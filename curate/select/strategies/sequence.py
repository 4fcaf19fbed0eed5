"""Sequence: whole runs of consecutive items, diverse by the means of their embeddings.

Items in their order in the source are cut into runs of L; where they are grouped, by video
or folder, no run crosses from one group into another. A run stands for its items by the mean
of their points (unit vectors under cosine), and farthest-first traversal chooses among the
runs. `k` counts items: k // L runs are selected, and no run is broken to fill up the rest.
What is left at the end of a group, fewer than L items, is in no run and cannot be selected;
items that were set aside are passed over, so what is around them counts as consecutive.

The picks are the items of the first run in their order, then those of the second, and so on.

Cost: a farthest-first traversal of n / L means, and O(n k d) for the distances of the items
that the report shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from curate.core.distance import Float64Array, as_points
from curate.core.values import BoolArray, Embeddings, IntArray, Selection
from curate.errors import RequestError, SelectionError
from curate.select.replay import replay
from curate.select.request import Request, Start
from curate.select.strategies.farthest_first import farthest_first


def sequence(
    embeddings: Embeddings, request: Request, length: int, groups: Sequence[object] | None = None
) -> Selection:
    """Pick whole runs of `length` items, `request.k` items at most.

    `groups` has a value an item; a run lies within items of one value. A run is a candidate
    if all of its items are. A start at a given row is the run that holds it. `min_distance`
    is between means of runs, and between them and the datapool.
    Raises RequestError for a length that is none, SelectionError for too few runs.
    """
    if length < 1:
        raise RequestError(f"a sequence of length {length} is none: it must be 1 or more.")
    runs = cut_into_runs(len(embeddings), length, groups)
    candidates = _whole(runs, request.candidates)
    wanted, free = request.k // length, int(candidates.sum())
    if wanted < 1:
        raise SelectionError(
            f"{request.k} items are less than one sequence of {length}: "
            f"pass --n {length} or more, or a shorter length."
        )
    if wanted > free:
        raise SelectionError(
            f"cannot select {wanted} sequences of {length} items ({request.k} items): "
            f"there are {free} of them. Pass --n {free * length} or less, or a shorter length."
        )
    of_runs = replace(request, k=wanted, candidates=candidates, start=_start(runs, request))
    means = Embeddings(_means(embeddings, runs), embeddings.metric, embeddings.embedder)
    made = farthest_first(means, of_runs)
    picks = runs[made.picks].ravel()
    notes = _notes(request, len(embeddings), runs, len(made))
    return replay(embeddings, picks, request, "sequence", notes)


def cut_into_runs(n: int, length: int, groups: Sequence[object] | None) -> IntArray:
    """(runs, length) rows of the whole runs, in the order of their first rows."""
    members: dict[object, list[int]] = {}
    for row in range(n):
        members.setdefault(None if groups is None else groups[row], []).append(row)
    runs = [
        rows[start : start + length]
        for rows in members.values()
        for start in range(0, len(rows) - length + 1, length)
    ]
    return np.array(sorted(runs), dtype=np.int64).reshape(-1, length)


def _whole(runs: IntArray, candidates: BoolArray | None) -> BoolArray:
    """(runs,) whether all items of a run may be picked."""
    if candidates is None:
        return np.ones(len(runs), dtype=bool)
    whole: BoolArray = np.all(candidates[runs], axis=1)
    return whole


def _means(embeddings: Embeddings, runs: IntArray) -> Float64Array:
    """(runs, d) mean point of each run."""
    means = np.empty((len(runs), embeddings.dims))
    for run, rows in enumerate(runs):
        points = as_points(embeddings.vectors[rows], embeddings.metric)
        mean = points.mean(axis=0)
        # Opposite directions cancel; the first item then stands for the run.
        means[run] = mean if mean.any() or embeddings.metric == "euclidean" else points[0]
    return means


def _start(runs: IntArray, request: Request) -> Start:
    if not isinstance(request.start, int):
        return request.start
    holding = np.flatnonzero((runs == request.start).any(axis=1))
    if len(holding) == 0:
        raise RequestError(
            "the item to start at is in no whole sequence: start at another, or leave --start out."
        )
    return int(holding[0])


def _notes(request: Request, n: int, runs: IntArray, picked: int) -> tuple[str, ...]:
    """What did not come to be selected, and why; `picked` runs were."""
    length = runs.shape[1]
    notes = []
    if picked < request.k // length:
        notes.append(
            f"{picked} of the {request.k // length} sequences asked for were picked: the mean of "
            f"every other one is nearer than {request.min_distance:g} to that of a picked one."
        )
    if request.k % length:
        notes.append(
            f"{request.k % length} of the {request.k} items asked for are left over: "
            f"only whole sequences of {length} are selected."
        )
    if n > runs.size:
        notes.append(
            f"{n - runs.size} of {n} items are in no whole sequence of {length}, "
            "and so could not be selected."
        )
    return tuple(notes)
