"""Deduplicate: keep one of each group of items that are closer than a distance.

Kept are the picks of a farthest-first traversal that goes on until every other item is
closer than `distance` to a pick. So any two kept items are at least `distance` apart, each
dropped one is closer than that to a kept one, and which it is is known. "Groups" need not be
told apart, and chains do not grow: of a row of items, each a little beyond the last, those
are kept that are far enough from each other.

Of exact duplicates the first one is kept. The kept come with the most distinct first, so the
end of the list is what a larger distance would drop next.

Decisions are made on direct differences in float64: distances far below the rounding of
float32, or of the expanded form of the distance, are told apart from 0 and from each other.

Cost: that of the lazy traversal, a fraction of n·k·d with k the number that is kept; at
worst quadratic in n. Memory is O(n).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from curate.core.values import Dropped, Embeddings, Selection
from curate.errors import RequestError
from curate.select.request import Request
from curate.select.strategies.farthest_first import farthest_first


def deduplicate(embeddings: Embeddings, request: Request, distance: float) -> Selection:
    """Keep at most `request.k` candidates of which no two are closer than `distance`.

    With k as many as there are candidates, all that are far enough apart are kept. Items
    closer than `distance` to the datapool are dropped in favour of that. `dropped` of the
    result says which item each dropped one is represented by. Raises RequestError unless
    `distance` is above 0.
    """
    if not 0 < distance < np.inf:
        raise RequestError(
            f"deduplicate needs a distance above 0, not {distance:g}: items closer than that to "
            "a kept one are dropped. Pass a tiny one, as 1e-9, for exact duplicates alone."
        )
    if request.min_distance > 0:
        raise RequestError(
            f"--min-distance {request.min_distance:g} has no effect with deduplicate: "
            "its own distance is the minimum. Leave it out."
        )
    made = farthest_first(embeddings, replace(request, min_distance=distance))
    free = np.ones(len(embeddings), bool) if request.candidates is None else request.candidates
    left = free.copy()
    left[made.picks] = False
    rows = np.flatnonzero(left & (made.coverage < distance))
    dropped = Dropped(rows, made.nearest[rows], made.coverage[rows])
    pool = "" if request.datapool is None else " or to the datapool"
    notes = [
        f"{len(made)} of {int(free.sum())} items were kept and {len(rows)} dropped: each of those "
        f"is closer than {distance:g} to a kept one{pool}."
    ]
    more = int(left.sum()) - len(rows)
    if more:
        notes.append(f"{more} more are far enough from all kept ones: n was reached before them.")
    return replace(made, strategy="deduplicate", notes=tuple(notes), dropped=dropped)
