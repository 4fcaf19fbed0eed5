"""Uniform random selection: the baseline that every other strategy has to beat.

Cost: O(n) to draw, O(n k d) to know the distances that the report shows of it.
"""

from __future__ import annotations

import numpy as np

from curate.core.distance import to_squared
from curate.core.values import Embeddings, Selection
from curate.select.nearest_selected import start_tracking
from curate.select.replay import replay
from curate.select.request import Request, stopped_early


def uniform(embeddings: Embeddings, request: Request) -> Selection:
    """Draw `request.k` candidates without replacement, in random order.

    A candidate nearer than the minimum distance to what was drawn before is passed over.
    """
    rng = np.random.default_rng(request.seed)
    free = request.candidates
    order = rng.permutation(len(embeddings) if free is None else np.flatnonzero(free))
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
