"""A thread pool for compiled kernels, which run without the GIL.

numba's own threading layers are not used. A kernel is an ordinary function that takes its next
items from a shared counter (`vector_code.claim_next`), and every thread calls it; a thread that
starts late finds fewer items left. Results do not depend on which thread handled which item, so
they are the same for any number of threads. And processes can still be forked afterwards.
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

SHARE = 128  # items that a kernel takes at a time

T = TypeVar("T")
RowArray = NDArray[np.int32]
Processors = frozenset[int]

_this_thread = threading.local()
_thread_limit: ContextVar[int | None] = ContextVar("thread_limit", default=None)

# --------------------------------------------------------------------------------------
# Processor affinity.
#
# Linux often starts a woken thread on the processor of the thread that woke it, and moves it to
# an idle one only some milliseconds later. A kernel often runs for less than that: two threads
# were seen to share one processor of two for a whole selection. So worker threads of a kernel
# may not run on the processor of the calling thread. No thread is bound to a single processor,
# and where the system has no such calls, none are made.


def allowed_processors() -> Processors:
    """The processors that this thread may use: in a container, fewer than the machine has.

    Empty if the system does not say.
    """
    return frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()


def current_processor() -> Processors:
    """The processor that this thread runs on now; empty if the system does not say."""
    getcpu = _getcpu()
    return frozenset([getcpu()]) if getcpu else frozenset()


@cache
def _getcpu() -> Callable[[], int] | None:
    """The C function, which the standard library does not wrap."""
    return getattr(ctypes.CDLL(None), "sched_getcpu", None) if sys.platform == "linux" else None


def set_affinity(processors: Processors) -> None:
    """Let this thread run on these processors only; no effect if empty or not supported."""
    if processors and getattr(_this_thread, "processors", None) != processors:
        with suppress(OSError, AttributeError):
            os.sched_setaffinity(0, processors)
        _this_thread.processors = processors


# --------------------------------------------------------------------------------------
# The pool.


@contextmanager
def at_most_threads(most: int | None) -> Iterator[None]:
    """Limit, inside the context, thread pools without a number of their own, and BLAS libraries.

    None changes nothing.
    """
    token = _thread_limit.set(_thread_limit.get() if most is None else most)
    try:
        with threadpool_limits(most):
            yield
    finally:
        _thread_limit.reset(token)


class ThreadPool:
    """Threads that run kernels; pages of a memory-mapped file are released after each run.

    Pages that were read from a mapped file count as resident memory until they are released.
    The operating system may still keep them in its file cache.

    threads  how many; None for the limit of `at_most_threads`, else for one a processor
    mapping  of the file that `vectors` are read from; None for an array in memory
    """

    def __init__(self, threads: int | None, vectors: FloatArray) -> None:
        allowed = allowed_processors()
        self.threads = threads or _thread_limit.get() or len(allowed) or os.cpu_count() or 1
        self.mapping = mapping_of(vectors)
        self._executor = ThreadPoolExecutor(self.threads)
        self._allowed = allowed

    def __enter__(self) -> ThreadPool:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown()

    def run(
        self, kernel: Callable[..., None], order: RowArray, *arguments: Any, share: int = SHARE
    ) -> None:
        """Run `kernel(order, *arguments, counter)` on every thread; raises what a thread raised.

        order  (m,) the items; threads take them from the shared `counter`
        share  how many items the kernel takes at a time
        """
        counter = np.zeros(1, np.int64)
        workers = min(self.threads, -(-len(order) // share)) - 1
        # With more threads than processors there is no point in keeping them apart.
        apart = self.threads <= len(self._allowed)
        processors = self._allowed - current_processor() if apart else self._allowed

        def work() -> None:
            set_affinity(processors)
            kernel(order, *arguments, counter)

        started = [self._executor.submit(work) for _ in range(workers)]
        kernel(order, *arguments, counter)
        for worker in started:
            if not worker.cancel():  # worker threads that have not started are cancelled
                worker.result()
        self.release_pages()

    def map(self, function: Callable[[int], T], starts: Iterable[int]) -> Iterator[T]:
        """As the builtin `map`, on every thread; results are in order."""

        def work(start: int) -> T:
            set_affinity(self._allowed)
            result = function(start)
            self.release_pages()
            return result

        return map(work, starts) if self.threads == 1 else self._executor.map(work, starts)

    def release_pages(self) -> None:
        """Release the pages of the mapped file that were read."""
        if self.mapping is not None:
            self.mapping.madvise(mmap.MADV_DONTNEED)
