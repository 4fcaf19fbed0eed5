"""Uniform random selection: the baseline for every other strategy.

Cost: O(n) for the draw, O(n k d) for the distances that the report shows.
"""

from __future__ import annotations

import numpy as np

from curate.core.distance import to_squared
from curate.core.values import Embeddings, Selection
from curate.select.nearest_selected import start_tracking
from curate.select.replay import replay
from curate.select.request import Request, free_items, stopped_early


def random_choice(embeddings: Embeddings, request: Request) -> Selection:
    """Draw `request.k` candidates without replacement, in random order.

    A candidate nearer than the minimum distance to an earlier pick or to the datapool is skipped.
    """
    rng = np.random.default_rng(request.seed)
    order = rng.permutation(np.flatnonzero(free_items(request, len(embeddings))))
    if request.min_distance == 0:
        return replay(embeddings, order[: request.k].astype(np.int64), request, "random")
    tracked = start_tracking(embeddings.vectors, embeddings.metric, request.datapool)
    least = to_squared(request.min_distance, embeddings.metric)
    drawn = iter(order.tolist())
    for _ in request.progress(range(request.k), "selecting", request.k):
        row = next((row for row in drawn if tracked.squared[row] >= least), None)
        if row is None:
            break
        tracked.add(row)
    notes = stopped_early(request, len(tracked.picks))
    return tracked.selection(embeddings.metric, "random", notes)
