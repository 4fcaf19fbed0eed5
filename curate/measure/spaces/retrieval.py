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

import numpy as np
from scipy.special import gammaln

from curate.core import IntArray
from curate.distance import Float64Array
from curate.measure.nearest import sample_queries
from curate.measure.spaces.blocks import Effort, in_blocks
from curate.measure.spaces.ranking import Space

RECALL_AT = (1, 2, 4, 8)


@dataclass(frozen=True)
class Retrieval:
    """Scores of each query; their means are the metrics.

    queries      (q,) rows
    scores       metric -> (q,): "recall@1" … "recall@8", "r_precision", "map@r"
    neighbours   (q, min(8, n − 1)) rows of the nearest others
    exact        whether every item that can be a query was one
    """

    queries: IntArray
    scores: dict[str, Float64Array]
    neighbours: IntArray
    exact: bool


def retrieval(
    points: Float64Array,
    codes: IntArray,
    limit: int,
    seed: np.random.SeedSequence,
    effort: Effort = Effort(),  # noqa: B008 (frozen)
) -> Retrieval | None:
    """Scores of all queries, or of a uniform sample of `limit`, against all (n, d) points.

    codes  (n,) class of each point, none of them -1
    None where no class has two items.
    """
    relevant = np.bincount(codes)[codes] - 1  # (n,) R of each item
    able = np.flatnonzero(relevant > 0)
    if not len(able):
        return None
    queries = able[sample_queries(len(able), limit, seed)]
    space = Space(points)
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
    scores = np.concatenate([one for one, _ in found])
    return Retrieval(
        queries,
        dict(zip(NAMES, scores.T.copy(), strict=True)),
        np.concatenate([rows for _, rows in found]),
        len(queries) == len(able),
    )


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
