"""Retrieval by label: Recall@K, R-Precision and MAP@R (Musgrave et al. 2020).

R_i = number of other items of query i's class; a class of one item has no queries.
  Recall@K    1 if any of the K nearest has the query's label
  R-Precision (same label among the R_i nearest) / R_i
  MAP@R       1/R_i · Σ_{j ≤ R_i} precision@j · [item j has the label]
Each is a mean over queries. Within a tie every order is equally likely, so a tie counts
with its expectation (McSherry & Najork 2008): otherwise identical points sorted by class
would score 1, and shuffling the rows would change the result.
The scores of a query tell which classes a space mixes up (`mixed_pairs`), and whether one space is
better than another (`paired_differences`).
Cost: q n d, and O(q (R + 8)). Neighbours are exact: an index gives k of them, and a k below the
largest R would make R-Precision and MAP@R wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from curate.core.distance import Float64Array
from curate.core.values import IntArray
from curate.measure.distances import INTERVAL, sample_queries
from curate.measure.spaces.parallel_blocks import Effort, in_blocks
from curate.measure.spaces.ranked_neighbours import CentredPoints
from curate.schema.evaluation import Retrieval

RECALL_AT = (1, 2, 4, 8)
NAMES = (*(f"recall@{k}" for k in RECALL_AT), "r_precision", "map@r")
DRAWS = 2_000  # of the bootstrap
BLOCK_DRAWS = 100


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
        rows_of_block = queries[rows]
        squared = space.squared_from(rows_of_block)
        scores, nearest = [], []
        for query, line in zip(rows_of_block.tolist(), squared, strict=True):
            many = int(relevant[query])
            ranked = space.ranked(line, query, max(many, deep))
            hit = codes[ranked.rows] == codes[query]
            scores.append(scores_of(hit, ranked.group, many))
            nearest.append(ranked.rows[:deep])
        return np.array(scores), np.array(nearest)

    blocks = in_blocks(block, len(queries), len(points), "retrieving", effort)
    columns = np.concatenate([scores for scores, _ in blocks]).T.copy()
    scores = dict(zip(NAMES, columns, strict=True))
    summary = Retrieval(
        means={name: float(values.mean()) for name, values in scores.items()},
        n_queries=len(queries),
        exact=len(queries) == len(able),
    )
    return QueryScores(queries, scores, np.concatenate([rows for _, rows in blocks]), summary)


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


class PairedDifference(NamedTuple):
    """Mean of (a − b) and the middle 95% of its bootstrap."""

    mean: float
    low: float
    high: float


def paired_differences(
    a: Float64Array, b: Float64Array, seed: np.random.SeedSequence
) -> list[PairedDifference]:
    """For each column of (q, m) scores `a` and `b` of the same queries: how much better is a?

    Paired bootstrap (Efron 1979): the differences of the queries are drawn again with replacement,
    DRAWS times. They are paired because most of the spread is between queries, not between spaces.
    The interval speaks of other queries of the same data, not of other data. Cost: DRAWS · q.
    """
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
        PairedDifference(*map(float, column))
        for column in zip(apart.mean(axis=0), low, high, strict=True)
    ]


class MixedCodes(NamedTuple):
    """Of the nearest neighbours of items of either class, the fraction that is of the other."""

    first: int
    second: int
    fraction: float


def mixed_pairs(own: IntArray, neighbours: IntArray, classes: int, most: int) -> list[MixedCodes]:
    """The `most` pairs of classes that are mixed up most. Cost: O(q k).

    own         (q,) class of each query
    neighbours  (q, k) classes of its nearest others
    """
    k = neighbours.shape[1]
    cells = own[:, None] * classes + neighbours
    keys, times = np.unique(cells[own[:, None] != neighbours], return_counts=True)
    own_class, other_class = np.divmod(keys, classes)
    pairs, places = np.unique(
        np.minimum(own_class, other_class) * classes + np.maximum(own_class, other_class),
        return_inverse=True,
    )
    totals = np.bincount(places, weights=times, minlength=len(pairs))
    queries = np.bincount(own, minlength=classes)
    first, second = np.divmod(pairs, classes)
    shares = totals / (k * (queries[first] + queries[second]))
    order = np.argsort(-shares, kind="stable")[:most]
    return [MixedCodes(int(first[i]), int(second[i]), float(shares[i])) for i in order]
