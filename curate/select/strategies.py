"""The table of strategies, and the one door to them."""

from __future__ import annotations

from collections.abc import Callable

from curate.core import Embeddings, Selection
from curate.errors import RequestError, did_you_mean
from curate.select.farthest_first import farthest_first
from curate.select.request import Request, check
from curate.select.uniform import uniform

Strategy = Callable[[Embeddings, Request], Selection]

STRATEGIES: dict[str, Strategy] = {
    "diversity": farthest_first,
    "random": uniform,
}


def select(embeddings: Embeddings, strategy: str, request: Request) -> Selection:
    """Make a selection by the named strategy.

    Raises RequestError for an unknown name, SelectionError for a k that cannot be had.
    """
    if strategy not in STRATEGIES:
        raise RequestError(
            f"no strategy is called {strategy!r}: {did_you_mean(strategy, STRATEGIES)}"
        )
    check(request, embeddings)
    return STRATEGIES[strategy](embeddings, request)
