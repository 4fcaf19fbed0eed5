"""The shape of a space: how tight its classes are, how many directions it uses, how evenly.

  π_intra  mean over classes of the mean cosine distance over pairs i ≠ j of the class
  π_inter  mean cosine distance between the re-normalised means of two classes
  π_ratio  π_intra / π_inter                             (Roth et al. 2020)
  ρ        KL(uniform ‖ S), natural log, S = singular values of the uncentred matrix over
           their sum; over the numerical rank, and again without the largest
  effective rank  exp(H(S))                              (Roy & Vetterli 2007)
  alignment   mean ‖x − y‖² over pairs of one class, unit rows
  uniformity  log mean_{i<j} exp(−2‖x − y‖²), unit rows  (Wang & Isola 2020)
Classes of one item are skipped. Sums over pairs of a class come from the sum of its rows,
Σ_{i,j} x_i·x_j = ‖Σx‖², so they are exact at O(n d) however many pairs there are.
Cost of ρ: O(n d²); of uniformity: q n d.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from curate.core.distance import Float64Array
from curate.core.values import IntArray
from curate.measure.distances import sample_queries
from curate.measure.spaces.parallel_blocks import Effort, in_blocks
from curate.schema.evaluation import ClassDensity, Spectrum, Uniformity

SPECTRUM_VALUES = 1 << 26  # of a matrix that is decomposed whole: 512 MB


def density(unit: Float64Array, codes: IntArray) -> ClassDensity:
    """π and alignment of (n, d) unit rows with (n,) codes, none −1."""
    sums, sizes = class_sums(unit, codes)
    several = sizes >= 2
    if not several.any():
        return ClassDensity(intra=None, inter=None, ratio=None, alignment=None)
    sums, sizes = sums[several], sizes[several]
    pairs = sizes * (sizes - 1)
    # Σ_{i≠j} (1 − x_i·x_j) = n² − ‖Σx‖² for unit rows.
    apart = np.maximum(sizes**2 - np.einsum("cd,cd->c", sums, sums), 0)
    intra = float((apart / pairs).mean())
    inter = _between(sums)
    return ClassDensity(
        intra=intra,
        inter=inter,
        ratio=intra / inter if inter else None,
        alignment=float(2 * apart.sum() / pairs.sum()),  # ‖x − y‖² = 2 (1 − x·y)
    )


def class_sums(points: Float64Array, codes: IntArray) -> tuple[Float64Array, Float64Array]:
    """(c, d) sum of the rows of each class and (c,) how many they are."""
    sizes = np.bincount(codes)
    order = np.argsort(codes, kind="stable")
    sums = np.zeros((len(sizes), points.shape[1]))
    present = np.flatnonzero(sizes)
    starts = (np.cumsum(sizes) - sizes)[present]
    sums[present] = np.add.reduceat(points[order], starts, axis=0)
    return sums, sizes.astype(np.float64)


def _between(sums: Float64Array) -> float | None:
    """Mean cosine distance between class means; one that is zero has no direction."""
    norms = np.linalg.norm(sums, axis=1)
    means = sums[norms > 0] / norms[norms > 0, None]
    c = len(means)
    if c < 2:
        return None
    total = means.sum(axis=0)
    return float(max(1 - (total @ total - c) / (c * (c - 1)), 0.0))


def spectrum(points: Float64Array, epsilon: float, seed: np.random.SeedSequence) -> Spectrum:
    """Spectrum of (n, d) points, or of a uniform sample of rows where they are very many.

    epsilon  rounding of the values as they were stored: a matrix whose columns depend on
             each other has singular values of that size instead of 0
    """
    limit = max(SPECTRUM_VALUES // points.shape[1], points.shape[1])
    rows = points if len(points) <= limit else points[sample_queries(len(points), limit, seed)]
    values = singular_values(rows)
    n, d = rows.shape
    # A matrix of independent errors e has a largest singular value of about e (√n + √d).
    noise = 2 * epsilon * np.linalg.norm(rows) / np.sqrt(n * d) * (np.sqrt(n) + np.sqrt(d))
    # The decomposition has a rounding of its own, which counts where values are float64.
    own = np.finfo(np.float64).eps * max(n, d) * values.max(initial=0.0)
    kept = values[values > max(noise, own)]
    whole = kept.sum()
    return Spectrum(
        shares=(kept / whole).tolist() if whole > 0 else [],
        rank=len(kept),
        decay=decay(kept),
        decay_rest=decay(kept[1:]),
        effective_rank=effective_rank(kept),
        n_rows=n,
    )


def singular_values(rows: Float64Array) -> Float64Array:
    """Singular values, descending; a tall matrix is reduced by QR first, which is as stable."""
    tall = len(rows) > 2 * rows.shape[1]
    square: Any = np.linalg.qr(rows, mode="r") if tall else rows
    values: Float64Array = np.linalg.svd(square, compute_uv=False)
    return values


def decay(values: Float64Array) -> float | None:
    """KL(uniform ‖ values over their sum), natural log; None without values."""
    if not len(values):
        return None
    shares = values / values.sum()
    return float(max(-np.log(len(shares)) - np.log(shares).mean(), 0.0))


def effective_rank(values: Float64Array) -> float | None:
    """exp of the entropy of the values over their sum; None without values."""
    if not len(values):
        return None
    shares = values / values.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def uniformity(
    unit: Float64Array,
    limit: int,
    seed: np.random.SeedSequence,
    effort: Effort = Effort(),  # noqa: B008 (frozen)
) -> Uniformity | None:
    """Of (n, d) unit rows, from all or a uniform sample of `limit`; None for a single row."""
    n = len(unit)
    if n < 2:
        return None
    queries = sample_queries(n, limit, seed)

    def block(rows: slice) -> float:
        block_rows = queries[rows]
        squared = np.maximum(2 - 2 * (unit[block_rows] @ unit.T), 0)
        weights = np.exp(-2 * squared)
        weights[np.arange(len(block_rows)), block_rows] = 0
        return float(weights.sum())

    total = sum(in_blocks(block, len(queries), n, "uniformity", effort))
    mean = total / (len(queries) * (n - 1))
    return Uniformity(value=float(np.log(mean)), n_queries=len(queries), exact=len(queries) == n)
