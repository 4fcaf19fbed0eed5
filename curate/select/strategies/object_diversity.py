"""Pictures chosen by the objects in them: farthest-first over sets of vectors.

A picture is as far from the selection as its farthest object is from all objects selected so
far; picking it selects all its objects, and the picture that is farthest is picked next. With
`both`, its score is the product

    object distance / O · picture distance / I

where O and I are the largest such distances that any candidate had when the first picture was
selected, so that both factors are in [0, 1] and neither fades as the selection grows. A picture
without objects is at distance 0: it is taken when nothing else is left. Ties go to the lowest
row. The first picture is that of the object nearest the mean of all objects.

Exact, in float64 by direct differences: O(m s d) for m objects of which s are selected, and a
float64 copy of the vectors. Not here: anything lazy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from curate.core.distance import Float64Array, from_squared, to_squared
from curate.core.values import Embeddings, FloatArray, IntArray, Selection
from curate.select.nearest_selected import NearestSelected, start_tracking
from curate.select.request import Request, check, start_row, stopped_early

NAMES = {"objects": "diversity of objects", "both": "diversity of images and objects"}


@dataclass(frozen=True)
class ObjectVectors:
    """(m, d) `vectors` in the space of the pictures; `owners` (m,) the rows of their pictures."""

    vectors: FloatArray
    owners: IntArray


def select_by_objects(
    embeddings: Embeddings, request: Request, objects: ObjectVectors, by: str
) -> Selection:
    """Pick `request.k` pictures by their objects, or by both (`by` "objects" or "both").

    Distances, radii and coverage of the result are those of the pictures, as in every
    selection. `request.min_distance` is between objects and ends the run. Raises
    SelectionError as `select` does.
    """
    check(request, embeddings)
    n, metric = len(embeddings), embeddings.metric
    pictures = start_tracking(embeddings.vectors, metric, None)
    parts = start_tracking(objects.vectors, metric, None)
    free = np.ones(n, dtype=bool) if request.candidates is None else request.candidates.copy()
    least = to_squared(request.min_distance, metric)
    members = _members(objects.owners, n)
    reach: dict[str, float] = {}
    for _ in request.progress(range(request.k), "selecting", request.k):
        if not pictures.picks:
            row = _start(n, request, parts, objects.owners)
        else:
            far = _farthest_object(parts, objects.owners, n)
            score = far
            if by == "both":
                score = _share(from_squared(far, metric), free, reach, "objects") * _share(
                    from_squared(pictures.squared, metric), free, reach, "pictures"
                )
            row = int(np.where(free, score, -1).argmax())
            if far[row] < least:
                break
        pictures.add(row)
        for part in members[row].tolist():
            parts.add(part)
        free[row] = False
    notes = stopped_early(request, len(pictures.picks))
    without = sum(not len(members[row]) for row in pictures.picks)
    if without:
        notes += (f"{without} of the images picked have no object.",)
    return pictures.selection(metric, NAMES[by], notes)


def _members(owners: IntArray, n: int) -> list[IntArray]:
    """For each of n pictures the rows of its objects, ascending."""
    order = np.argsort(owners, kind="stable")
    ends = np.cumsum(np.bincount(owners, minlength=n))
    return np.split(order, ends[:-1])


def _farthest_object(parts: NearestSelected, owners: IntArray, n: int) -> Float64Array:
    """(n,) squared distance of each picture's farthest object; 0 for one that has none."""
    far = np.zeros(n)
    np.maximum.at(far, owners, parts.squared)
    return far


def _share(
    distances: Float64Array, free: np.ndarray, reach: dict[str, float], name: str
) -> Float64Array:
    """(n,) distances over the largest that a candidate had at first; 1 while all are infinite."""
    if not np.isfinite(distances[free]).all():
        return np.where(np.isfinite(distances), distances, 1.0)
    largest = reach.setdefault(name, float(distances[free].max(initial=0.0)))
    return np.minimum(distances / largest, 1.0) if largest > 0 else np.zeros(len(distances))


def _start(n: int, request: Request, parts: NearestSelected, owners: IntArray) -> int:
    if request.start != "mean":
        return start_row(n, request, parts.points.__getitem__)
    allowed = None if request.candidates is None else request.candidates[owners]
    if allowed is not None and not allowed.any():
        return int(request.candidates.argmax())  # type: ignore[union-attr]  # not None, see above
    among = replace(request, candidates=allowed)
    return int(owners[start_row(len(owners), among, parts.points.__getitem__)])
