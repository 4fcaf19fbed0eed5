"""The values of a product of factors: fixed factors, class balances, a budget, distances.

At each step the score of a candidate i is

    fixed[i] · (d_i / D)^diversity · Π_b (membership_b[groups[i]] · lack_b)^strength_b

fixed       factors that do not change while picks are made: typicality, similarity, weights, …,
            each brought to (0, 1] and raised to its strength beforehand
d_i / D     distance to the nearest item selected so far (datapool included) over D, the
            largest that any candidate had when the first item was selected. Before anything
            is selected, this factor is 1 for all
lack_b      for each class of balance b, the share of its quota that is still missing, in
            (0, 1]; FULL for a class that has its quota, so that such a class is picked only
            when no other is left

Every factor is marginal: it says what the candidate would add now, and does not fade as the
selection grows. All factors can only fall as picks are made, so an old score is an upper bound;
the exceptions are negative strengths of diversity and balance. A negative strength inverts a
factor x whose least value is e: (e / x)^|strength|, which is in (0, 1] too.

Ties go to the start item on the first pick, else to the lowest row. A score is 0 only if d_i
is 0: duplicates of picks are taken when nothing else is left, in the order of their other
factors. Candidates nearer than the minimum distance, and those that cost more than is left of
the budget, are never picked later either.

The picks are made by `plain_product.py`, or for large work by `lazy_product.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.core.distance import Float64Array
from curate.core.values import BoolArray, FloatArray, Selection
from curate.select.request import Request, free_items, picked_or_pool

FULL = 1e-12  # the lack of a class that has its quota
LEAST_SHARE = 1e-6  # the least share of D that counts when small distances are preferred


@dataclass(frozen=True)
class BalanceFactor:
    """One balance of classes.

    membership  (groups, classes) float64 the share with which an item of a group counts for
                each class; rows sum to 1, or to 0 for items of no class
    quotas      (classes,) float64 how many items each class should have in the end
    counts      (classes,) float64 how many items it has in the datapool
    """

    membership: Float64Array
    quotas: Float64Array
    counts: Float64Array
    strength: float = 1.0

    def factor(self, counts: Float64Array, groups: slice | int = slice(None)) -> Float64Array:
        """Factor of an item of each of `groups` while the classes have `counts` (classes,)."""
        wanted = self.quotas > 0
        lack = np.full(len(self.quotas), FULL)
        lack[wanted] = (self.quotas[wanted] - counts[wanted]) / self.quotas[wanted]
        # Summed from left to right, as the compiled code does.
        shares = (self.membership[groups] * lack.clip(FULL, 1)).cumsum(axis=-1)[..., -1]
        return raise_to_strength(shares.clip(FULL, 1), self.strength, FULL)


@dataclass(frozen=True)
class WeightBudget:
    """The `costs` (n,) float64, 0 or more, of all picks sum to no more than `total`."""

    costs: Float64Array
    total: float


@dataclass(frozen=True)
class Product:
    """The factors that are multiplied.

    fixed      (n,) float64 in (0, 1]: the product of all fixed factors
    groups     (n,) int32 the group of each item: items that count for the same classes in
               every balance are one group; all 0 without balances
    diversity  strength of diversity; 0 if it is no factor
    """

    fixed: Float64Array
    groups: NDArray[np.int32]
    diversity: float = 0.0
    balances: tuple[BalanceFactor, ...] = ()
    budget: WeightBudget | None = None

    def group_factors(self, counts: list[Float64Array]) -> Float64Array:
        """(groups,) product of all balances, whose classes have `counts`; (1,) without any."""
        factors: Float64Array = np.ones(1)
        for balance, balance_counts in zip(self.balances, counts, strict=True):
            factors = factors * balance.factor(balance_counts)
        return factors


def raise_to_strength(values: Float64Array, strength: float, least: float) -> Float64Array:
    """`values`, none below `least`, to the power of `strength`.

    A negative strength inverts: (least / values)^|strength|. Values in [least, 1] stay in (0, 1].
    """
    base = values if strength >= 0 else least / values
    if abs(strength) == 1:
        return base
    powers: Float64Array = np.power(base, abs(strength))
    return powers


def fixed_factor(values: Float64Array, strength: float, request: Request) -> Float64Array:
    """(n,) `values` in (0, 1] raised to `strength`, relative to the items that may be picked."""
    least = float(values[free_items(request, len(values))].min())
    return raise_to_strength(values, strength, least).clip(0, 1)


def diversity_factor(distances: FloatArray, reach: float, strength: float) -> Float64Array:
    """Factors for `distances` to the nearest selected item; inf if nothing is selected.

    reach  the distance D that has factor 1
    """
    shares: Float64Array = np.minimum(distances / reach, 1)
    if strength < 0:
        shares = shares.clip(LEAST_SHARE, 1)
    return raise_to_strength(shares, strength, LEAST_SHARE)


def first_row(scores: Float64Array, free: BoolArray, start: Callable[[], int]) -> int:
    """The first pick: the free row with the largest of (n,) scores.

    Ties go to the start item if it is among them, else to the lowest row.
    """
    row, start_item = int(np.where(free, scores, -1).argmax()), start()
    return start_item if free[start_item] and scores[start_item] == scores[row] else row


def product_stopped_early(request: Request, product: Product, picked: int) -> tuple[str, ...]:
    """A note that says why only `picked` items, fewer than k, were picked; else nothing."""
    if picked == request.k:
        return ()
    reasons = []
    if request.min_distance > 0:
        reasons.append(f"is nearer than {request.min_distance:g} to {picked_or_pool(request)}")
    if product.budget is not None:
        reasons.append(f"costs more than is left of the budget of {product.budget.total:g}")
    return (
        f"{picked:,} of the {request.k:,} items asked for were picked: "
        f"every other one {' or '.join(reasons)}.",
    )


def diversity_at_pick(product: Product, selection: Selection) -> Float64Array:
    """(k,) the diversity factor of each pick when it was picked."""
    return diversity_factor(selection.distances, selection.reach or 1.0, product.diversity)


def balance_at_pick(balance: BalanceFactor, product: Product, selection: Selection) -> Float64Array:
    """(k,) the factor of `balance` that each pick had when it was picked."""
    counts, factors = balance.counts.copy(), np.empty(len(selection))
    for place, group in enumerate(product.groups[selection.picks]):
        factors[place] = balance.factor(counts, int(group))
        counts += balance.membership[group]
    return factors
