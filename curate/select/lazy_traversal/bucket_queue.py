"""The priority queue of the lazy traversal: items by approximate distance, farthest first.

It is a bucket queue that stores only counts: how many items are in each narrow range (bucket) of
distances. To take the farthest items, the counts say down to which distance there are enough, and
one pass over the distances of all items collects them, in the order of their rows.

The bucket of a distance is given by the leading bits of its float64. So every bucket is a 2048th
of a factor of two wide, whatever the distances are, and buckets are in the order of distances.

Cost: a pass over n numbers in each round; 8 bytes a bucket.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.core.simd import LANE_BYTES, at_least, compiled, load, lowest_bit
from curate.select.lazy_traversal.kernels import ItemState

BUCKETS = 1 << 16  # 32 factors of two of squared distance; the lowest bucket has all below
BUCKET_SHIFT = 41  # low bits of a float64 that its bucket ignores
BLOCK = 1 << 20  # rows counted at a time


class BucketQueue:
    """A queue of the items of `state` that are not TAKEN.

    waiting  how many these are, in the queue or pulled
    """

    def __init__(self, state: ItemState) -> None:
        self._state = state
        self._counts = np.zeros(BUCKETS, np.int64)
        farthest = float((state.squared * state.scale if len(state.scale) else state.squared).max())
        # With this lowest bucket every edge is a number of the dtype of the distances.
        least = _leading_bits(float(np.finfo(state.squared.dtype).tiny))
        self._base = max(least, _leading_bits(farthest) - BUCKETS + 1)
        self._top = 0
        self.waiting = 0
        for start in range(0, len(state.squared), BLOCK):
            stop = min(start + BLOCK, len(state.squared))
            self.waiting += self._put(np.arange(start, stop, dtype=np.int32))

    def pull(self, wanted: int, at_most: float) -> tuple[NDArray[np.int32], float]:
        """Take out the farthest items: at least `wanted`, or all if there are fewer.

        Returns their rows, ascending, and the edge: all items that stay are nearer than it. The
        edge is `at_most` or less.
        """
        state = self._state
        order, edge, self._top = _pull(
            state.squared, state.scale, self._counts, self._base, self._top, wanted, at_most
        )
        return order, edge

    def put_back(self, order: NDArray[np.int32]) -> None:
        """Put the pulled items of `order` back, except those that are TAKEN now."""
        self.waiting += self._put(order) - len(order)

    def _put(self, order: NDArray[np.int32]) -> int:
        """Count items into their buckets; returns how many are not TAKEN."""
        state = self._state
        top, count = _put_back(order, state.squared, state.scale, self._counts, self._base)
        self._top = max(self._top, top)
        return count


@compiled
def _leading_bits(squared: float) -> int:
    bits = np.float64(squared).view(np.int64)
    return bits >> BUCKET_SHIFT  # type: ignore[return-value]  # int64 is an int when compiled


@compiled
def _bucket_of(squared: float, base: int) -> int:
    # An exact distance may exceed all approximate ones, which determined the highest bucket.
    return min(max(0, _leading_bits(squared) - base), BUCKETS - 1)


@compiled
def _lower_edge(bucket: int, base: int) -> float:
    """The smallest squared distance in the bucket."""
    return np.int64((bucket + base) << BUCKET_SHIFT).view(np.float64) if bucket > 0 else 0.0


@compiled
def _put_back(
    order: NDArray[np.int32],
    squared: NDArray[Any],
    scale: NDArray[np.float64],
    counts: NDArray[np.int64],
    base: int,
) -> tuple[int, int]:
    """Count the items of `order` into their buckets; returns the highest bucket and the count."""
    top = count = 0
    for i in order:
        if squared[i] >= 0:
            value = squared[i] * scale[i] if len(scale) else np.float64(squared[i])
            bucket = _bucket_of(value, base)
            counts[bucket] += 1
            top = max(top, bucket)
            count += 1
    return top, count


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
    """Empty the highest buckets; returns the rows of their items, the edge and its bucket."""
    bucket, total = top, counts[top]
    counts[top] = 0
    while bucket > 0 and (total < wanted or _lower_edge(bucket, base) > at_most):
        bucket -= 1
        total += counts[bucket]
        counts[bucket] = 0
    edge = _lower_edge(bucket, base)
    order = np.empty(total, np.int32)
    filled = 0
    width = LANE_BYTES // squared.itemsize
    whole = 0 if len(scale) else len(squared) // width * width
    for start in range(0, whole, width):
        far = at_least(load(squared, start), edge)
        while far:
            order[filled] = start + lowest_bit(far)
            far &= far - 1
            filled += 1
    for i in range(whole, len(squared)):
        if squared[i] >= 0 and (squared[i] * scale[i] if len(scale) else squared[i]) >= edge:
            order[filled] = i
            filled += 1
    return order, edge, bucket


@compiled
def by_key(order: NDArray[np.int32], keys: NDArray[np.int32], most: int) -> NDArray[np.int32]:
    """`order` sorted by keys[item], each from 0 to `most`; a stable counting sort."""
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
