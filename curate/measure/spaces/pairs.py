"""Pairs of one class against pairs of two: how far their similarities are apart.

Inner products of unit rows over pairs i < j, clipped to [−1, 1], as two histograms over
[−1, 1], each of area 1 (the paper on pair histograms names no number of bins: 200 here).
  JSD = ½ KL(P‖M) + ½ KL(Q‖M), M = (P + Q)/2, in bits: 0 equal, 1 disjoint.
  AUC = chance that a pair of one class is nearer than a pair of two, ties half; no bins.
The same JSD with permuted labels is the floor: what bins and finite numbers give alone.
All pairs up to EXACT_ITEMS items, O(n² d); beyond, PAIRS uniform draws of each kind.
Similarities are rounded to DECIMALS, far above the rounding of float64: pairs that are equally
similar (of one-hot columns, counts, copies) tie, and one on the limit of a bin is not dealt to
either side by the order in which a sum was taken.
Not here: scipy's `jensenshannon`, which returns the square root.
"""

from __future__ import annotations

import numpy as np

from curate.core.distance import Float64Array
from curate.core.values import IntArray
from curate.measure.spaces.parallel_blocks import Effort, in_blocks
from curate.schema.evaluation import PairSimilarities

BINS = 200
EXACT_ITEMS = 3_000
PAIRS = 500_000
PERMUTATIONS = 5
DECIMALS = 12


def pair_histograms(
    unit: Float64Array,
    codes: IntArray,
    seed: np.random.SeedSequence,
    effort: Effort = Effort(),  # noqa: B008 (frozen)
) -> PairSimilarities | None:
    """Pairs of (n, d) unit rows with (n,) codes, none −1; None unless both kinds of pairs exist."""
    sizes = np.bincount(codes)
    if sizes.max() < 2 or (sizes > 0).sum() < 2:
        return None
    seeds = seed.spawn(PERMUTATIONS + 1)
    shuffles = [np.random.default_rng(own).permutation(codes) for own in seeds[1:]]
    exact = len(unit) <= EXACT_ITEMS
    if exact:
        first, second = np.triu_indices(len(unit), k=1)
        similar = _snapped((unit @ unit.T)[first, second])
        kinds = [label[first] == label[second] for label in (codes, *shuffles)]
        positive, negative = similar[kinds[0]], similar[~kinds[0]]
        floor = [jsd_bits(*_histograms(similar[kind], similar[~kind])) for kind in kinds[1:]]
    else:
        positive, negative = _sampled(unit, codes, seeds[0], effort)
        floor = [
            jsd_bits(*_histograms(*_sampled(unit, shuffled, own, effort)))
            for shuffled, own in zip(shuffles, seeds[1:], strict=True)
        ]
    p, q = _histograms(positive, negative)
    return PairSimilarities(
        jsd=jsd_bits(p, q),
        floor=floor,
        auc=auc(positive, negative),
        positive_mean=float(positive.mean()),
        negative_mean=float(negative.mean()),
        edges=(np.linspace(-BINS // 2, BINS // 2, BINS + 1) / (BINS // 2)).tolist(),
        positive=p.tolist(),
        negative=q.tolist(),
        n_positive=len(positive),
        n_negative=len(negative),
        exact=exact,
    )


def jsd_bits(p: Float64Array, q: Float64Array) -> float:
    """Jensen-Shannon divergence of two histograms of sum 1, base 2, in [0, 1]."""
    middle = (p + q) / 2
    terms = [side[side > 0] * np.log2(side[side > 0] / middle[side > 0]) for side in (p, q)]
    return float(min(max(sum(part.sum() for part in terms) / 2, 0.0), 1.0))


def auc(positive: Float64Array, negative: Float64Array) -> float:
    """P(positive > negative) + ½ P(equal)."""
    ranked = np.sort(negative)
    below = np.searchsorted(ranked, positive, side="left")
    not_above = np.searchsorted(ranked, positive, side="right")
    return float((below + not_above).mean() / (2 * len(negative)))


def _histograms(positive: Float64Array, negative: Float64Array) -> tuple[Float64Array, ...]:
    return tuple(
        np.bincount(_bin_of(side), minlength=BINS) / len(side) for side in (positive, negative)
    )


def _bin_of(similar: Float64Array) -> IntArray:
    """The bin of each snapped similarity: [lower, upper), the last with its upper limit."""
    # A similarity of .29 times 100 is 28.999…: rounded again, it is in the bin that begins there.
    scaled = np.round(similar * (BINS / 2), DECIMALS - 3)
    bins: IntArray = np.minimum(np.floor(scaled).astype(np.int64) + BINS // 2, BINS - 1)
    return bins


def _snapped(similar: Float64Array) -> Float64Array:
    return np.asarray(np.round(np.clip(similar, -1, 1), DECIMALS), dtype=np.float64)


def _sampled(
    unit: Float64Array, codes: IntArray, seed: np.random.SeedSequence, effort: Effort
) -> tuple[Float64Array, Float64Array]:
    """Similarities of PAIRS uniform draws, with replacement, of each kind of pair."""
    rng = np.random.default_rng(seed)
    return tuple(  # type: ignore[return-value]
        _similarities(unit, *pairs, effort)
        for pairs in (_positive_pairs(codes, rng), _negative_pairs(codes, rng))
    )


def _positive_pairs(codes: IntArray, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """A class in proportion to its pairs, then two different members of it."""
    by_class = np.argsort(codes, kind="stable")
    sizes = np.bincount(codes)
    starts = np.cumsum(sizes) - sizes
    weights = sizes * (sizes - 1.0)
    chosen = rng.choice(len(sizes), size=PAIRS, p=weights / weights.sum())
    first = rng.integers(0, sizes[chosen])
    second = rng.integers(0, sizes[chosen] - 1)
    second += second >= first
    return by_class[starts[chosen] + first], by_class[starts[chosen] + second]


def _negative_pairs(codes: IntArray, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """A class in proportion to its negative pairs, a member, and any item of another class."""
    by_class = np.argsort(codes, kind="stable")
    sizes = np.bincount(codes)
    starts = np.cumsum(sizes) - sizes
    weights = sizes * (len(codes) - sizes).astype(np.float64)
    chosen = rng.choice(len(sizes), size=PAIRS, p=weights / weights.sum())
    first = starts[chosen] + rng.integers(0, sizes[chosen])
    second = rng.integers(0, len(codes) - sizes[chosen])
    second += np.where(second >= starts[chosen], sizes[chosen], 0)  # step over the own class
    return by_class[first], by_class[second]


def _similarities(
    unit: Float64Array, first: IntArray, second: IntArray, effort: Effort
) -> Float64Array:
    def block(rows: slice) -> Float64Array:
        values: Float64Array = np.einsum("ij,ij->i", unit[first[rows]], unit[second[rows]])
        return values

    products = in_blocks(block, len(first), 8 * unit.shape[1], "comparing pairs", effort)
    return _snapped(np.concatenate(products))
