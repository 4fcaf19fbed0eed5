"""Where threads run.

Linux often wakes a thread on the processor of the one that woke it, and moves it to an idle
one only some milliseconds later. Pieces of work are shorter than that, and after a pause two
threads were seen to share one processor of two for a whole selection. So a helper is told to
keep off the processor of the thread that it helps. Nobody is bound to a single processor,
and where a system has no such call, nothing is asked of it.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache

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
