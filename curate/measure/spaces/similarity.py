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
from scipy.stats import rankdata

from curate.core import IntArray
from curate.distance import Float64Array

RSA_ITEMS = 2_000


@dataclass(frozen=True)
class Likeness:
    """None where it is not defined: a space of equal points has no direction."""

    cka: float | None
    rsa: float | None
    procrustes: float | None
    rsa_items: int


def likeness(first: Float64Array, second: Float64Array, sample: IntArray) -> Likeness:
    """Of (n, d) and (n, e) points of the same items; `sample` rows are those of RSA."""
    x, y = (points - points.mean(axis=0) for points in (first, second))
    return Likeness(
        cka=cka(x, y),
        rsa=rsa(x[sample], y[sample]),
        procrustes=procrustes(x, y),
        rsa_items=len(sample),
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


def rsa(x: Float64Array, y: Float64Array) -> float | None:
    """Spearman's ρ of the Euclidean distances between (m, d) and between (m, e) points."""
    if len(x) < 3:
        return None
    first, second = (rankdata(pdist(points)) for points in (x, y))
    if np.ptp(first) == 0 or np.ptp(second) == 0:
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
