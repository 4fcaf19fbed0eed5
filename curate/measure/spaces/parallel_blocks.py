"""Work over blocks of rows, on several threads, with the same result on any number of them.

Each block is computed by one thread with one thread of BLAS, so sums are taken in the
same order however many blocks run at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from threadpoolctl import threadpool_limits

from curate.progress import Progress, silent

S = TypeVar("S")
T = TypeVar("T")

BLOCK_VALUES = 1 << 22  # float64 values that a block may hold: 32 MB


@dataclass(frozen=True)
class Effort:
    """How hard to work. Results do not depend on it.

    threads   that work at once; None for as many as the machine has
    progress  see curate.progress
    """

    threads: int | None = None
    progress: Progress = silent


def in_blocks(
    work: Callable[[slice], T], n: int, width: int, label: str, effort: Effort
) -> list[T]:
    """`work(rows)` for consecutive slices of n rows, each of `width` values; in order."""
    step = max(1, BLOCK_VALUES // max(width, 1))
    slices = [slice(start, min(start + step, n)) for start in range(0, n, step)]
    return at_once(work, slices, label, effort)


def at_once(work: Callable[[S], T], tasks: Sequence[S], label: str, effort: Effort) -> list[T]:
    """`work(task)` for each task, in order, several at once."""
    threads = max(1, min(len(tasks), effort.threads or os.cpu_count() or 1))
    with threadpool_limits(1), ThreadPoolExecutor(threads) as pool:
        # Futures hold results only, so all may be under way from the start.
        running = [pool.submit(work, task) for task in tasks]
        try:
            done = (future.result() for future in running)
            return list(effort.progress(done, label, len(tasks)))
        finally:
            for future in running:
                future.cancel()
