"""What a command shows while it works: a bar on a terminal, and words on stderr or in a file."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from curate.errors import RequestError

T = TypeVar("T")
log = logging.getLogger("curate")


def silent_or_bar(*, quiet: bool) -> Any:
    """A progress that draws a bar on stderr where that is a terminal, else the silent one."""
    from curate.progress import silent

    return silent if quiet or not sys.stderr.isatty() else _bar


def _bar(steps: Iterable[T], label: str, total: int) -> Iterator[T]:
    from rich.console import Console
    from rich.progress import track

    yield from track(
        steps, description=label, total=total, console=Console(stderr=True), transient=True
    )


def set_up_logging(*, quiet: bool, verbose: bool, log_file: Path | None) -> None:
    """Warnings go to stderr, more or less of them as asked, and everything to the file."""
    level = logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it reports a read-only home
    on_screen = logging.StreamHandler()
    on_screen.setLevel(level)
    on_screen.setFormatter(logging.Formatter("curate: %(message)s"))
    handlers: list[logging.Handler] = [on_screen]
    if log_file is not None:
        try:
            to_file = logging.FileHandler(log_file, encoding="utf-8")
        except OSError as error:
            raise RequestError(
                f"cannot log to {log_file}: {error.strerror}. Pass another file with --log."
            ) from None
        to_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        handlers.append(to_file)
    log.handlers = handlers
    log.setLevel(logging.DEBUG)
