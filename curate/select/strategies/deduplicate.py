"""Deduplicate: drop items that are closer than a distance to a kept item.

The kept items are the picks of a farthest-first traversal that ends when every other item is
closer than `distance` to a pick. So any two kept items are at least `distance` apart, and each
dropped item is closer than that to a kept one, which is reported. No clustering is needed, and
chains do not merge: in a row of items, each close to the next, those that are far enough from
each other are kept.

Of exact duplicates, the first is kept. The most distinct items come first, so a larger distance
would drop items from the end of the list.

Distances are direct differences in float64. So distances far below the rounding of float32, or
of the expanded form |a|² + |b|² − 2ab, are still distinguished from 0 and from each other.

Cost: that of the lazy traversal, a fraction of n·k·d with k the number of kept items; at worst
quadratic in n. O(n) memory.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from curate.core.values import Dropped, Embeddings, Selection
from curate.errors import RequestError
from curate.select.request import Request, free_items
from curate.select.strategies.farthest_first import farthest_first


def deduplicate(embeddings: Embeddings, request: Request, distance: float) -> Selection:
    """Keep at most `request.k` candidates of which no two are closer than `distance`.

    With k equal to the number of candidates, all that are far enough apart are kept. Items
    closer than `distance` to the datapool are dropped. `dropped` of the result names the kept
    item that represents each dropped one. Raises RequestError unless 0 < `distance` < inf, and
    for a minimum distance.
    """
    if not 0 < distance < np.inf:
        raise RequestError(
            f"deduplicate needs a distance above 0, not {distance:g}: items closer than that to "
            "a kept one are dropped. To drop only exact duplicates, pass 1e-9."
        )
    if request.min_distance > 0:
        raise RequestError(
            f"--min-distance {request.min_distance:g} has no effect with deduplicate: "
            "its own distance is the minimum. Leave it out."
        )
    selection = farthest_first(embeddings, replace(request, min_distance=distance))
    left = free_items(request, len(embeddings))
    candidates = int(left.sum())
    left[selection.picks] = False
    rows = np.flatnonzero(left & (selection.coverage < distance))
    dropped = Dropped(rows, selection.nearest[rows], selection.coverage[rows])
    pool = "" if request.datapool is None else " or to the datapool"
    notes = [
        f"{len(selection)} of {candidates} items were kept and {len(rows)} dropped: each dropped "
        f"item is closer than {distance:g} to a kept one{pool}."
    ]
    more = int(left.sum()) - len(rows)
    if more:
        notes.append(f"{more} more are far enough from all kept items, but n was reached.")
    return replace(selection, strategy="deduplicate", notes=tuple(notes), dropped=dropped)
