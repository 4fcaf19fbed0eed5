"""The queue of lazy traversal: items by approximate distance, farthest first.

Nothing is ever moved. The queue is one counter for each narrow range of distances; the
items themselves are found again by one pass over their distances, in the order of their
rows, once the counters have told down to which distance there are enough. Buckets are the
leading bits of a float64, so that their width is always a 2048th of a factor of two,
whatever the distances are like, and comparing numbers or buckets is the same.

Cost: a pass over n numbers each round, 8 bytes a bucket.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.core.vector_code import LANES, at_least, compiled, load, lowest
from curate.select.lazy.kernels import State

BUCKETS = 1 << 16  # 32 factors of two of squared distance; the lowest holds all below
BUCKET_SHIFT = 41  # low bits of a float64 that its bucket does not look at
BLOCK = 1 << 20  # rows counted at a time


class Queue:
    """The items of `state` that are not TAKEN.

    waiting counts them, whether they are in the queue or pulled.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._counts = np.zeros(BUCKETS, np.int64)
        farthest = float((state.squared * state.scale if len(state.scale) else state.squared).max())
        # Every edge is then a number of their own kind, which they can be compared with.
        least = _leading_bits(float(np.finfo(state.squared.dtype).tiny))
        self._base = max(least, _leading_bits(farthest) - BUCKETS + 1)
        self._top = 0
        self.waiting = 0
        for start in range(0, len(state.squared), BLOCK):
            stop = min(start + BLOCK, len(state.squared))
            self.waiting += self._put(np.arange(start, stop, dtype=np.int32))

    def pull(self, wanted: int, at_most: float) -> tuple[NDArray[np.int32], float]:
        """Take out the farthest items: at least `wanted`, or all there are.

        Returns their rows in ascending order and the edge, which is `at_most` or less: what
        stays in the queue is nearer.
        """
        state = self._state
        order, edge, self._top = _pull(
            state.squared, state.scale, self._counts, self._base, self._top, wanted, at_most
        )
        return order, edge

    def put_back(self, order: NDArray[np.int32]) -> None:
        """Let the pulled items of `order` wait again, save those that are TAKEN by now."""
        self.waiting += self._put(order) - len(order)

    def _put(self, order: NDArray[np.int32]) -> int:
        """Count items into their buckets; how many there were."""
        state = self._state
        top, found = _put_back(order, state.squared, state.scale, self._counts, self._base)
        self._top = max(self._top, top)
        return found


@compiled
def _leading_bits(squared: float) -> int:
    bits = np.float64(squared).view(np.int64)
    return bits >> BUCKET_SHIFT  # type: ignore[return-value]  # int64 is an int when compiled


@compiled
def _bucket_of(squared: float, base: int) -> int:
    # An exact distance may exceed all approximate ones, of which the highest bucket was made.
    return min(max(0, _leading_bits(squared) - base), BUCKETS - 1)


@compiled
def _lower_edge(bucket: int, base: int) -> float:
    """The least squared distance that belongs into the bucket."""
    return np.int64((bucket + base) << BUCKET_SHIFT).view(np.float64) if bucket > 0 else 0.0


@compiled
def _put_back(
    order: NDArray[np.int32],
    squared: NDArray[Any],
    scale: NDArray[np.float64],
    counts: NDArray[np.int64],
    base: int,
) -> tuple[int, int]:
    """Count the items of `order` into their buckets; the highest bucket met, and how many."""
    top = found = 0
    for i in order:
        if squared[i] >= 0:
            value = squared[i] * scale[i] if len(scale) else np.float64(squared[i])
            bucket = _bucket_of(value, base)
            counts[bucket] += 1
            top = max(top, bucket)
            found += 1
    return top, found


@compiled
def _pull(
    squared: NDArray[Any],
    scale: NDArray[np.float64],
    counts: NDArray[np.int64],
    base: int,
    top: int,
    wanted: int,
    at_most: float,
) -> tuple[NDArray[np.int32], float, int]:
    """Empty the highest buckets; the rows of their items, the edge and its bucket."""
    bucket, total = top, counts[top]
    counts[top] = 0
    while bucket > 0 and (total < wanted or _lower_edge(bucket, base) > at_most):
        bucket -= 1
        total += counts[bucket]
        counts[bucket] = 0
    edge = _lower_edge(bucket, base)
    order = np.empty(total, np.int32)
    found = 0
    width = LANES // squared.itemsize
    whole = 0 if len(scale) else len(squared) // width * width
    for start in range(0, whole, width):
        far = at_least(load(squared, start), edge)
        while far:
            order[found] = start + lowest(far)
            far &= far - 1
            found += 1
    for i in range(whole, len(squared)):
        if squared[i] >= 0 and (squared[i] * scale[i] if len(scale) else squared[i]) >= edge:
            order[found] = i
            found += 1
    return order, edge, bucket


@compiled
def by_key(order: NDArray[np.int32], keys: NDArray[np.int32], most: int) -> NDArray[np.int32]:
    """`order` sorted by the keys of its items, which are 0 to `most`; else as it is."""
    places = np.zeros(most + 2, np.int64)
    for i in order:
        places[keys[i] + 1] += 1
    for key in range(most):
        places[key + 1] += places[key]
    result = np.empty(len(order), np.int32)
    for i in order:
        result[places[keys[i]]] = i
        places[keys[i]] += 1
    return result
