"""Made-up points, and what farthest-first traversal or chance picks of them.

One distance matrix: an independent, plain computation, so that figures look like real ones
and tests need no other part of the house.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Wanted:
    """What kind of report to make."""

    n: int = 400
    k: int = 40
    dims: int = 12
    kind: str = "vectors"
    labels: bool | Sequence[str] = True  # of its own making, or these in turn
    datapool: int = 0
    draws: int = 20
    set_aside: int = 0
    duplicates: int = 0
    random: bool = True
    maps: bool = True
    strategy: str = "diversity"
    ids: Sequence[str] | None = None
    texts: Sequence[str] | None = None
    name: str = "made-up points"
    seed: int = 0
    spread: float = 1.0


class MadeUp:
    """Clustered points with a tail, a datapool beside them, and the picks in order."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.rng = np.random.default_rng(wanted.seed)
        self.points = self._points(wanted.n)
        self.pool = self._points(wanted.datapool) if wanted.datapool else np.empty((0, wanted.dims))
        if wanted.duplicates:
            self.points[-wanted.duplicates :] = self.points[: wanted.duplicates]
        self.between = cdist(self.points, self.points)
        self.to_pool = cdist(self.points, self.pool) if wanted.datapool else None
        self.picks, self.at_pick = self._select()
        self.ids = list(wanted.ids or (str(row) for row in range(wanted.n)))

    def _points(self, n: int) -> Array:
        centres = np.random.default_rng(99).normal(size=(8, self.wanted.dims)) * 3
        which = self.rng.integers(0, 8, size=n)
        tail = self.rng.gamma(1.5, 0.6, size=(n, 1)) * self.wanted.spread
        return centres[which] + tail * self.rng.normal(size=(n, self.wanted.dims))

    def _select(self) -> tuple[list[int], list[float]]:
        k, n = self.wanted.k, self.wanted.n
        if self.wanted.strategy == "random":
            order = [int(row) for row in self.rng.permutation(n)[:k]]
            nearest = [
                min((self.between[row, other] for other in order[:place]), default=np.inf)
                for place, row in enumerate(order)
            ]
            return order, [float(distance) for distance in nearest]
        start = int(np.linalg.norm(self.points - self.points.mean(axis=0), axis=1).argmin())
        to_nearest = np.full(n, np.inf) if self.to_pool is None else self.to_pool.min(axis=1)
        picks: list[int] = []
        distances: list[float] = []
        for _ in range(k):
            free = to_nearest.copy()
            free[picks] = -1
            row = start if not picks and self.to_pool is None else int(free.argmax())
            picks.append(row)
            distances.append(float(to_nearest[row]))
            to_nearest = np.minimum(to_nearest, self.between[row])
        return picks, distances

    def _label(self, row: int) -> str | None:
        names = self.wanted.labels
        if isinstance(names, bool):
            return f"class {row % 5}" if names else None
        return names[row % len(names)]

    def _text(self, row: int) -> str | None:
        return self.wanted.texts[row] if self.wanted.texts else None

    def _nearest_other(self, rows: Sequence[int]) -> Array:
        block = self.between[np.ix_(rows, rows)].copy()
        np.fill_diagonal(block, np.inf)
        return np.asarray(block.min(axis=1))

    def _draws(self) -> list[Array]:
        sizes = (self.wanted.n, self.wanted.k)
        return [self.rng.permutation(sizes[0])[: sizes[1]] for _ in range(self.wanted.draws)]
