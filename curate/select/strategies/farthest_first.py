"""Farthest-first traversal: each pick is the item farthest from all picks so far.

Also known as k-center greedy or "coreset" selection. Every prefix of the picks is itself
a farthest-first selection, and its covering radius is at most twice the smallest radius
that any selection of that size can have (Gonzalez 1985, Theorem 2.2). That is for Euclidean
distance; cosine distance is half a squared one, and so the factor is four.

Two ways to the same picks, and the size of the work says which. The plain one, here,
measures every item against every pick: O(n k d) time in float64, and a float64 copy of the
vectors. The lazy one measures as little as it can and copies nothing, but its compiled code
takes half a second to load. Picks are exact in both: ties go to the lowest row, and items
at distance 0 are picked only when nothing else is left.
"""

from __future__ import annotations

import logging

import numpy as np

from curate.core.distance import to_squared
from curate.core.memory_map import mapping_of
from curate.core.values import Embeddings, Selection
from curate.select.nearest_selected import start_tracking
from curate.select.request import Request, start_row, stopped_early

log = logging.getLogger("curate")
LARGE = 1e9  # bytes of vectors, of which a user wants to know beforehand what they need
PLAIN_WORK = 1 << 29  # coordinates that the plain way compares in the time to load the other
PAIR = 32  # coordinates that take as long as what else there is to do for a pair
PLAIN_VALUES = 1 << 22  # n d of which a float64 copy is nothing to speak of: 32 MB

# Bytes, for `memory_needed`. An item: its state, its coverage, and passing copies of both.
PLAIN_ITEM, LAZY_ITEM = 64, 80
COMPILED = 150 << 20  # numba itself, with the compiled code
MAPPED_PAGES = 1 << 30  # of a mapped file, until they are let go


def farthest_first(embeddings: Embeddings, request: Request) -> Selection:
    """Pick `request.k` items by farthest-first traversal.

    The first pick is the start item, or with a datapool the item farthest from it.
    """
    if is_small(embeddings, request):
        return plain_farthest_first(embeddings, request)
    from curate.select.lazy.traversal import lazy_farthest_first

    return lazy_farthest_first(embeddings, request)


def memory_needed(embeddings: Embeddings, request: Request) -> int:
    """Bytes that `farthest_first` takes at most beside the vectors, to say before it starts."""
    n, d = len(embeddings), embeddings.dims
    if is_small(embeddings, request):
        return n * (8 * d + PLAIN_ITEM)
    vectors = embeddings.vectors
    mapped = MAPPED_PAGES if mapping_of(vectors) is not None else 0
    # Kernels read rows in plain order: `points.as_stored` copies any other.
    plain = vectors.flags.c_contiguous and vectors.dtype.isnative
    copied = 0 if plain else vectors.nbytes
    return COMPILED + mapped + copied + n * LAZY_ITEM + _selected(request) * d * 16


def say_memory(embeddings: Embeddings, needed: int) -> None:
    """Say what selecting will need at most; aloud where the vectors are large."""
    own = embeddings.vectors.nbytes
    where = ", read from the file" if mapping_of(embeddings.vectors) is not None else " in memory"
    log.log(
        logging.WARNING if own > LARGE else logging.INFO,
        "selecting needs at most %.1f GB of memory, beside %.1f GB of vectors%s",
        needed / 1e9,
        own / 1e9,
        where,
    )


def is_small(embeddings: Embeddings, request: Request) -> bool:
    """Whether the plain way is done before compiled code is loaded; by a fixed rule."""
    n, d = len(embeddings), embeddings.dims
    work = n * _selected(request) * (d + PAIR)
    return n * d <= PLAIN_VALUES and work <= PLAIN_WORK


def _selected(request: Request) -> int:
    return request.k + (0 if request.datapool is None else len(request.datapool))


def plain_farthest_first(embeddings: Embeddings, request: Request) -> Selection:
    """Farthest-first traversal as the textbook has it."""
    n = len(embeddings)
    tracked = start_tracking(embeddings.vectors, embeddings.metric, request.datapool)
    free = np.ones(n, dtype=bool) if request.candidates is None else request.candidates.copy()
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
