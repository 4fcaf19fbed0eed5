"""Progress as an iterator wrapper, injected by whoever owns the screen.

Library code writes `for batch in progress(batches, "embedding", total)`. By default
that is the plain iterator; the command line passes one that draws a bar.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """Wraps `steps`; `total` counts them, `label` names the work in one word or two."""

    def __call__(self, steps: Iterable[T], label: str, total: int) -> Iterator[T]: ...


def silent(steps: Iterable[T], label: str, total: int) -> Iterator[T]:
    """The progress of a library: none."""
    return iter(steps)
