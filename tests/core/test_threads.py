"""Threads of compiled kernels: where they run, and who waits for whom."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

from curate.core.threads import SHARE, Crew

ORDER = np.arange(4 * SHARE, dtype=np.int32)
VECTORS = np.zeros((1, 1), np.float32)
SECONDS = 20.0  # after which something has gone wrong


def processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0


@pytest.mark.skipif(processors() < 2, reason="needs a system that says which processors there are")
def test_a_helper_keeps_off_the_processor_of_the_one_it_helps() -> None:
    """Helpers of a kernel may run on all processors but one; in a map, and the caller, on all."""
    everywhere = os.sched_getaffinity(0)
    helped = threading.Event()
    seen: dict[int, set[int]] = {}

    def kernel(*_: object) -> None:
        seen[threading.get_ident()] = os.sched_getaffinity(0)
        if threading.current_thread() is threading.main_thread():
            assert helped.wait(SECONDS)
        else:
            helped.set()

    with Crew(2, VECTORS) as crew:
        crew.run(kernel, ORDER)
        mine = seen.pop(threading.get_ident())
        (helpers,) = seen.values()
        mapped = list(crew.map(lambda _: os.sched_getaffinity(0), range(8)))
    assert mine == everywhere == os.sched_getaffinity(0)
    assert helpers < everywhere
    assert len(helpers) == len(everywhere) - 1
    assert all(one == everywhere for one in mapped)


def test_who_has_not_begun_is_not_waited_for() -> None:
    """A kernel that one thread finished alone is finished, though no helper found the time."""
    release = threading.Event()
    ran: list[int] = []

    def busy(_: int) -> bool:
        return release.wait(SECONDS)

    def kernel(*_: object) -> None:
        ran.append(threading.get_ident())

    with Crew(2, VECTORS) as crew:
        elsewhere = crew.map(busy, range(2))
        crew.run(kernel, ORDER)
        assert ran == [threading.get_ident()]
        release.set()
        assert list(elsewhere) == [True, True]


def test_an_error_of_a_helper_is_the_callers() -> None:
    """What goes wrong in a helper is raised where the kernel was run."""
    failed = threading.Event()

    def kernel(*_: object) -> None:
        if threading.current_thread() is threading.main_thread():
            assert failed.wait(SECONDS)
        else:
            failed.set()
            raise ValueError("a helper's")

    with Crew(2, VECTORS) as crew, pytest.raises(ValueError, match="a helper's"):
        crew.run(kernel, ORDER)
