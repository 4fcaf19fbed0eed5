"""A proof of how good a covering radius is at best: Selection -> Certificate.

k picks and the input item that is covered worst are k + 1 points, each at least r from the
others and from the datapool. Whatever k items are selected instead, one of these points is
served from the datapool, at r or more, or two of them by the same item; and of two points r
apart one is at least r / 2 from it. So no selection of k items has a radius below r / 2.
That needs the triangle inequality, which the chord between unit vectors has. Cosine distance
is half its square, and half the chord a quarter of the distance: there the bound is r / 4.

r is the smallest distance at which a pick was made, or the radius, both by direct float64
differences; what they can be off by rounding is taken off the bound.
Cost: O(k). Not here: better bounds, which need more than the traversal has measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curate.core import Metric, Selection

SHARE = {"euclidean": 2.0, "cosine": 4.0}


@dataclass(frozen=True)
class Certificate:
    """`radius` of the selection, and `at_least`, which no selection of as many can go below."""

    radius: float
    at_least: float
    witnesses: int


def certificate(selection: Selection, metric: Metric, dims: int) -> Certificate | None:
    """What the picks of a farthest-first traversal prove; None where that is nothing."""
    radius = float(selection.coverage.max())
    apart = selection.distances[np.isfinite(selection.distances)]
    least = min(radius, float(apart.min(initial=np.inf)))
    bound = least / SHARE[metric] * (1 - (dims + 8) * 2.0**-51)
    return Certificate(radius, bound, len(selection) + 1) if bound > 0 else None
