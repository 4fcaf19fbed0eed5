"""What a command shows while it works and when it is done.

Results go to stdout: paths, tables, or one JSON object. Everything else goes to stderr:
warnings, errors, and a progress bar where stderr is a terminal.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from curate.errors import RequestError

T = TypeVar("T")
log = logging.getLogger("curate")

OUTPUT = "Output"  # the heading of these options in the help of every command


def _option(
    *names: str, words: str, variable: str | None = None, metavar: str | None = None
) -> Any:
    return typer.Option(
        *names,
        help=words,
        envvar=variable,
        show_envvar=False,
        metavar=metavar,
        rich_help_panel=OUTPUT,
    )


OUTPUT_OPTIONS: dict[str, Any] = {
    "json_output": Annotated[bool, _option("--json", words="Print the result as a JSON object.")],
    "quiet": Annotated[
        bool, _option("--quiet", "-q", words="Print errors only.", variable="CURATE_QUIET")
    ],
    "verbose": Annotated[
        bool, _option("--verbose", "-v", words="Print what happens.", variable="CURATE_VERBOSE")
    ],
    "log_file": Annotated[
        Path | None,
        _option(
            "--log", words="Also write the log to this file.", variable="CURATE_LOG", metavar="FILE"
        ),
    ],
}


@dataclass(frozen=True)
class Output:
    """Output options shared by long-running commands."""

    json_output: bool = False
    quiet: bool = False
    verbose: bool = False
    log_file: Path | None = None

    @property
    def progress(self) -> Any:
        """A progress bar on stderr if that is a terminal, else the silent progress."""
        from curate.progress import silent

        return silent if self.quiet or not sys.stderr.isatty() else _bar

    def files(self, summary: Mapping[str, Any], *paths: Path) -> None:
        """Print `summary` as JSON if --json was passed, else the paths of the written files."""
        if self.json_output:
            print(json.dumps(summary))
        elif not self.quiet:
            for path in paths:
                print(path)

    def set_up_logging(self) -> None:
        """Send warnings to stderr (more with --verbose, fewer with --quiet), all to --log.

        Raises RequestError if the log file cannot be written.
        """
        level = logging.ERROR if self.quiet else logging.INFO if self.verbose else logging.WARNING
        # matplotlib warns about a home folder that it cannot write to.
        logging.getLogger("matplotlib").setLevel(logging.ERROR)
        stderr = logging.StreamHandler()
        stderr.setLevel(level)
        stderr.setFormatter(logging.Formatter("curate: %(message)s"))
        handlers: list[logging.Handler] = [stderr]
        if self.log_file is not None:
            try:
                file = logging.FileHandler(self.log_file, encoding="utf-8")
            except OSError as error:
                raise RequestError(
                    f"cannot log to {self.log_file}: {error.strerror}. "
                    "Pass another file with --log."
                ) from None
            file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
            handlers.append(file)
        log.handlers = handlers
        log.setLevel(logging.DEBUG)


def _bar(steps: Iterable[T], label: str, total: int) -> Iterator[T]:
    from rich.console import Console
    from rich.progress import track

    yield from track(
        steps, description=label, total=total, console=Console(stderr=True), transient=True
    )
