"""Which classes a space keeps, and which two it mixes up. O(q k)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from curate.core import IntArray


class Mixed(NamedTuple):
    """Of the nearest neighbours of items of either class, the fraction that is of the other."""

    first: int
    second: int
    fraction: float


def mixed_pairs(own: IntArray, neighbours: IntArray, classes: int, most: int) -> list[Mixed]:
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
    return [Mixed(int(first[i]), int(second[i]), float(shares[i])) for i in order]
