"""The thread pool of compiled kernels: on which processors it runs, and when a run is over."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

from curate.core.threads import SHARE, ThreadPool

ORDER = np.arange(4 * SHARE, dtype=np.int32)
VECTORS = np.zeros((1, 1), np.float32)
SECONDS = 20.0  # after which something has gone wrong


def processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0


@pytest.mark.skipif(processors() < 2, reason="needs two processors and a system that lists them")
def test_workers_do_not_run_on_the_processor_of_the_caller() -> None:
    """Workers of a kernel may use all processors but one; the caller, and those of a map, all."""
    everywhere = os.sched_getaffinity(0)
    worked = threading.Event()
    seen: dict[int, set[int]] = {}

    def kernel(*_: object) -> None:
        seen[threading.get_ident()] = os.sched_getaffinity(0)
        if threading.current_thread() is threading.main_thread():
            assert worked.wait(SECONDS)
        else:
            worked.set()

    with ThreadPool(2, VECTORS) as thread_pool:
        thread_pool.run(kernel, ORDER)
        mine = seen.pop(threading.get_ident())
        (workers,) = seen.values()
        mapped = list(thread_pool.map(lambda _: os.sched_getaffinity(0), range(8)))
    assert mine == everywhere == os.sched_getaffinity(0)
    assert workers < everywhere
    assert len(workers) == len(everywhere) - 1
    assert all(processors == everywhere for processors in mapped)


def test_workers_that_have_not_started_are_cancelled() -> None:
    """A run ends when the caller has finished the work, even if no worker had a chance to start."""
    release = threading.Event()
    ran: list[int] = []

    def busy(_: int) -> bool:
        return release.wait(SECONDS)

    def kernel(*_: object) -> None:
        ran.append(threading.get_ident())

    with ThreadPool(2, VECTORS) as thread_pool:
        elsewhere = thread_pool.map(busy, range(2))
        thread_pool.run(kernel, ORDER)
        assert ran == [threading.get_ident()]
        release.set()
        assert list(elsewhere) == [True, True]


def test_an_error_in_a_worker_is_raised_by_the_run() -> None:
    """An exception in a worker thread is raised in the thread that ran the kernel."""
    failed = threading.Event()

    def kernel(*_: object) -> None:
        if threading.current_thread() is threading.main_thread():
            assert failed.wait(SECONDS)
        else:
            failed.set()
            raise ValueError("in a worker")

    with ThreadPool(2, VECTORS) as thread_pool, pytest.raises(ValueError, match="in a worker"):
        thread_pool.run(kernel, ORDER)
