"""The command line: each command parses, calls, and prints paths.

Options of `select` are made from the fields of `Job`, so that a setting is described
once. Data go to stdout, words to stderr. Heavy imports wait until a command runs.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import curate
from curate.cli.cache import cache
from curate.cli.compare_selections import compare_selections
from curate.cli.embed import embed
from curate.cli.evaluate import SPACE_COMMANDS
from curate.cli.explore import explore
from curate.cli.inspect import WITHOUT, inspect
from curate.cli.options import ENVIRONMENT, job_signature, one_count, settings
from curate.cli.spaces import catalog
from curate.cli.terminal import set_up_logging, silent_or_bar
from curate.errors import EXIT_DONE, EXIT_INTERRUPTED, CurateError, RequestError
from curate.schema.job import JOB_FILE, MEASURING, SELECTING, Job, describe, make_job

if TYPE_CHECKING:
    from curate.run.result import Result

# typer brings a click of its own or uses the installed one: its exception tells which.
UsageError: Any = typer.BadParameter.__mro__[1]
log = logging.getLogger("curate")

OBJECTS_BEFORE_SEARCH = 100_000  # new ones, before Python looks for lost circles of them

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # drawing boxes takes half of the time that --help takes
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Pick the items of a data set that are worth keeping, and prove it.",
)


def main() -> None:
    """Entry point: runs a command, turns errors into one line and an exit code."""
    words = sys.argv[1:] or ["--help"]
    # Nearly all that a command makes lives to its end: looking for what is lost in circles among
    # it takes a third of a short command's time, and at the end there is no more need to.
    gc.set_threshold(OBJECTS_BEFORE_SEARCH)
    code = _guarded(lambda: app(words, standalone_mode=False))
    gc.freeze()
    sys.exit(code)


def _guarded(command: Callable[[], Any]) -> int:
    try:
        code = command()
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    except Exception as error:
        code = EXIT_INTERRUPTED if _by_interrupt(error) else _explained(error)
    if code == EXIT_INTERRUPTED:  # typer makes this code of Ctrl-C by itself
        _say("curate: interrupted; what was embedded is cached, the old output is whole.")
    return code if isinstance(code, int) else EXIT_DONE


def _by_interrupt(error: BaseException | None) -> bool:
    """Whether Ctrl-C is behind it: libraries make an error of their own of it while they load."""
    while error is not None and not isinstance(error, KeyboardInterrupt | typer.Abort):
        error = error.__cause__ or error.__context__
    return error is not None


def _explained(error: Exception) -> int:
    """Say in one line what went wrong; returns the exit code that it has."""
    if isinstance(error, CurateError):
        _say(f"curate: {_one_line(str(error))}")
        return error.exit_code
    if isinstance(error, UsageError):
        where = error.ctx.command_path if error.ctx else "curate"
        _say(f"curate: {_one_line(error.format_message())} Try `{where} --help`.")
        return RequestError.exit_code
    if isinstance(error, BrokenPipeError):  # whoever read our stdout has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    log.debug("internal error", exc_info=error)
    _say(
        f"curate: internal error, {type(error).__name__}: {_one_line(str(error))} "
        "Please report it; --log FILE keeps where it happened."
    )
    return CurateError.exit_code


def _say(words: str) -> None:
    print(words, file=sys.stderr)


def _one_line(text: str) -> str:
    return " ".join(text.split())


# -- select ------------------------------------------------------------------------------


def _select(
    *,
    config: Path | None,
    json_output: bool,
    quiet: bool,
    verbose: bool,
    log_file: Path | None,
    context: typer.Context,
    **flags: Any,
) -> None:
    set_up_logging(quiet=quiet, verbose=verbose, log_file=log_file)
    _run(make_job(settings(config, one_count(context, flags))), json_output, quiet)


def _measure(
    *,
    config: Path | None,
    json_output: bool,
    quiet: bool,
    verbose: bool,
    log_file: Path | None,
    context: typer.Context,  # noqa: ARG001 (dictated by the signature that both commands share)
    **flags: Any,
) -> None:
    set_up_logging(quiet=quiet, verbose=verbose, log_file=log_file)
    job = make_job(settings(config, flags, without=SELECTING))
    if job.select.selection is None:
        raise RequestError(
            "nothing to measure: pass --selection FILE with the ids that were selected."
        )
    _run(job, json_output, quiet)


def _run(job: Job, json_output: bool, quiet: bool) -> None:
    from curate.run.output_folder import output_folder
    from curate.run.pipeline import run
    from curate.run.result import enforce_strict

    result = run(job, to_be_saved=True, progress=silent_or_bar(quiet=quiet))
    path = result.save(output_folder(job, result.dataset.name))
    if json_output:
        print(json.dumps(_as_json(result, path)))
    elif not quiet:
        if not job.report.no_report:
            print(path.parent / "report.pdf")
        print(path)
    enforce_strict(job, result.dataset)


def _as_json(result: Result, path: Path) -> dict[str, Any]:
    """What --json prints: where the result is, and its headline numbers."""
    if result.run is None:
        return {"selection": str(path), "selected": len(result.ids)}
    from curate.report.build.headline import headline

    return {"report": str(path), **headline(result.report)}


_select.__doc__ = """Select items, and write the report that proves it.

    Examples: `curate select photos --n 1000`, `curate select texts.csv --fraction 0.1`.

    Exit codes: 0 done, 2 bad request, 3 bad data, 4 items set aside with --strict.
    """
_measure.__doc__ = """Measure a selection made elsewhere, and write the same report.

    FILE is a text file with an id a line, a table with an id column, or an earlier run.

    Example:  curate measure photos --selection chosen.txt

    Exit codes: 0 done, 2 bad request, 3 bad data, 4 items set aside with --strict.
    """
for _name, _command, _without in (
    ("select", _select, MEASURING),
    ("measure", _measure, SELECTING),
    ("inspect", inspect, WITHOUT),
):
    _signature = job_signature(_without)
    _command.__signature__ = _signature  # type: ignore[attr-defined]
    _command.__annotations__ = {
        name: parameter.annotation for name, parameter in _signature.parameters.items()
    }
    app.command(_name)(_command)


for _name, _command in SPACE_COMMANDS.items():
    app.command(_name)(_command)


# -- the other commands ------------------------------------------------------------------

app.command("compare-selections")(compare_selections)
app.command("embed")(embed)
app.command("explore")(explore)
app.add_typer(cache, name="cache")
app.add_typer(catalog, name="spaces")


@app.command()
def report(
    report_json: Annotated[Path, typer.Argument(help="A report.json, or the folder of a run.")],
    out: Annotated[Path | None, typer.Option(help="PDF to write. Default: beside it.")] = None,
    template: Annotated[
        str | None, typer.Option(help=describe("template"), envvar=ENVIRONMENT + "TEMPLATE")
    ] = None,
) -> None:
    """Draw report.pdf again from report.json; nothing is computed.

    Example:  curate report reports/clipart/report.json --template brief
    """
    from curate.report.build.write import redraw

    print(redraw(report_json, out, template))


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="Where to write it.")] = Path(JOB_FILE),
) -> None:
    """Write a commented job file, to edit and run with `curate select`.

    Example:  curate init && curate select
    """
    from curate.report.build.write import write_file
    from curate.schema.job_file import commented_job

    if file.exists():
        raise RequestError(f"{file} is there already: name another file, or remove it first.")
    write_file(file, commented_job().encode())
    print(file)


@app.command()
def strategies() -> None:
    """List the strategies: what they do, when to use them, what they cost, their settings.

    Example:  curate select photos --n 100 --strategy diversity --strategy balance:label=uniform
    """
    from curate.embed.computed_columns import columns_listed
    from curate.schema.strategy_syntax import listed

    print(listed())
    print(f"\n{columns_listed()}")


@app.command()
def schema(
    markdown: Annotated[
        bool,
        typer.Option(
            "--markdown", help="Print the same as a page to read, with units and examples."
        ),
    ] = False,
) -> None:
    """Print the JSON Schema of report.json.

    Example:  curate schema > report.schema.json
    """
    if markdown:
        from curate.schema.contract import page

        print(page(), end="")
        return
    from curate.schema.report import schema as report_schema

    print(json.dumps(report_schema(), indent=1))


def _print_version(asked: bool) -> None:
    if asked:
        print(f"curate {curate.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None: ...


if __name__ == "__main__":
    main()
