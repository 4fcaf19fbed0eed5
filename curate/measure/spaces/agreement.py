"""Do two spaces have the same neighbours? What is near, not where it lies.

For each query the k nearest in A and in B, itself excluded in both:
  common = |A ∩ B| in 0 … k,  overlap = common / k,  IoU = |A ∩ B| / |A ∪ B|
Two unrelated spaces share k/(n − 1) of their neighbours by chance: `chance_counts` has the
whole (hypergeometric) distribution. Whoever counts an item among its own neighbours finds
.06 where chance is .009.
IoU takes few values, so its histogram misleads: the histogram here is of the count.
Cost: k nearest in each space (`curate.core.distance`), then O(q k log k).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from curate.core.distance import Float64Array
from curate.core.values import IntArray
from curate.measure.distances import chances
from curate.schema.space_reports import Agreement


class QueryAgreement(NamedTuple):
    """`common` (q,) int64: how many neighbours of each query both spaces share; `summary` of it."""

    common: IntArray
    summary: Agreement


def agreement(first: IntArray, second: IntArray, k: int, n: int) -> QueryAgreement:
    """Of (q, ≥ k) neighbour rows of the same queries in two spaces of n items, nearest first."""
    common = common_count(first[:, :k], second[:, :k])
    shares = chances(n - 1, k, k)
    ious = np.arange(k + 1) / (2 * k - np.arange(k + 1))
    summary = Agreement(
        k=k,
        overlap=float(common.mean() / k),
        iou=float((common / (2 * k - common)).mean()),
        chance=k / (n - 1),
        chance_iou=float(shares @ ious),
        counts=np.bincount(common, minlength=k + 1).tolist(),
        chance_counts=(shares * len(common)).tolist(),
    )
    return QueryAgreement(common, summary)


def common_count(first: IntArray, second: IntArray) -> IntArray:
    """(q,) how many rows two (q, k) lists of different rows have in common, line by line."""
    both = np.sort(np.concatenate([first, second], axis=1), axis=1)
    common: IntArray = (both[:, 1:] == both[:, :-1]).sum(axis=1).astype(np.int64)
    return common


def changed_most(common: IntArray, first: Float64Array, second: Float64Array) -> IntArray:
    """Positions of queries, those with the fewest common neighbours first.

    Among equals, those whose neighbours are near in one space at least come first: an
    outlier has other neighbours everywhere, and that says little.
    first, second  (q,) distance to the last neighbour over its mean, in each space
    """
    return np.lexsort((np.minimum(first, second), common))


def by_label(common: IntArray, codes: IntArray, k: int, classes: int) -> Float64Array:
    """(c,) mean overlap of the queries of each class; NaN where it has none."""
    known = codes >= 0
    many = np.bincount(codes[known], minlength=classes)
    total = np.bincount(codes[known], weights=common[known] / k, minlength=classes)
    means: Float64Array = np.divide(total, many, out=np.full(classes, np.nan), where=many > 0)
    return means
