"""PaCMAP (Wang, Huang, Rudin & Shaposhnik, JMLR 2021): a map that keeps neighbours together.

Three kinds of pairs pull at the points of a map, for each point i of m:
  near     its `neighbours` nearest by d² / (σᵢ σⱼ), σ the mean distance to the 4th to 6th nearest
  further  twice as many of the others, uniformly: they push apart
  mid-near half as many, each the second nearest of six others: they keep the whole in shape
The loss of a pair at squared distance s on the map is w d̃ / (c + d̃), d̃ = 1 + s, with c = 10
for near and 10000 for mid-near pairs, and w / (1 + d̃) for further ones. Adam takes it down in
three phases; what is mid-near weighs much at first, and nothing in the last.
Neighbours are exact. Every sum is taken in a fixed order: the same map on any number of threads.
Plain numpy: where points are few, loading compiled code would take longer than all of this.
Cost: the neighbours, O(m² d); then 450 steps over at most 35 m pairs. O(m) memory.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from curate.core.distance import Float64Array, k_nearest
from curate.core.values import IntArray

SPARE_NEIGHBOURS = 50  # nearest ones that the scaled distance chooses among
PHASES = (100, 100, 250)  # steps
MID_NEAR_FIRST, MID_NEAR_NEXT = 1000.0, 3.0  # weights
DRAWN = 6  # of which the second nearest is a mid-near partner
RATE, MEAN_KEPT, SQUARE_KEPT = 1.0, 0.9, 0.999  # of Adam
START = 0.01  # size of the map that is begun with, beside that of the points
AT_ONCE = 1 << 17  # pairs: bounds memory, and keeps it in the cache of a processor


class PointPairs(NamedTuple):
    """Partners of each of m points, (many, m) rows each: the pairs of point i are in column i."""

    near: IntArray
    further: IntArray
    mid_near: IntArray


def pacmap(
    points: Float64Array, start: Float64Array, neighbours: int, rng: np.random.Generator
) -> Float64Array:
    """(m, 2) places of (m, d) points, from the (m, 2) map `start` on.

    `neighbours` of each point; 3.5 times as many are its pairs, fewer than m.
    """
    return settled(START * start, pairs_of(points, neighbours, rng))


def pairs_of(points: Float64Array, neighbours: int, rng: np.random.Generator) -> PointPairs:
    """The three kinds of pairs of (m, d) points."""
    m = len(points)
    own = np.arange(m)
    wanted = min(neighbours + SPARE_NEIGHBOURS, m - 1)
    nearest = k_nearest(points, points, wanted, "euclidean", own_rows=own, once=True)
    spread = np.maximum(nearest.distances[:, 3:6].mean(axis=1), 1e-10)
    scaled = nearest.distances**2 / (spread[:, None] * spread[nearest.rows])
    first = np.argsort(scaled, axis=1, kind="stable")[:, :neighbours]
    near = np.take_along_axis(nearest.rows, first, axis=1).T
    further = drawn_others(np.vstack([own, near]), 2 * neighbours, rng)
    mid_near: IntArray = np.empty((0, m), dtype=np.int64)
    for _ in range(neighbours // 2):
        others = drawn_others(np.vstack([own, mid_near]), DRAWN, rng)
        distances = np.stack([np.linalg.norm(points[rows] - points, axis=1) for rows in others])
        second = np.argsort(distances, axis=0, kind="stable")[1]
        mid_near = np.vstack([mid_near, others[second, own]])
    return PointPairs(np.ascontiguousarray(near), further, mid_near)


def drawn_others(taken: IntArray, many: int, rng: np.random.Generator) -> IntArray:
    """(many, m) rows for each of m points, uniform and all different, none in its column of
    `taken` (t, m), which are all different, too."""
    m = taken.shape[1]
    taken = np.sort(taken, axis=0)
    drawn = np.empty((many, m), dtype=np.int64)
    for place in range(many):
        # The r-th of those that are left: each that is taken and not above it moves it up by one.
        row = rng.integers(0, m - len(taken), size=m)
        for taken_rows in taken:
            row += row >= taken_rows
        drawn[place] = row
        taken = np.sort(np.vstack([taken, row]), axis=0)
    return drawn


def weights(step: int) -> tuple[float, float, float]:
    """Of near, further and mid-near pairs in a step."""
    first, second, _ = PHASES
    if step < first:
        gone = step / first
        return 2.0, 1.0, (1 - gone) * MID_NEAR_FIRST + gone * MID_NEAR_NEXT
    return (3.0, 1.0, MID_NEAR_NEXT) if step < first + second else (1.0, 1.0, 0.0)


def gradient(
    places: Float64Array, pairs: PointPairs, weight: tuple[float, float, float]
) -> Float64Array:
    """(2, m) derivatives of the loss by the coordinates of (2, m) `places`."""
    m = places.shape[1]
    total = np.zeros_like(places)
    near, further, mid_near = weight
    # w d̃ / (c + d̃) has the derivative 2 w c / (c + 1 + s)² times the difference of the places.
    for partners, factor, beyond in (
        (pairs.near, 20.0 * near, 11.0),
        (pairs.further, -2.0 * further, 2.0),
        (pairs.mid_near, 20_000.0 * mid_near, 10_001.0),
    ):
        step = max(1, AT_ONCE // m)
        for begin in range(0, len(partners) if factor else 0, step):
            rows = partners[begin : begin + step]  # (r, m)
            pulls = [axis - axis[rows] for axis in places]  # of each axis (r, m)
            size = pulls[0] * pulls[0]
            size += pulls[1] * pulls[1]
            size += beyond
            size *= size
            np.divide(factor, size, out=size)
            for axis, pull in enumerate(pulls):
                np.multiply(pull, size, out=pull)
                total[axis] += pull.sum(axis=0)
                total[axis] -= np.bincount(rows.ravel(), pull.ravel(), m)
    return total


def settled(start: Float64Array, pairs: PointPairs) -> Float64Array:
    """(m, 2) places that the pairs have pulled the (m, 2) `start` into."""
    places = np.ascontiguousarray(start.T)  # (2, m)
    mean, square = np.zeros_like(places), np.zeros_like(places)
    for step in range(sum(PHASES)):
        slope = gradient(places, pairs, weights(step))
        mean += (1 - MEAN_KEPT) * (slope - mean)
        square += (1 - SQUARE_KEPT) * (slope**2 - square)
        # Both began at 0, which their first values still show.
        rate = RATE * (1 - SQUARE_KEPT ** (step + 1)) ** 0.5 / (1 - MEAN_KEPT ** (step + 1))
        places -= rate * mean / (np.sqrt(square) + 1e-7)
    return np.ascontiguousarray(places.T)
