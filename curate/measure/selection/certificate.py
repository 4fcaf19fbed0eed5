"""A proof of how small a covering radius can be (Gonzalez 1985): Selection -> Certificate.

k picks and the input item that is covered worst are k + 1 points; each is at least r from the
others and from the datapool. Whatever k items are selected instead, one of these points is served
from the datapool, at r or more, or two of them are served by the same item. Of two points r apart
one is at least r / 2 from that item. So no selection of k items has a radius below r / 2.
This needs the triangle inequality, which holds for the chord between unit vectors. Cosine distance
is half the square of the chord, so half the chord is a quarter of the distance: the bound is r / 4.

r is the smallest distance at which a pick was made, or the radius if that is smaller, both by
direct float64 differences. Their largest rounding error is taken off the bound.
Cost: O(k). Not here: better bounds, which need more distances than the traversal measures.
"""

from __future__ import annotations

import numpy as np

from curate.core.values import Metric, Selection
from curate.schema.objectives import Certificate

SHARE = {"euclidean": 2.0, "cosine": 4.0}


def certificate(selection: Selection, metric: Metric, dims: int) -> Certificate | None:
    """What the picks of a farthest-first traversal prove; None unless the bound is above 0."""
    radius = float(selection.coverage.max())
    apart = selection.distances[np.isfinite(selection.distances)]
    least = min(radius, float(apart.min(initial=np.inf)))
    bound = least / SHARE[metric] * (1 - (dims + 8) * 2.0**-51)
    if bound <= 0:
        return None
    return Certificate(radius=radius, at_least=bound, witnesses=len(selection) + 1)
