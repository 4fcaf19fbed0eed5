"""Farthest-first traversal: each pick is the item farthest from all picks so far.

Also known as k-center greedy or "coreset" selection. Every prefix of the picks is itself
a farthest-first selection, and its covering radius is at most twice the smallest radius
that any selection of that size can have (Gonzalez 1985, Theorem 2.2). That holds for Euclidean
distance; cosine distance is half a squared Euclidean one, and so its factor is four.

There are two implementations with the same picks; the size of the work decides which is used.
The plain one, here, measures every item against every pick: O(n k d) time in float64, and a
float64 copy of the vectors. The lazy one (`select/lazy_traversal`) skips most distances and copies
nothing, but its compiled code takes half a second to load. Picks are exact in both: ties go to
the lowest row, and items at distance 0 are picked only when nothing else is left.
"""

from __future__ import annotations

import logging

import numpy as np

from curate.core.distance import to_squared
from curate.core.memory_map import mapping_of
from curate.core.values import Embeddings, Selection
from curate.select.nearest_selected import start_tracking
from curate.select.request import Request, free_items, start_row, stopped_early

log = logging.getLogger("curate")
LARGE = 1e9  # bytes of vectors from which on the memory needed is a warning, not only a log line
PLAIN_WORK = 1 << 29  # coordinates that the plain code compares while the compiled code would load
PAIR = 32  # the fixed cost of a pair, in coordinates
PLAIN_VALUES = 1 << 22  # n d below which a float64 copy is negligible (32 MB)

# Bytes, for `memory_needed`. Per item: its state, its coverage, and temporary copies of both.
PLAIN_ITEM, LAZY_ITEM = 64, 80
COMPILED = 150 << 20  # numba, with the compiled code
MAPPED_PAGES = 1 << 30  # pages of a mapped file before they are released


def farthest_first(embeddings: Embeddings, request: Request) -> Selection:
    """Pick `request.k` items by farthest-first traversal.

    The first pick is the start item, or with a datapool the item farthest from it.
    """
    if is_small(embeddings, request):
        return plain_farthest_first(embeddings, request)
    from curate.select.lazy_traversal.traversal import lazy_farthest_first

    return lazy_farthest_first(embeddings, request)


def memory_needed(embeddings: Embeddings, request: Request) -> int:
    """Bytes that `farthest_first` needs at most beside the vectors."""
    n, d = len(embeddings), embeddings.dims
    if is_small(embeddings, request):
        return n * (8 * d + PLAIN_ITEM)
    vectors = embeddings.vectors
    mapped = MAPPED_PAGES if mapping_of(vectors) is not None else 0
    # Kernels read contiguous rows in native byte order: `points.as_stored` copies others.
    readable = vectors.flags.c_contiguous and vectors.dtype.isnative
    copied = 0 if readable else vectors.nbytes
    return COMPILED + mapped + copied + n * LAZY_ITEM + _selected(request) * d * 16


def say_memory(embeddings: Embeddings, needed: int) -> None:
    """Log how much memory selecting needs at most: a warning if the vectors are large."""
    size = embeddings.vectors.nbytes
    where = ", read from the file" if mapping_of(embeddings.vectors) is not None else " in memory"
    log.log(
        logging.WARNING if size > LARGE else logging.INFO,
        "selecting needs at most %.1f GB of memory, beside %.1f GB of vectors%s",
        needed / 1e9,
        size / 1e9,
        where,
    )


def is_small(embeddings: Embeddings, request: Request) -> bool:
    """Whether the plain code would be done before the compiled code is loaded; a fixed rule."""
    n, d = len(embeddings), embeddings.dims
    work = n * _selected(request) * (d + PAIR)
    return n * d <= PLAIN_VALUES and work <= PLAIN_WORK


def _selected(request: Request) -> int:
    return request.k + (0 if request.datapool is None else len(request.datapool))


def plain_farthest_first(embeddings: Embeddings, request: Request) -> Selection:
    """Farthest-first traversal as in the textbook."""
    n = len(embeddings)
    tracked = start_tracking(embeddings.vectors, embeddings.metric, request.datapool)
    free = free_items(request, n)
    least = to_squared(request.min_distance, embeddings.metric)
    for _ in request.progress(range(request.k), "selecting", request.k):
        if not tracked.picks and request.datapool is None:
            row = start_row(n, request, tracked.points.__getitem__)
        else:
            row = int(np.where(free, tracked.squared, -1).argmax())
            if tracked.squared[row] < least:
                break
        tracked.add(row)
        free[row] = False
    notes = stopped_early(request, len(tracked.picks))
    return tracked.selection(embeddings.metric, "diversity", notes)
