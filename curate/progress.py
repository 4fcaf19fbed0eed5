"""Progress of the work, and its duration.

Progress is an iterator wrapper, injected by the owner of the screen. Library code writes
`for batch in progress(batches, "embedding", total)`. By default that is the plain
iterator; the command line passes one that draws a bar.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """Wraps `steps`; `total` counts them, `label` names the work in one word or two."""

    def __call__(self, steps: Iterable[T], label: str, total: int) -> Iterator[T]: ...


def silent(steps: Iterable[T], label: str, total: int) -> Iterator[T]:
    """The default of the library: no progress is shown."""
    return iter(steps)


class Stopwatch:
    """Measures the seconds of each stage, in order: `with watch("read"): …`."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - began, 3)
