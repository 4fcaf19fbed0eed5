"""The compiled step of lazy product selection in which picks are made among few items, exactly.

As `greedy`, and each pick lowers the factors of the cells that share its classes.
Cost: O(m d + cells classes) a pick, in the cache.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from curate.core.vector_code import LANES, compiled
from curate.select.lazy.kernels import TAKEN, State
from curate.select.lazy.points import Rounding, Rows, approximate_squared, exact_squared, gather
from curate.select.lazy.pool_greedy import Bar
from curate.select.product.product import FULL, Balance


class Balances(NamedTuple):
    """All balances, their classes one after the other.

    membership (cells, classes), quotas (classes,) and counts (classes,) as in `Balance`
    starts     (b + 1,) where the classes of each begin, and where all end
    strengths  (b,)
    """

    membership: NDArray[np.float64]
    quotas: NDArray[np.float64]
    counts: NDArray[np.float64]
    starts: NDArray[np.int64]
    strengths: NDArray[np.float64]


class Rivals(NamedTuple):
    """What (m,) items compete with: score = fixed * factor of the cell * distance factor.

    own (m,) positions of their cells in `cells` (c,), the different ones
    squared distance `reach` has distance factor 1; `halved` under cosine
    too_near  items at a squared distance below it may not be picked
    """

    fixed: NDArray[np.float64]
    own: NDArray[np.int64]
    cells: NDArray[np.int64]
    reach: float
    strength: float
    cosine: bool
    too_near: float


def packed(balances: tuple[Balance, ...], n_cells: int) -> Balances:
    """The balances as compiled code takes them; their counts are copied, to be changed."""
    sizes = [len(balance.quotas) for balance in balances]
    return Balances(
        membership=np.concatenate(
            [np.empty((n_cells, 0)), *(balance.membership for balance in balances)], axis=1
        ),
        quotas=np.concatenate([np.empty(0), *(balance.quotas for balance in balances)]),
        counts=np.concatenate([np.empty(0), *(balance.counts for balance in balances)]),
        starts=np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64),
        strengths=np.array([balance.strength for balance in balances], dtype=np.float64),
    )


@compiled
def factor_of(cell: int, balances: Balances) -> float:
    """The factor of an item of `cell`: `Product.cell_factors`, one at a time."""
    membership, quotas, counts, starts, strengths = balances
    product = 1.0
    for b in range(len(strengths)):
        shares = 0.0
        for c in range(starts[b], starts[b + 1]):
            lack = (quotas[c] - counts[c]) / quotas[c] if quotas[c] > 0 else FULL
            shares += membership[cell, c] * min(max(lack, FULL), 1.0)
        shares = min(max(shares, FULL), 1.0)
        product *= shares if strengths[b] == 1 else shares ** strengths[b]
    return product


@compiled
def factors_of(cells: NDArray[np.int64], balances: Balances) -> NDArray[np.float64]:
    """(c,) the factor of each of `cells`."""
    factors = np.empty(len(cells))
    for at in range(len(cells)):
        factors[at] = factor_of(cells[at], balances)
    return factors


@compiled
def score_of(squared: float, others: float, rivals: Rivals) -> float:
    """`others` times the distance factor, as `product.diversity_factor` has it."""
    distance = squared / 2 if rivals.cosine else math.sqrt(squared)
    share = min(distance / rivals.reach, 1.0)
    return others * (share if rivals.strength == 1 else share**rivals.strength)


@compiled
def scores_of(
    exact: NDArray[np.float64], rivals: Rivals, balances: Balances
) -> NDArray[np.float64]:
    """(m,) scores of items at squared distances `exact`; -1 where that is negative."""
    factors = factors_of(rivals.cells, balances)
    scores = np.full(len(exact), -1.0)
    for q in range(len(exact)):
        if exact[q] >= 0:
            scores[q] = score_of(exact[q], rivals.fixed[q] * factors[rivals.own[q]], rivals)
    return scores


@compiled
def greedy_product(
    order: NDArray[np.int32],
    exact: NDArray[np.float64],
    rivals: Rivals,
    balances: Balances,
    items: Rows,
    tiles: NDArray[Any],
    upto: int,
    bar: Bar,
    rounding: Rounding,
    state: State,
    picked: NDArray[np.int64],
    at_pick: NDArray[np.float64],
) -> int:
    """Pick among the items of `order`, the best score first, while they reach the bar.

    As `greedy.greedy`; the counts of `balances` are kept up to date too.
    """
    m, d, width = len(order), items.data.shape[1], LANES // tiles.itemsize
    squared, seen, nearest, _, _ = state
    block = np.empty(m * d, tiles.dtype)
    gather(items, order, 0, m, block)
    limits = np.empty(m, tiles.dtype)  # up to here a new pick may be nearer
    live = np.empty(m, np.int64)
    for q in range(m):
        live[q] = q
        limits[q] = rounding.relative * exact[q] + rounding.absolute
    left = m
    while left and upto < len(picked):
        factors = factors_of(rivals.cells, balances)
        best, best_score, kept = -1, -1.0, 0
        for at in range(left):
            q = live[at]
            i = order[q]
            score = score_of(exact[q], rivals.fixed[q] * factors[rivals.own[q]], rivals)
            behind = score < bar.squared or (score == bar.squared and i > bar.row)
            if behind or score < bar.floor or exact[q] <= 0 or exact[q] < rivals.too_near:
                squared[i] = exact[q]  # it cannot be picked before the next round
                seen[i] = upto
                continue
            live[kept] = q
            kept += 1
            if score > best_score or (score == best_score and i < order[best]):
                best, best_score = q, score
        left = kept
        if best < 0:
            break
        pick, row = best, order[best]
        picked[upto] = row
        for c in range(d):
            lane = (upto // width * d + c) * width + upto % width
            tiles[lane] = block[pick * d + c]
        at_pick[upto] = exact[pick]
        squared[row] = TAKEN
        nearest[row] = upto
        cell = rivals.cells[rivals.own[pick]]
        for c in range(len(balances.counts)):
            balances.counts[c] += balances.membership[cell, c]
        kept = 0
        for at in range(left):
            q = live[at]
            if q == pick:
                continue
            if approximate_squared(block, q * d, pick * d, d) <= limits[q]:
                distance = exact_squared(items, order[q], items, row)
                if distance < exact[q]:
                    exact[q] = distance
                    limits[q] = rounding.relative * distance + rounding.absolute
                    nearest[order[q]] = upto
            live[kept] = q
            kept += 1
        left = kept
        upto += 1
    for at in range(left):
        squared[order[live[at]]] = exact[live[at]]
        seen[order[live[at]]] = upto
    return upto
