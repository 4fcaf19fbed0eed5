"""Random beside other strategies: a factor that makes the picks a weighted draw.

The factor is smallest E / E, with E exponential. Beside weights w, the items with the largest
products are a draw without replacement in proportion to w.
"""

from __future__ import annotations

import numpy as np

from curate.schema import strategies
from curate.select.combined.factors import fixed_factor
from curate.select.objectives import FixedFactor, StrategyInputs
from curate.select.request import Request


def random_objective(
    spec: strategies.RandomDraw, inputs: StrategyInputs, request: Request
) -> FixedFactor:
    """A random factor for each item, by the request's seed."""
    drawn = np.random.default_rng(request.seed).exponential(size=len(inputs.embeddings))
    return FixedFactor(spec, fixed_factor(drawn.min() / drawn, spec.strength, request))
