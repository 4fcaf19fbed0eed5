"""Sequence: whole runs of consecutive items, selected by the means of their embeddings.

The items, in the order of the source, are cut into runs of L. If they are grouped, by video or
folder, a run lies within one group. Each run is represented by the mean of its points (unit
vectors under cosine), and farthest-first traversal selects among these means. `k` counts items:
k // L runs are selected, and the rest of k is not filled with part of a run. The fewer than L
items left over at the end of a group are in no run and cannot be selected. Items that were set
aside while reading are skipped: their neighbours count as consecutive.

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
from curate.select.request import Request, Start, free_items
from curate.select.strategies.farthest_first import farthest_first


def sequence(
    embeddings: Embeddings, request: Request, length: int, groups: Sequence[object] | None = None
) -> Selection:
    """Pick whole runs of `length` items, `request.k` items at most.

    groups  a value for each item; a run lies within items of one value

    A run is a candidate if all of its items are. A start at a row is the run that contains the
    row. `min_distance` is between means of runs, and between means and the datapool. Raises
    RequestError for a length below 1, SelectionError if there are too few runs.
    """
    if length < 1:
        raise RequestError(f"the length of a sequence is {length}: it must be 1 or more.")
    runs = cut_into_runs(len(embeddings), length, groups)
    candidates: BoolArray = np.all(free_items(request, len(embeddings))[runs], axis=1)
    n_runs, free = request.k // length, int(candidates.sum())
    if n_runs < 1:
        raise SelectionError(
            f"{request.k} items are less than one sequence of {length}: "
            f"pass --n {length} or more, or a shorter length."
        )
    if n_runs > free:
        raise SelectionError(
            f"cannot select {n_runs} sequences of {length} items ({request.k} items): "
            f"there are {free} of them. Pass --n {free * length} or less, or a shorter length."
        )
    run_request = replace(request, k=n_runs, candidates=candidates, start=_start(runs, request))
    means = Embeddings(_means(embeddings, runs), embeddings.metric, embeddings.embedder)
    selected_runs = farthest_first(means, run_request)
    picks = runs[selected_runs.picks].ravel()
    notes = _notes(request, len(embeddings), runs, len(selected_runs))
    return replay(embeddings, picks, request, "sequence", notes)


def cut_into_runs(n: int, length: int, groups: Sequence[object] | None) -> IntArray:
    """(runs, length) rows of the complete runs, sorted by their first rows."""
    members: dict[object, list[int]] = {}
    for row in range(n):
        members.setdefault(None if groups is None else groups[row], []).append(row)
    runs = [
        rows[start : start + length]
        for rows in members.values()
        for start in range(0, len(rows) - length + 1, length)
    ]
    return np.array(sorted(runs), dtype=np.int64).reshape(-1, length)


def _means(embeddings: Embeddings, runs: IntArray) -> Float64Array:
    """(runs, d) mean point of each run."""
    means = np.empty((len(runs), embeddings.dims))
    for run, rows in enumerate(runs):
        points = as_points(embeddings.vectors[rows], embeddings.metric)
        mean = points.mean(axis=0)
        # Opposite directions can cancel to 0, which has no direction: use the first item.
        means[run] = mean if mean.any() or embeddings.metric == "euclidean" else points[0]
    return means


def _start(runs: IntArray, request: Request) -> Start:
    """The start among the runs. Raises RequestError for a row that is in no run."""
    if not isinstance(request.start, int):
        return request.start
    containing = np.flatnonzero((runs == request.start).any(axis=1))
    if len(containing) == 0:
        raise RequestError(
            "the item to start at is in no whole sequence: name another, or leave --start out."
        )
    return int(containing[0])


def _notes(request: Request, n: int, runs: IntArray, picked: int) -> tuple[str, ...]:
    """Why fewer than k items were selected, and which items could not be; `picked` runs were."""
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
