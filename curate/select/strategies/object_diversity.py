"""Images selected by the objects in them: farthest-first traversal over sets of vectors.

The object distance of an image is that of its farthest object to the nearest object selected so
far. Each pick is the image with the largest object distance; all its objects are then selected.
With `both`, each pick is the image with the largest product

    object distance / O · image distance / I

where O and I are the largest such distances that any candidate had when the first image was
selected. So both factors are in [0, 1], and neither fades as the selection grows. An image
without objects has object distance 0: it is picked when nothing else is left. Ties go to the
lowest row. The first pick is the image of the object nearest the mean of all objects.

Exact, in float64 by direct differences: O(m s d) time for m objects of which s are selected, and
a float64 copy of the vectors. There is no lazy version.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from curate.core.distance import Float64Array, from_squared, to_squared
from curate.core.values import BoolArray, Embeddings, FloatArray, IntArray, Selection
from curate.select.nearest_selected import NearestSelected, start_tracking
from curate.select.request import Request, check_request, free_items, start_row, stopped_early

NAMES = {"objects": "diversity of objects", "both": "diversity of images and objects"}


@dataclass(frozen=True)
class ObjectVectors:
    """(m, d) `vectors` in the space of the images; `owners` (m,) the rows of their images."""

    vectors: FloatArray
    owners: IntArray


def select_by_objects(
    embeddings: Embeddings, request: Request, objects: ObjectVectors, by: str
) -> Selection:
    """Pick `request.k` images by their objects, or by both (`by` is "objects" or "both").

    Distances, radii and coverage of the result are those of the images, as in every selection.
    The run ends when all object distances are below `request.min_distance`. Raises
    SelectionError if k images cannot be picked.
    """
    check_request(request, embeddings)
    n, metric = len(embeddings), embeddings.metric
    images = start_tracking(embeddings.vectors, metric, None)
    tracked_objects = start_tracking(objects.vectors, metric, None)
    free = free_items(request, n)
    least = to_squared(request.min_distance, metric)
    members = _members(objects.owners, n)
    reach: dict[str, float] = {}
    for _ in request.progress(range(request.k), "selecting", request.k):
        if not images.picks:
            row = _start(n, request, tracked_objects, objects.owners)
        else:
            far = _farthest_object(tracked_objects, objects.owners, n)
            score = far
            if by == "both":
                score = _share(from_squared(far, metric), free, reach, "objects") * _share(
                    from_squared(images.squared, metric), free, reach, "images"
                )
            row = int(np.where(free, score, -1).argmax())
            if far[row] < least:
                break
        images.add(row)
        for object_row in members[row].tolist():
            tracked_objects.add(object_row)
        free[row] = False
    notes = stopped_early(request, len(images.picks))
    without = sum(not len(members[row]) for row in images.picks)
    if without:
        notes += (f"{without} of the images picked have no object.",)
    return images.selection(metric, NAMES[by], notes)


def _members(owners: IntArray, n: int) -> list[IntArray]:
    """For each of n images, the rows of its objects, ascending."""
    order = np.argsort(owners, kind="stable")
    ends = np.cumsum(np.bincount(owners, minlength=n))
    return np.split(order, ends[:-1])


def _farthest_object(tracked_objects: NearestSelected, owners: IntArray, n: int) -> Float64Array:
    """(n,) squared distance of each image's farthest object; 0 for an image without objects."""
    far = np.zeros(n)
    np.maximum.at(far, owners, tracked_objects.squared)
    return far


def _share(
    distances: Float64Array, free: BoolArray, reach: dict[str, float], name: str
) -> Float64Array:
    """(n,) distances over the largest that a candidate had at first; 1 while they are infinite."""
    if not np.isfinite(distances[free]).all():
        return np.where(np.isfinite(distances), distances, 1.0)
    largest = reach.setdefault(name, float(distances[free].max(initial=0.0)))
    return np.minimum(distances / largest, 1.0) if largest > 0 else np.zeros(len(distances))


def _start(n: int, request: Request, tracked_objects: NearestSelected, owners: IntArray) -> int:
    """The first image: that of the start object, or the first candidate if none has objects."""
    points = tracked_objects.points.__getitem__
    if request.start != "mean":
        return start_row(n, request, points)
    free = free_items(request, n)
    if not free[owners].any():
        return int(free.argmax())
    object_request = replace(request, candidates=free[owners])
    return int(owners[start_row(len(owners), object_request, points)])
