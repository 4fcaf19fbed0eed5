"""The command line: the table of commands, and what happens to an error.

A command parses its options, calls a function of `curate.run`, and prints paths. Results go to
stdout, everything else to stderr. Heavy imports wait until a command runs.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from curate.cli.cache import cache
from curate.cli.command import HELP, Command, GroupedCommands
from curate.cli.compare import compare
from curate.cli.compare_selections import compare_selections
from curate.cli.drift import drift
from curate.cli.embed import embed
from curate.cli.evaluate import evaluate
from curate.cli.explore import explore
from curate.cli.init import init
from curate.cli.inspect import inspect
from curate.cli.measure import measure
from curate.cli.neighbors import neighbors
from curate.cli.report import report
from curate.cli.schema import schema
from curate.cli.select import select
from curate.cli.spaces import spaces
from curate.cli.strategies import strategies
from curate.core.version import __version__
from curate.errors import EXIT_DONE, EXIT_INTERRUPTED, CurateError, RequestError

# typer uses a click of its own or the installed one: the base of its exception tells which.
UsageError: Any = typer.BadParameter.__mro__[1]
log = logging.getLogger("curate")

COLLECT_AFTER = 100_000  # new objects, before Python looks for unreachable cycles of them

# Heading -> commands, in the order of `curate --help`.
COMMANDS: dict[str, tuple[Command, ...]] = {
    "Select": (select, measure, compare_selections, report, strategies),
    "Look at data": (inspect, embed, explore),
    "Judge embedding spaces": (evaluate, compare, neighbors, drift),
    "Set up": (init, schema),
}
GROUPS = {"cache": (cache, "Set up"), "spaces": (spaces, "Judge embedding spaces")}

app = typer.Typer(
    cls=GroupedCommands,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # drawing boxes takes half of the time that --help takes
    context_settings=HELP,
    help="Pick the items of a data set that are worth keeping, and prove it.",
)
for _panel, _commands in COMMANDS.items():
    for _command in _commands:
        _command.add_to(app, _panel)
for _name, (_group, _panel) in GROUPS.items():
    app.add_typer(_group, name=_name, rich_help_panel=_panel)


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version.",
            callback=lambda asked: _print_version() if asked else None,
            is_eager=True,
        ),
    ] = False,
) -> None: ...


def _print_version() -> None:
    print(f"curate {__version__}")
    raise typer.Exit


def main() -> None:
    """Entry point: runs a command; an error becomes one line and an exit code."""
    words = sys.argv[1:] or ["--help"]
    # Almost everything lives until exit, so cyclic GC costs a third of a short command and
    # frees nothing.
    gc.set_threshold(COLLECT_AFTER)
    code = _guarded(lambda: app(words, standalone_mode=False))
    gc.freeze()
    sys.exit(code)


def _guarded(run: Callable[[], Any]) -> int:
    try:
        code = run()
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    except Exception as error:
        code = EXIT_INTERRUPTED if _by_interrupt(error) else _explained(error)
    if code == EXIT_INTERRUPTED:  # typer returns this code for Ctrl-C
        _say("curate: interrupted; what was embedded is cached, the old output is whole.")
    return code if isinstance(code, int) else EXIT_DONE


def _by_interrupt(error: BaseException | None) -> bool:
    """Whether Ctrl-C caused it: some libraries raise their own error while they are imported."""
    while error is not None and not isinstance(error, KeyboardInterrupt | typer.Abort):
        error = error.__cause__ or error.__context__
    return error is not None


def _explained(error: Exception) -> int:
    """Print one line that says what went wrong; returns the exit code."""
    if isinstance(error, CurateError):
        _say(f"curate: {_one_line(str(error))}")
        return error.exit_code
    if isinstance(error, UsageError):
        path = error.ctx.command_path if error.ctx else "curate"
        _say(f"curate: {_one_line(error.format_message())} Try `{path} --help`.")
        return RequestError.exit_code
    if isinstance(error, BrokenPipeError):  # the reader of our stdout has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    log.debug("internal error", exc_info=error)
    _say(
        f"curate: internal error, {type(error).__name__}: {_one_line(str(error))} "
        "Please report it; --log FILE keeps the traceback."
    )
    return CurateError.exit_code


def _say(message: str) -> None:
    print(message, file=sys.stderr)


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    main()
