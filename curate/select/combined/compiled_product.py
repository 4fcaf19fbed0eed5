"""The compiled step of the lazy product traversal that makes picks, exactly, among few items.

As `lazy.greedy_picks`, but each pick also lowers the factors of the groups that share its
classes. Cost: O(m d + groups classes) a pick for m items, in the cache.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from curate.core.simd import LANE_BYTES, compiled
from curate.select.combined.factors import FULL, BalanceFactor
from curate.select.lazy_traversal.greedy_picks import PickBound
from curate.select.lazy_traversal.kernels import TAKEN, ItemState
from curate.select.lazy_traversal.points import (
    Rounding,
    Rows,
    approximate_squared,
    exact_squared,
    gather,
)


class PackedBalances(NamedTuple):
    """All balances, their classes one after the other.

    membership  (groups, classes), quotas (classes,) and counts (classes,) as in `BalanceFactor`
    starts      (b + 1,) where the classes of each balance start, and the end of the last
    strengths   (b,)
    """

    membership: NDArray[np.float64]
    quotas: NDArray[np.float64]
    counts: NDArray[np.float64]
    starts: NDArray[np.int64]
    strengths: NDArray[np.float64]


class CandidateFactors(NamedTuple):
    """The factors of (m,) items: score = fixed * factor of the group * distance factor.

    fixed     (m,) product of the fixed factors
    own       (m,) index into `groups` of each item's group
    groups    (c,) the different groups
    reach     distance with distance factor 1
    strength  of diversity
    cosine    whether distances are cosine distances, half of the squared ones
    too_near  items at a smaller squared distance may not be picked
    """

    fixed: NDArray[np.float64]
    own: NDArray[np.int64]
    groups: NDArray[np.int64]
    reach: float
    strength: float
    cosine: bool
    too_near: float


def pack_balances(balances: tuple[BalanceFactor, ...], n_groups: int) -> PackedBalances:
    """The balances as arrays for compiled code; counts are copied, because picks change them."""
    sizes = [len(balance.quotas) for balance in balances]
    return PackedBalances(
        membership=np.concatenate(
            [np.empty((n_groups, 0)), *(balance.membership for balance in balances)], axis=1
        ),
        quotas=np.concatenate([np.empty(0), *(balance.quotas for balance in balances)]),
        counts=np.concatenate([np.empty(0), *(balance.counts for balance in balances)]),
        starts=np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64),
        strengths=np.array([balance.strength for balance in balances], dtype=np.float64),
    )


@compiled
def factor_of(group: int, balances: PackedBalances) -> float:
    """The factor of an item of `group`; equal to that of `Product.group_factors`."""
    membership, quotas, counts, starts, strengths = balances
    product = 1.0
    for b in range(len(strengths)):
        shares = 0.0
        for c in range(starts[b], starts[b + 1]):
            lack = (quotas[c] - counts[c]) / quotas[c] if quotas[c] > 0 else FULL
            shares += membership[group, c] * min(max(lack, FULL), 1.0)
        shares = min(max(shares, FULL), 1.0)
        product *= shares if strengths[b] == 1 else shares ** strengths[b]
    return product


@compiled
def factors_of(groups: NDArray[np.int64], balances: PackedBalances) -> NDArray[np.float64]:
    """(c,) the factor of each of `groups`."""
    factors = np.empty(len(groups))
    for g in range(len(groups)):
        factors[g] = factor_of(groups[g], balances)
    return factors


@compiled
def score_of(squared: float, others: float, candidates: CandidateFactors) -> float:
    """`others`, the other factors, times the distance factor of `factors.diversity_factor`."""
    distance = squared / 2 if candidates.cosine else math.sqrt(squared)
    share = min(distance / candidates.reach, 1.0)
    return others * (share if candidates.strength == 1 else share**candidates.strength)


@compiled
def scores_of(
    exact: NDArray[np.float64], candidates: CandidateFactors, balances: PackedBalances
) -> NDArray[np.float64]:
    """(m,) scores of items at squared distances `exact`; -1 where that is negative."""
    factors = factors_of(candidates.groups, balances)
    scores = np.full(len(exact), -1.0)
    for q in range(len(exact)):
        if exact[q] >= 0:
            others = candidates.fixed[q] * factors[candidates.own[q]]
            scores[q] = score_of(exact[q], others, candidates)
    return scores


@compiled
def greedy_product(
    order: NDArray[np.int32],
    exact: NDArray[np.float64],
    candidates: CandidateFactors,
    balances: PackedBalances,
    items: Rows,
    tiles: NDArray[Any],
    upto: int,
    bound: PickBound,
    rounding: Rounding,
    state: ItemState,
    picked: NDArray[np.int64],
    at_pick: NDArray[np.float64],
) -> int:
    """Pick among the items of `order`, the best score first, while they reach the bound.

    As `greedy_picks.greedy`; the counts of `balances` are kept up to date too. `bound` is about
    scores instead of squared distances.
    """
    m, d, width = len(order), items.data.shape[1], LANE_BYTES // tiles.itemsize
    squared, seen, nearest, _, _ = state
    block = np.empty(m * d, tiles.dtype)
    gather(items, order, 0, m, block)
    limits = np.empty(m, tiles.dtype)  # approximate distance up to which a new pick may be nearer
    live = np.empty(m, np.int64)
    for q in range(m):
        live[q] = q
        limits[q] = rounding.relative * exact[q] + rounding.absolute
    left = m
    while left and upto < len(picked):
        factors = factors_of(candidates.groups, balances)
        best, best_score, kept = -1, -1.0, 0
        for at in range(left):
            q = live[at]
            i = order[q]
            others = candidates.fixed[q] * factors[candidates.own[q]]
            score = score_of(exact[q], others, candidates)
            behind = score < bound.squared or (score == bound.squared and i > bound.row)
            if behind or score < bound.floor or exact[q] <= 0 or exact[q] < candidates.too_near:
                squared[i] = exact[q]  # not picked before the next round
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
        group = candidates.groups[candidates.own[pick]]
        for c in range(len(balances.counts)):
            balances.counts[c] += balances.membership[group, c]
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
