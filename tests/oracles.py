"""What the code must agree with: textbook float64 versions, ten lines each, no tricks."""

from __future__ import annotations

import numpy as np


def textbook_points(vectors, metric):
    points = np.asarray(vectors, dtype=np.float64)
    if metric == "cosine":
        points = points / np.linalg.norm(points, axis=1, keepdims=True)
    return points


def textbook_squared(points, point):
    """(n,) squared distances, summed in the order of the coordinates: ties depend on it."""
    return np.cumsum((points - point) ** 2, axis=1)[:, -1]


def textbook_distances(a, b, metric):
    """(len(a), len(b)) distances by direct differences."""
    a, b = textbook_points(a, metric), textbook_points(b, metric)
    squared = np.array([textbook_squared(b, row) for row in a])
    return np.sqrt(squared) if metric == "euclidean" else squared / 2


def textbook_farthest_first(vectors, k, metric, start=None, datapool=None):
    """Picks and the distance at each pick; ties to the lowest row."""
    points = textbook_points(vectors, metric)
    squared = np.full(len(points), np.inf)
    if datapool is not None:
        for row in textbook_points(datapool, metric):
            squared = np.minimum(squared, textbook_squared(points, row))
    picks, at_pick = [], []
    while len(picks) < k:
        free = squared.copy()
        free[picks] = -1
        pick = start if start is not None and not picks else int(free.argmax())
        picks.append(pick)
        at_pick.append(squared[pick])
        squared = np.minimum(squared, textbook_squared(points, points[pick]))
    at_pick = np.array(at_pick)
    radii = np.sqrt(at_pick) if metric == "euclidean" else at_pick / 2
    return picks, radii


def textbook_nearness(distances):
    """exp(-d / mean d): lightly-mundig's way to bring distances to (0, 1]."""
    mean = distances.mean()
    return np.exp(-distances / mean) if mean else np.ones_like(distances)


def textbook_typicality(vectors, k, metric):
    pairs = textbook_distances(vectors, vectors, metric)
    np.fill_diagonal(pairs, np.inf)
    return textbook_nearness(np.sort(pairs, axis=1)[:, :k]).mean(axis=1)


def textbook_similarity(vectors, queries, metric):
    return textbook_nearness(textbook_distances(vectors, queries, metric).min(axis=1))


def textbook_product(vectors, k, metric, fixed, *, diversity=0, balances=(), start=0, **limits):
    """Picks by the largest product, every candidate scored at every step.

    balances  (membership (n, classes), quotas, counts, strength) each
    limits    candidates, datapool, min_distance, costs and budget
    """
    n, picks, counts = len(vectors), [], [np.array(b[2], dtype=float) for b in balances]
    pool = limits.get("datapool")
    nearest = np.full(n, np.inf)
    if pool is not None:
        nearest = textbook_distances(vectors, pool, metric).min(axis=1)
    free = limits.get("candidates", np.ones(n, dtype=bool)).copy()
    costs, left = limits.get("costs", np.zeros(n)), limits.get("budget", np.inf)
    farthest = None
    while len(picks) < k:
        free &= (nearest >= limits.get("min_distance", 0)) & (costs <= left + 1e-9)
        if not free.any():
            break
        scores = np.array(fixed, dtype=float)
        for (membership, quotas, _, strength), has in zip(balances, counts, strict=True):
            lack = [max((q - c) / q, 1e-12) if q > 0 else 1e-12 for q, c in zip(quotas, has)]  # noqa: B905
            share = np.clip((membership * np.array(lack)).sum(axis=1), 1e-12, 1)
            scores *= share**strength if strength > 0 else (1e-12 / share) ** -strength
        alone = scores
        if diversity and np.isfinite(nearest[0]):
            farthest = farthest or nearest[free].max() or 1.0
            share = nearest / farthest
            inverse = (1e-6 / np.clip(share, 1e-6, 1)) ** abs(diversity)
            scores = alone * (share**diversity if diversity > 0 else inverse)
            if scores[free].max() == 0:
                scores = alone
        pick = int(np.where(free, scores, -1).argmax())
        first = diversity and not picks and pool is None
        pick = start if first and free[start] and scores[start] == scores[pick] else pick
        picks.append(pick)
        free[pick] = False
        left -= costs[pick]
        nearest = np.minimum(nearest, textbook_distances(vectors[[pick]], vectors, metric)[0])
        counts = [has + b[0][pick] for b, has in zip(balances, counts, strict=True)]
    return picks


def textbook_facility_location(vectors, k, metric):
    """Picks by the largest fall of the sum of distances, every candidate tried at every step."""
    pairs = textbook_distances(vectors, vectors, metric)
    nearest = np.full(len(pairs), np.inf)
    picks = []
    while len(picks) < k:
        gains = np.maximum(nearest - pairs, 0).sum(axis=1) if picks else -pairs.sum(axis=1)
        gains[picks] = -np.inf
        picks.append(int(gains.argmax()))
        nearest = np.minimum(nearest, pairs[picks[-1]])
    return picks


def textbook_by_objects(pictures, objects, owners, k, metric, by):
    """Picks by the farthest object of each picture, or times the picture's own distance."""
    n = len(pictures)
    points = textbook_points(objects, metric)
    start = int(owners[textbook_squared(points, points.mean(axis=0)).argmin()])
    between = textbook_distances(pictures, pictures, metric)
    apart = textbook_distances(objects, objects, metric)
    picks, first = [start], None
    while len(picks) < k:
        nearest = apart[:, np.isin(owners, picks)].min(axis=1)
        far = np.array([nearest[owners == row].max(initial=0.0) for row in range(n)])
        near = between[:, picks].min(axis=1)
        free = ~np.isin(np.arange(n), picks)
        first = first or (far[free].max(), near[free].max())
        score = far if by == "objects" else np.minimum(far / first[0], 1) * (near / first[1])
        picks.append(int(np.where(free, score, -1).argmax()))
    return picks


def textbook_energy_distance(x, y, metric):
    """sqrt(2 E|X - Y| - E|X - X'| - E|Y - Y'|) between points (chords under cosine)."""
    x, y = textbook_points(x, metric), textbook_points(y, metric)
    across, one, other = (
        np.mean([np.linalg.norm(b - row, axis=1).mean() for row in a])
        for a, b in ((x, y), (x, x), (y, y))
    )
    return np.sqrt(max(2 * across - one - other, 0))
