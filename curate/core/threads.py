"""Threads for compiled kernels, which work without the GIL.

No threading layer of numba's is used: a kernel is an ordinary function that draws its next
items from a counter (`simd.claim`), and as many threads call it as there are. Whoever is
late finds less left to do. Results do not depend on who did what, so any number of threads
gives the same, and processes may still be forked afterwards.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from curate.core.memory_map import mapping_of
from curate.core.values import FloatArray

# --------------------------------------------------------------------------------------
# Where threads run.
#
# Linux often wakes a thread on the processor of the one that woke it, and moves it to an idle
# one only some milliseconds later. Pieces of work are shorter than that, and after a pause two
# threads were seen to share one processor of two for a whole selection. So a helper is told to
# keep off the processor of the thread that it helps. Nobody is bound to a single processor,
# and where a system has no such call, nothing is asked of it.


Processors = frozenset[int]

_own = threading.local()


def allowed() -> Processors:
    """Those that this thread may use, in a container fewer than the machine has.

    Empty where the system does not say.
    """
    return frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()


def here() -> Processors:
    """The one that this thread runs on now; empty where the system does not say."""
    ask = _getcpu()
    return frozenset([ask()]) if ask else frozenset()


@cache
def _getcpu() -> Callable[[], int] | None:
    """The system's call, which Python has no name for."""
    return getattr(ctypes.CDLL(None), "sched_getcpu", None) if sys.platform == "linux" else None


def stay_on(processors: Processors) -> None:
    """Keep this thread on these, if there are any and the system allows it."""
    if processors and getattr(_own, "processors", None) != processors:
        with suppress(OSError, AttributeError):
            os.sched_setaffinity(0, processors)
        _own.processors = processors


# --------------------------------------------------------------------------------------


SHARE = 128  # items that a kernel draws at a time

T = TypeVar("T")
RowArray = NDArray[np.int32]


_most: ContextVar[int | None] = ContextVar("most", default=None)


@contextmanager
def at_most_threads(most: int | None) -> Iterator[None]:
    """Inside, no crew that is not told otherwise has more threads, and no library either.

    None changes nothing.
    """
    token = _most.set(_most.get() if most is None else most)
    try:
        with threadpool_limits(most):
            yield
    finally:
        _most.reset(token)


class Crew:
    """The threads that work, and the pages of a mapped file that they leave behind.

    What was read of a mapped file counts as resident until it is let go, which is done
    after each piece of work. The operating system keeps it cached as long as it likes.
    """

    def __init__(self, threads: int | None, vectors: FloatArray) -> None:
        self.threads = threads or _most.get() or len(allowed()) or os.cpu_count() or 1
        self.mapping = mapping_of(vectors)
        self._helpers = ThreadPoolExecutor(self.threads)
        self._allowed = allowed()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self._helpers.shutdown()

    def run(
        self, kernel: Callable[..., None], order: RowArray, *arguments: Any, share: int = SHARE
    ) -> None:
        """Run a kernel, on every thread; a counter deals the items of `order` out to them.

        `share` is how many the kernel draws at a time.
        """
        counter = np.zeros(1, np.int64)
        helpers = min(self.threads, -(-len(order) // share)) - 1
        # Where there are more threads than processors, they may as well all be anywhere.
        others = self._allowed - here() if self.threads <= len(self._allowed) else self._allowed

        def help_out() -> None:
            stay_on(others)
            kernel(order, *arguments, counter)

        helping = [self._helpers.submit(help_out) for _ in range(helpers)]
        kernel(order, *arguments, counter)
        for helper in helping:
            if not helper.cancel():  # who has not even begun by now is not waited for
                helper.result()
        self.let_go()

    def map(self, function: Callable[[int], T], starts: Iterable[int]) -> Iterator[T]:
        """As the builtin, on every thread."""

        def work(start: int) -> T:
            stay_on(self._allowed)
            result = function(start)
            self.let_go()
            return result

        return map(work, starts) if self.threads == 1 else self._helpers.map(work, starts)

    def let_go(self) -> None:
        """Let go of the pages that were read."""
        if self.mapping is not None:
            self.mapping.madvise(mmap.MADV_DONTNEED)
