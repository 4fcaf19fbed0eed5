"""Threads for compiled kernels, which work without the GIL.

No threading layer of numba's is used: a kernel is an ordinary function that draws its next
items from a counter (`simd.claim`), and as many threads call it as there are. Whoever is
late finds less left to do. Results do not depend on who did what, so any number of threads
gives the same, and processes may still be forked afterwards.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from curate.compiled.processors import allowed, here, stay_on
from curate.core import FloatArray
from curate.mapped import mapping_of

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
