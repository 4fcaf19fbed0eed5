"""Several wishes at once: each pick is the candidate with the largest product of factors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.core.distance import Float64Array
from curate.core.values import BoolArray, FloatArray, Selection
from curate.select.request import Request

FULL = 1e-12  # what a class that has its quota still lacks


NEAR = 1e-6  # least share of D, where small distances are wanted


@dataclass(frozen=True)
class Balance:
    """One target for the shares of classes.

    membership  (cells, classes) float64 share with which an item of a cell counts for each
                class; rows sum to 1, or to 0 for items of no class
    quotas      (classes,) float64 items that each class should have in the end
    counts      (classes,) float64 items that it has in the datapool
    """

    membership: Float64Array
    quotas: Float64Array
    counts: Float64Array
    strength: float = 1.0

    def factor(self, counts: Float64Array, cells: slice | int = slice(None)) -> Float64Array:
        """Factor of an item of each of `cells` while classes have `counts` (classes,)."""
        wanted = self.quotas > 0
        lack = np.full(len(self.quotas), FULL)
        lack[wanted] = (self.quotas[wanted] - counts[wanted]) / self.quotas[wanted]
        # Summed one after the other, as the compiled way does.
        shares = (self.membership[cells] * lack.clip(FULL, 1)).cumsum(axis=-1)[..., -1]
        return raised(shares.clip(FULL, 1), self.strength, FULL)


@dataclass(frozen=True)
class Budget:
    """No more than `total` for all picks together; `costs` (n,) float64, 0 or more."""

    costs: Float64Array
    total: float


@dataclass(frozen=True)
class Product:
    """What is multiplied.

    fixed      (n,) float64 in (0, 1]: all fixed factors, each raised to its strength
    diversity  strength of diversity; 0 if it is not asked
    cells      (n,) int32 which cell each item is in: items that count for the same classes of
               every balance share one; all 0 without balances
    """

    fixed: Float64Array
    cells: NDArray[np.int32]
    diversity: float = 0.0
    balances: tuple[Balance, ...] = ()
    budget: Budget | None = None

    def cell_factors(self, counts: list[Float64Array]) -> Float64Array:
        """(cells,) product of all balances, whose classes have `counts`; one cell for none."""
        factors: Float64Array = np.ones(1)
        for balance, has in zip(self.balances, counts, strict=True):
            factors = factors * balance.factor(has)
        return factors


def raised(values: Float64Array, strength: float, least: float) -> Float64Array:
    """`values`, of which `least` is the least possible, to the power of `strength`.

    A negative strength inverts: (least / values)^|strength|. So [least, 1] stays in (0, 1].
    """
    base = values if strength >= 0 else least / values
    if abs(strength) == 1:
        return base
    powers: Float64Array = np.power(base, abs(strength))
    return powers


def diversity_factor(distances: FloatArray, reach: float, strength: float) -> Float64Array:
    """Factors of `distances` to the nearest selected item; inf where nothing is selected."""
    shares: Float64Array = np.minimum(distances / reach, 1)
    return raised(shares if strength >= 0 else shares.clip(NEAR, 1), strength, NEAR)


def first_row(scores: Float64Array, free: BoolArray, start: Callable[[], int]) -> int:
    """The free row with the best of (n,) scores where nothing is selected yet.

    Ties go to the start item, if it is among them.
    """
    row, at = int(np.where(free, scores, -1).argmax()), start()
    return at if free[at] and scores[at] == scores[row] else row


def ended_early(request: Request, product: Product, picked: int) -> tuple[str, ...]:
    """The note that says why `picked` items are fewer than were asked for."""
    chosen = "an item picked" if request.datapool is None else "an item picked or in the datapool"
    why = []
    if request.min_distance > 0:
        why.append(f"is nearer than {request.min_distance:g} to {chosen}")
    if product.budget is not None:
        why.append(f"costs more than is left of the budget of {product.budget.total:g}")
    return (
        f"{picked:,} of the {request.k:,} items asked for were picked: "
        f"every other one {' or '.join(why)}.",
    )


def factors_at_pick(product: Product, selection: Selection) -> list[Float64Array]:
    """(k,) the factor that each pick had when it was picked: diversity's, then each balance's.

    Diversity is left out where it is not asked. Recounted from the picks alone.
    """
    found = []
    if product.diversity:
        reach = selection.reach or 1.0
        found.append(diversity_factor(selection.distances, reach, product.diversity))
    for balance in product.balances:
        has, own = balance.counts.copy(), np.empty(len(selection))
        for place, cell in enumerate(product.cells[selection.picks]):
            own[place] = balance.factor(has, int(cell))
            has += balance.membership[cell]
        found.append(own)
    return found
