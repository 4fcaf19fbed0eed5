"""Uniform random selection: the baseline that every other strategy has to beat.

Cost: O(n) to draw, O(n k d) to know the distances that the report shows of it.
"""

from __future__ import annotations

import numpy as np

from curate.core import Embeddings, Selection
from curate.errors import RequestError
from curate.select.replay import replay
from curate.select.request import Request


def uniform(embeddings: Embeddings, request: Request) -> Selection:
    """Draw `request.k` candidates without replacement, in random order."""
    if request.min_distance > 0:
        raise RequestError(
            f"--min-distance {request.min_distance:g} has no effect with --strategy random: "
            "leave it out, or pass --strategy diversity."
        )
    rng = np.random.default_rng(request.seed)
    candidates = (
        np.arange(len(embeddings))
        if request.candidates is None
        else np.flatnonzero(request.candidates)
    )
    drawn = rng.choice(candidates, size=request.k, replace=False)
    return replay(embeddings, drawn.astype(np.int64), request, "random")
