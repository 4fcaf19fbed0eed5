"""Retrieval by label: Recall@K, R-Precision and MAP@R (Musgrave et al. 2020).

R_i = number of other items of query i's class; a class of one item has no queries.
  Recall@K    1 if any of the K nearest has the query's label
  R-Precision (same label among the R_i nearest) / R_i
  MAP@R       1/R_i · Σ_{j ≤ R_i} precision@j · [item j has the label]
Each is a mean over queries. Within a tie every order is equally likely, so a tie counts
with its expectation (McSherry & Najork 2008): otherwise identical points sorted by class
would score 1, and shuffling the rows would change the result.
Not here: neighbours by an index; a k below the largest R would make two of these wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from curate.core.distance import Float64Array
from curate.core.values import IntArray
from curate.measure.distances import sample_queries
from curate.measure.spaces.blocks import Effort, in_blocks
from curate.schema.evaluation import Retrieval

# --------------------------------------------------------------------------------------
# The nearest other points of each query, as far as they are wanted, with their ties.
#
# Squared distances come from the expanded form |a|² + |b|² − 2ab of centred float64 points.
# Its rounding is bounded (`_rounding`), and distances nearer together than that are one tie:
# so what is exactly equal is a tie, and the order never rests on rounding. The centre is a median
# and the bound that of the near points, so that one row far from all others blurs nobody else.
# The query itself is passed over by its row, not by its place: an identical point of another
# class may stand before it.
# Cost: q n d multiply-adds and a partition of n values a query; O(block · n) memory.


EPSILON = float(np.finfo(np.float64).eps)
CENTRE_ROWS = 1_000  # the centre needs to be near the bulk, no more


@dataclass(frozen=True)
class Ranked:
    """One query's nearest others: `rows` (m,) ascending, the lower row first within a tie.

    group  (m,) number of the tie that each stands in, counted from 0
    """

    rows: IntArray
    group: IntArray


class CentredPoints:
    """(n, d) points, centred, ready to be ranked from any of them."""

    def __init__(self, points: Float64Array) -> None:
        self.points = points - np.median(points[:: max(1, len(points) // CENTRE_ROWS)], axis=0)
        self.squares: Float64Array = np.einsum("ij,ij->i", self.points, self.points)

    def squared_from(self, queries: IntArray) -> Float64Array:
        """(q, n) squared distances from the points in rows `queries`; inf to themselves."""
        squared: Float64Array = self.points[queries] @ self.points.T
        squared *= -2
        squared += self.squares
        squared += self.squares[queries, None]
        squared[np.arange(len(queries)), queries] = np.inf
        return squared

    def ranked(self, squared: Float64Array, query: int, wanted: int) -> Ranked:
        """The `wanted` nearest in one row of `squared_from`, and all that tie with the last."""
        wanted = min(wanted, len(squared) - 1)
        limit = float(np.partition(squared, wanted - 1)[wanted - 1])
        rounding = self._rounding(query, limit)
        rows = np.flatnonzero(squared <= limit + rounding)
        near = squared[rows]
        order = np.argsort(near, kind="stable")
        group = np.concatenate([[0], np.cumsum(np.diff(near[order]) > rounding)])
        rows = rows[order]
        return Ranked(rows[np.lexsort((rows, group))], group)

    def _rounding(self, query: int, limit: float) -> float:
        """Twice the largest error of a squared distance up to `limit` from `query`.

        Products, sums and norms are wrong by eps (|a| + |b|)² at most, and b is not farther from
        the centre than a and the way from a to b. An error of what is farther away is larger, but
        small beside its distance: it does not bring it near.
        """
        size = (2 * self.squares[query] ** 0.5 + max(limit, 0.0) ** 0.5) ** 2
        return float(2 * (self.points.shape[1] + 4) * EPSILON * size)


# --------------------------------------------------------------------------------------


RECALL_AT = (1, 2, 4, 8)


@dataclass(frozen=True)
class QueryScores:
    """Scores of each query, and `summary`, their means.

    queries      (q,) rows
    scores       metric -> (q,): "recall@1" … "recall@8", "r_precision", "map@r"
    neighbours   (q, min(8, n − 1)) rows of the nearest others
    """

    queries: IntArray
    scores: dict[str, Float64Array]
    neighbours: IntArray
    summary: Retrieval


def retrieval(
    points: Float64Array,
    codes: IntArray,
    limit: int,
    seed: np.random.SeedSequence,
    effort: Effort = Effort(),  # noqa: B008 (frozen)
) -> QueryScores | None:
    """Scores of all queries, or of a uniform sample of `limit`, against all (n, d) points.

    codes  (n,) class of each point, none of them -1
    None where no class has two items.
    """
    relevant = np.bincount(codes)[codes] - 1  # (n,) R of each item
    able = np.flatnonzero(relevant > 0)
    if not len(able):
        return None
    queries = able[sample_queries(len(able), limit, seed)]
    space = CentredPoints(points)
    deep = min(max(RECALL_AT), len(points) - 1)

    def block(rows: slice) -> tuple[Float64Array, IntArray]:
        some = queries[rows]
        squared = space.squared_from(some)
        scores, nearest = [], []
        for query, line in zip(some.tolist(), squared, strict=True):
            many = int(relevant[query])
            ranked = space.ranked(line, query, max(many, deep))
            hit = codes[ranked.rows] == codes[query]
            scores.append(scores_of(hit, ranked.group, many))
            nearest.append(ranked.rows[:deep])
        return np.array(scores), np.array(nearest)

    found = in_blocks(block, len(queries), len(points), "retrieving", effort)
    columns = np.concatenate([scores for scores, _ in found]).T.copy()
    scores = dict(zip(NAMES, columns, strict=True))
    summary = Retrieval(
        means={name: float(values.mean()) for name, values in scores.items()},
        n_queries=len(queries),
        exact=len(queries) == len(able),
    )
    return QueryScores(queries, scores, np.concatenate([rows for _, rows in found]), summary)


NAMES = (*(f"recall@{k}" for k in RECALL_AT), "r_precision", "map@r")


def scores_of(hit: np.ndarray, group: IntArray, many: int) -> list[float]:
    """The scores of one query, in the order of NAMES.

    hit    (m,) whether each of the nearest has the query's label, nearest first
    group  (m,) ties
    many   R, at most m
    """
    tied = np.bincount(group)  # (g,) items of each tie
    with_label = np.bincount(group, weights=hit).astype(
        np.float64
    )  # (g,) of these, of the query's class
    first = np.cumsum(tied) - tied
    before = np.cumsum(with_label) - with_label
    place = np.arange(len(hit)) - first[group]  # within its tie
    t, s, h = tied[group], with_label[group], before[group]
    # E[rel_j (1 + hits before j)] for a uniform order within the tie.
    follow = np.divide(s - 1, t - 1, out=np.zeros(len(hit)), where=t > 1)
    expected = s / t
    gain = expected * (1 + h + place * follow) / np.arange(1, len(hit) + 1)
    recalls = [_any_of(k, tied, with_label, first) for k in RECALL_AT]
    return [*recalls, float(expected[:many].sum() / many), float(gain[:many].sum() / many)]


def _any_of(k: int, tied: IntArray, with_label: Float64Array, first: IntArray) -> float:
    """The chance that one of the k nearest has the label."""
    last = int(np.searchsorted(first, k, side="left")) - 1  # the tie in which place k stands
    if with_label[:last].any():
        return 1.0
    t, s, drawn = (
        float(tied[last]),
        float(with_label[last]),
        float(min(k - first[last], tied[last])),
    )
    if t - s < drawn:
        return 1.0
    # Hypergeometric: no hit among `drawn` of t with s hits. The whole tie needs no gamma.
    if drawn == 0 or s == 0:
        return 0.0
    if drawn == 1:
        return s / t
    none = gammaln(t - s + 1) + gammaln(t - drawn + 1) - gammaln(t - s - drawn + 1) - gammaln(t + 1)
    return float(-np.expm1(none))


# --------------------------------------------------------------------------------------
# Is one space better than another, or was it luck? Paired bootstrap over queries.
#
# The same queries are scored in both spaces; their differences are drawn again with
# replacement DRAWS times, and the middle 95% of the means is the interval (Efron 1979).
# Pairing matters: most of the spread is between queries, not between spaces. It speaks of
# other queries of the same data, not of other data. Cost: DRAWS · q.


DRAWS = 2_000
INTERVAL = (0.025, 0.975)
BLOCK_DRAWS = 100


class PairedDifference(NamedTuple):
    """Mean of (a − b) and the middle 95% of its bootstrap."""

    mean: float
    low: float
    high: float


def paired_differences(
    a: Float64Array, b: Float64Array, seed: np.random.SeedSequence
) -> list[PairedDifference]:
    """For each column of (q, m) scores `a` and `b` of the same queries."""
    apart = a - b
    rng = np.random.default_rng(seed)
    means = []
    for _ in range(DRAWS // BLOCK_DRAWS):
        # How often each query was drawn is all that a mean needs.
        drawn = rng.integers(0, len(apart), size=(BLOCK_DRAWS, len(apart)))
        times = np.array([np.bincount(rows, minlength=len(apart)) for rows in drawn])
        means.append(times @ apart / len(apart))
    low, high = np.quantile(np.concatenate(means), INTERVAL, axis=0)
    return [
        PairedDifference(*map(float, one))
        for one in zip(apart.mean(axis=0), low, high, strict=True)
    ]


# --------------------------------------------------------------------------------------
# Which classes a space keeps, and which two it mixes up. O(q k).


class MixedCodes(NamedTuple):
    """Of the nearest neighbours of items of either class, the fraction that is of the other."""

    first: int
    second: int
    fraction: float


def mixed_pairs(own: IntArray, neighbours: IntArray, classes: int, most: int) -> list[MixedCodes]:
    """The `most` pairs of classes that are mixed up most.

    own         (q,) class of each query
    neighbours  (q, k) classes of its nearest others
    """
    k = neighbours.shape[1]
    cells = own[:, None] * classes + neighbours
    keys, times = np.unique(cells[own[:, None] != neighbours], return_counts=True)
    one, other = np.divmod(keys, classes)
    pairs, places = np.unique(
        np.minimum(one, other) * classes + np.maximum(one, other), return_inverse=True
    )
    totals = np.bincount(places, weights=times, minlength=len(pairs))
    queries = np.bincount(own, minlength=classes)
    first, second = np.divmod(pairs, classes)
    shares = totals / (k * (queries[first] + queries[second]))
    order = np.argsort(-shares, kind="stable")[:most]
    return [MixedCodes(int(first[i]), int(second[i]), float(shares[i])) for i in order]
