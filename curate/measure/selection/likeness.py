"""How many different items a set holds, and how like the input it is.

  Vendi score       exp(−Σ λᵢ ln λᵢ), λ the eigenvalues of K / m, K_ij = exp(−‖xᵢ − xⱼ‖² / 2σ²)
                    over the m members, σ the median distance between pairs of the input:
                    1 for equal items, m for items without likeness
                    (Friedman & Dieng, The Vendi Score, TMLR 2023)
  energy distance   √(2 E‖X − Y‖ − E‖X − X′‖ − E‖Y − Y′‖), X of the set and Y of the input:
                    0 for equal distributions (`curate.measure.energy`)
‖x − y‖ is Euclidean; under cosine it is the chord between unit vectors, whose energy
distance is 0 for equal distributions only. Exact up to MEMBERS members and INPUT input
items; of more, uniform samples of so many, the same number for every set.
Cost: O(draws (m³ + m (m + q) d)), m and q at most those samples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import gt, lt

import numpy as np
from threadpoolctl import threadpool_limits

from curate.core.distance import Float64Array, as_points
from curate.core.values import FloatArray, IntArray, Metric
from curate.measure.distances import INTERVAL, sample_queries
from curate.measure.energy import energy_distance
from curate.schema.measures import Likeness, VersusRandom

MEMBERS, INPUT = 500, 1_000


def versus_random(
    selected: float, draws: Sequence[float], better: Callable[[float, float], bool]
) -> VersusRandom:
    """`selected` beside the values of the draws; `better(a, b)` says whether a beats b."""
    low, high = np.quantile(draws, INTERVAL)
    beaten = sum(bool(better(value, selected)) for value in draws)
    return VersusRandom(
        selected=selected,
        random=float(np.mean(draws)),
        interval=(float(low), float(high)),
        draws_better=beaten,
    )


def likeness_of(
    vectors: FloatArray,
    metric: Metric,
    picks: IntArray,
    draws: Sequence[IntArray],
    seed: np.random.SeedSequence,
) -> Likeness | None:
    """Both measures of `picks` and of each of `draws`; None where all input looked at is equal."""
    seeds = seed.spawn(2)
    sample = sample_queries(len(vectors), INPUT, seeds[0])
    members = sample_queries(len(picks), MEMBERS, seeds[1])
    centre = as_points(vectors[sample], metric).mean(axis=0)  # small norms: little cancels

    def points(rows: IntArray) -> Float64Array:
        moved: Float64Array = as_points(vectors[rows], metric) - centre
        return moved

    # One thread: sums in another order would move the last digits from machine to machine.
    with threadpool_limits(1):
        whole = points(sample)
        within = np.sqrt(squared_between(whole, whole))
        width = (
            float(np.median(within[np.triu_indices(len(sample), 1)])) if len(sample) > 1 else 0.0
        )
        if width == 0:
            return None
        values = []
        for rows in (picks, *draws):
            chosen = points(rows[members])
            squared = squared_between(chosen, chosen)
            across = np.sqrt(squared_between(chosen, whole))
            # Rounding leaves about 1e-8 between an item and itself.
            across[rows[members][:, None] == sample] = 0
            energy = energy_distance(across, np.sqrt(squared), within)
            values.append((vendi(np.exp(-squared / (2 * width**2))), energy))
    (own_vendi, own_energy), *random = values
    return Likeness(
        vendi=versus_random(own_vendi, [score for score, _ in random], gt),
        energy=versus_random(own_energy, [energy for _, energy in random], lt),
        width=width,
        n_members=len(members),
        n_input=len(sample),
        exact=len(members) == len(picks) and len(sample) == len(vectors),
    )


def vendi(kernel: Float64Array) -> float:
    """exp of the entropy of the eigenvalues of (m, m) `kernel` / m, whose diagonal is 1."""
    shares = np.linalg.eigvalsh(kernel / len(kernel))
    shares = shares[shares > 0]
    return float(np.exp(-(shares * np.log(shares)).sum()))


def squared_between(a: Float64Array, b: Float64Array) -> Float64Array:
    """(len(a), len(b)) squared distances of centred points by |a|² + |b|² − 2ab."""
    squared = np.einsum("ij,ij->i", a, a)[:, None] + np.einsum("ij,ij->i", b, b) - 2 * (a @ b.T)
    if a is b:
        np.fill_diagonal(squared, 0)
    positive: Float64Array = np.maximum(squared, 0)
    return positive
