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
