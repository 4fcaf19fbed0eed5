"""The command line: each command parses, calls, and prints paths.

Options of `select` are made from the fields of `Job`, so that a setting is described
once. Data go to stdout, words to stderr. Heavy imports wait until a command runs.
"""

from __future__ import annotations

import inspect
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

import curate
from curate.errors import EXIT_DONE, EXIT_INTERRUPTED, CurateError, RequestError
from curate.job import JOB_FILE, Job, describe, make_job, read_job_file

if TYPE_CHECKING:
    from curate.pipeline import Result

T = TypeVar("T")
ENVIRONMENT = "CURATE_"
# typer brings a click of its own or uses the installed one: its exception tells which.
UsageError: Any = typer.BadParameter.__mro__[1]
log = logging.getLogger("curate")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # drawing boxes takes half of the time that --help takes
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Pick the items of a data set that are worth keeping, and prove it.",
)


def main() -> None:
    """Entry point: runs a command, turns errors into one line and an exit code."""
    sys.exit(_guarded(lambda: app(standalone_mode=False)))


def _guarded(command: Callable[[], Any]) -> int:
    try:
        code = command()
    except CurateError as error:
        _say(f"curate: {_one_line(str(error))}")
        return error.exit_code
    except UsageError as error:
        where = error.ctx.command_path if error.ctx else "curate"
        _say(f"curate: {_one_line(error.format_message())} Try `{where} --help`.")
        return RequestError.exit_code
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    except BrokenPipeError:  # whoever read our stdout has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    except Exception as error:
        log.debug("internal error", exc_info=True)
        _say(
            f"curate: internal error, {type(error).__name__}: {_one_line(str(error))} "
            "Please report it; --log FILE keeps where it happened."
        )
        return CurateError.exit_code
    if code == EXIT_INTERRUPTED:  # typer makes this code of Ctrl-C by itself
        _say("curate: interrupted; what was embedded is cached, the old output is whole.")
    return code if isinstance(code, int) else EXIT_DONE


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
    **flags: Any,
) -> None:
    _set_up_logging(quiet=quiet, verbose=verbose, log_file=log_file)
    job = make_job(_settings(config, flags))
    from curate.pipeline import enforce_strict, output_folder, run

    result = run(job, progress=silent_or_bar(quiet=quiet))
    path = result.save(output_folder(job, result.dataset.name))
    if json_output:
        print(json.dumps(_as_json(result, path)))
    elif not quiet:
        if not job.no_report:
            print(path.parent / "report.pdf")
        print(path)
    enforce_strict(job, result.dataset)


def _as_json(result: Result, path: Path) -> dict[str, Any]:
    """What --json prints: where the result is, and its headline numbers."""
    if result.run is None:
        return {"selection": str(path), "selected": len(result.ids)}
    from curate.report.words import headline

    return {"report": str(path), **headline(result.report)}


def _settings(config: Path | None, flags: dict[str, Any]) -> dict[str, Any]:
    """Job file below flags; typer has put the environment between them already."""
    if config is None and flags.get("source") is None and Path(JOB_FILE).is_file():
        config = Path(JOB_FILE)
    asked = {name: value for name, value in flags.items() if value is not None}
    if config is None:
        return asked
    stored = read_job_file(config)
    if {"n", "fraction"} & asked.keys():  # a count on the command line replaces either
        stored = {name: value for name, value in stored.items() if name not in ("n", "fraction")}
    return stored | asked


def _option(name: str, annotation: Any) -> Any:
    """Values stay text: pydantic reads them, as it does those of a job file."""
    kind = bool if annotation is bool else str
    number = annotation in (int, int | None, float, float | None)
    option = typer.Option(
        f"--{name.replace('_', '-')}",
        help=describe(name),
        envvar=ENVIRONMENT + name.upper(),
        metavar=None if kind is bool else "NUMBER" if number else "TEXT",
    )
    return Annotated[kind | None, option]


def _select_signature() -> inspect.Signature:
    """One option for each field of Job, source as an argument, and what is not of the job."""
    source = typer.Argument(help=describe("source"), envvar=ENVIRONMENT + "SOURCE")
    kinds: dict[str, Any] = {"source": Annotated[str | None, source]}
    for name, setting in Job.model_fields.items():
        if name != "source":
            kinds[name] = _option(name, setting.annotation)
    kinds |= {
        "config": Annotated[
            Path | None,
            typer.Option(
                help=f"Job file (TOML). Default: {JOB_FILE} here, if no SOURCE is given.",
                envvar="CURATE_CONFIG",
            ),
        ],
        "json_output": Annotated[
            bool, typer.Option("--json", help="Print the result as one JSON object.")
        ],
        "quiet": Annotated[
            bool, typer.Option("--quiet", "-q", help="Print errors only.", envvar="CURATE_QUIET")
        ],
        "verbose": Annotated[
            bool, typer.Option("--verbose", "-v", help="Say more.", envvar="CURATE_VERBOSE")
        ],
        "log_file": Annotated[
            Path | None,
            typer.Option("--log", help="Also log to this file.", envvar="CURATE_LOG"),
        ],
    }
    switches = ("json_output", "quiet", "verbose")
    return inspect.Signature(
        [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=False if name in switches else None,
                annotation=kind,
            )
            for name, kind in kinds.items()
        ]
    )


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


def _set_up_logging(*, quiet: bool, verbose: bool, log_file: Path | None) -> None:
    level = logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING
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


_select.__doc__ = """Select items, and write the report that proves it.

    Examples:  curate select photos --n 1000     curate select texts.csv --fraction 0.1
    Exit codes: 0 done, 2 bad request, 3 bad data, 4 items set aside with --strict.
    """
_select.__signature__ = _select_signature()  # type: ignore[attr-defined]
_select.__annotations__ = {
    name: parameter.annotation for name, parameter in _select_signature().parameters.items()
}
app.command("select")(_select)


# -- the other commands ------------------------------------------------------------------


@app.command()
def report(
    report_json: Annotated[Path, typer.Argument(help="A report.json, or the folder of a run.")],
    out: Annotated[Path | None, typer.Option(help="PDF to write. Default: beside it.")] = None,
    template: Annotated[str | None, typer.Option(help=describe("template"))] = None,
) -> None:
    """Draw report.pdf again from report.json; nothing is computed.

    Example:  curate report reports/clipart/report.json --template brief.toml
    """
    from curate.report.write import redraw

    print(redraw(report_json, out, template))


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="Where to write it.")] = Path(JOB_FILE),
) -> None:
    """Write a commented job file, to edit and run with `curate select`.

    Example:  curate init && curate select
    """
    from curate.job import commented_job
    from curate.report.write import write_file

    if file.exists():
        raise RequestError(f"{file} is there already: name another file, or remove it first.")
    write_file(file, commented_job().encode())
    print(file)


@app.command()
def schema() -> None:
    """Print the JSON Schema of report.json.

    Example:  curate schema > report.schema.json
    """
    from curate.report.model import schema as report_schema

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
