"""How alike two spaces over the same items are as a whole: CKA, RSA, Procrustes.

linear CKA, centred, debiased: HSIC(K, L) / √(HSIC(K, K) HSIC(L, L)) with K = XXᵀ and the
  unbiased HSIC of Song et al. (2012). The biased one is far from 0 on noise. 1 for
  rotated or scaled spaces; may be below 0 for unrelated ones. Exact at O(n d²): with
  zero diagonals every sum over n × n has a form in d × d.
RSA: Spearman's ρ of the distances of all pairs, of a uniform sample of items if they are
  many (Kriegeskorte et al. 2008).
Procrustes disparity: 1 − (Σ singular values of XᵀY)², X and Y centred and of norm 1: what
  the best rotation and scale leave; 0 for equal, as scipy.spatial.procrustes, with
  zeros for the dimensions that one space lacks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import pdist

from curate.core.distance import Float64Array
from curate.core.values import IntArray

RSA_ITEMS = 2_000


@dataclass(frozen=True)
class SpaceSimilarity:
    """None where it is not defined: a space of equal points has no direction."""

    cka: float | None
    rsa: float | None
    procrustes: float | None
    rsa_items: int


@dataclass(frozen=True)
class PreparedSpace:
    """A space, ready to be compared with others: (n, d) `points` that are centred, and (pairs,)
    `ranks` of the distances between `sampled` of its items."""

    points: Float64Array
    ranks: Float64Array
    sampled: int


def prepared(points: Float64Array, sample: IntArray) -> PreparedSpace:
    """Of (n, d) points; `sample` rows are those of RSA, the same in every space."""
    centred = points - points.mean(axis=0)
    return PreparedSpace(centred, pair_ranks(centred[sample]), len(sample))


def similarity(first: PreparedSpace, second: PreparedSpace) -> SpaceSimilarity:
    """Of two spaces over the same items."""
    return SpaceSimilarity(
        cka=cka(first.points, second.points),
        rsa=rsa(first.ranks, second.ranks),
        procrustes=procrustes(first.points, second.points),
        rsa_items=first.sampled,
    )


def cka(x: Float64Array, y: Float64Array) -> float | None:
    """Debiased linear CKA of (n, d) and (n, e) centred rows; None below four items."""
    if len(x) < 4:
        return None
    own_x, own_y = _hsic(x, x), _hsic(y, y)
    if own_x <= 0 or own_y <= 0:
        return None
    return float(_hsic(x, y) / np.sqrt(own_x) / np.sqrt(own_y))


def _hsic(x: Float64Array, y: Float64Array) -> float:
    """Unbiased HSIC of the linear kernels, times n (n − 3).

    tr(K̃L̃) + 1ᵀK̃1 1ᵀL̃1 / ((n−1)(n−2)) − 2/(n−2) 1ᵀK̃L̃1, K̃ = XXᵀ without its diagonal.
    """
    n = len(x)
    own_x, own_y = np.einsum("ij,ij->i", x, x), np.einsum("ij,ij->i", y, y)  # the diagonals
    trace = float(((x.T @ y) ** 2).sum() - own_x @ own_y)
    rows_x, rows_y = x @ x.sum(axis=0) - own_x, y @ y.sum(axis=0) - own_y  # K̃1, L̃1
    both = rows_x.sum() * rows_y.sum() / ((n - 1) * (n - 2))
    return float(trace + both - 2 / (n - 2) * (rows_x @ rows_y))


def pair_ranks(points: Float64Array) -> Float64Array:
    """(m (m − 1) / 2,) ranks of the Euclidean distances between (m, d) points, from 1; those that
    are equal share the mean of their places."""
    distances = pdist(points)
    order = np.argsort(distances)
    ordered = distances[order]
    first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(order)])
    ends = np.append(first[1:], len(order))
    ranks = np.empty(len(order))
    ranks[order] = np.repeat((first + 1 + ends) / 2, ends - first)
    return ranks


def rsa(first: Float64Array, second: Float64Array) -> float | None:
    """Pearson's r of (pairs,) ranks in two spaces; None below three items."""
    if len(first) < 3 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    first, second = first - first.mean(), second - second.mean()
    return float(first @ second / np.sqrt((first @ first) * (second @ second)))


def procrustes(x: Float64Array, y: Float64Array) -> float | None:
    """Disparity of (n, d) and (n, e) centred rows, in [0, 1]."""
    norms = np.linalg.norm(x), np.linalg.norm(y)
    if 0 in norms:
        return None
    common = np.linalg.svd(x.T @ y, compute_uv=False).sum() / (norms[0] * norms[1])
    return float(min(max(1 - common**2, 0.0), 1.0))
