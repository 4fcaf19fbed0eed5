"""The options of commands, made from the fields of `Job`.

So a setting is described once: its name, its help and its variable in the environment
follow from its field. Values stay text here; pydantic reads them, as it does those of a
job file.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import typer

from curate.schema.job import JOB_FILE, SETTINGS, describe
from curate.schema.job_file import read_job_file

ENVIRONMENT = "CURATE_"


def job_option(name: str) -> Any:
    """The option of a setting. Values stay text: pydantic reads them, as those of a job file."""
    annotation = SETTINGS[name].field.annotation
    many = get_origin(annotation) is tuple
    kind: Any = bool if annotation is bool else list[str] if many else str
    number = annotation in (int, int | None, float, float | None)
    option = typer.Option(
        f"--{name.replace('_', '-')}",
        help=describe(name),
        envvar=ENVIRONMENT + name.upper(),
        metavar=None if kind is bool else "NUMBER" if number else "TEXT",
    )
    if name == "strategy":
        return Annotated[list[str] | None, option]
    return Annotated[kind | None, option]


def job_signature(without: Collection[str]) -> inspect.Signature:
    """One option for each field of Job but those `without`, source as an argument, and what is
    not of the job."""
    # Paths, because of those the variable in the environment may have spaces.
    source = typer.Argument(
        help=describe("source"),
        envvar=ENVIRONMENT + "SOURCE",
        metavar="SOURCE",
        readable=False,  # whoever reads it says so better
    )
    kinds: dict[str, Any] = {"source": Annotated[list[Path] | None, source]}
    for name in SETTINGS:
        if name != "source" and name not in without:
            kinds[name] = job_option(name)
    kinds |= {
        "config": Annotated[
            Path | None,
            typer.Option(
                help=f"Job file (TOML). Default: {JOB_FILE} here, if no SOURCE is given.",
                envvar="CURATE_CONFIG",
            ),
        ],
        **SHOWING,
    }
    kinds["context"] = typer.Context
    return keywords(kinds)


# What every command that works for long can be told about what it shows.
SHOWING: dict[str, Any] = {
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


def keywords(kinds: Mapping[str, Any]) -> inspect.Signature:
    """A signature of these parameters: switches are off, and what may be None is unless given."""
    switches = ("json_output", "quiet", "verbose")

    def default(name: str, kind: Any) -> Any:
        if name in switches:
            return False
        must = get_args(kind)[:1] in ((str,), (list[str],))
        return inspect.Parameter.empty if must else None

    return inspect.Signature(
        [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=default(name, kind),
                annotation=kind,
            )
            for name, kind in kinds.items()
        ]
    )


# --------------------------------------------------------------------------------------
# What a command was asked for: flags above the environment above the job file.


def one_count(context: typer.Context, flags: dict[str, Any]) -> dict[str, Any]:
    """A count given as a flag replaces the other count, if that is from the environment."""
    counts = ("n", "fraction")
    typed = [
        name
        for name in counts
        if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"
    ]
    return {
        name: None if name in counts and typed and name not in typed else value
        for name, value in flags.items()
    }


def settings(
    config: Path | None, flags: dict[str, Any], without: Collection[str] = ()
) -> dict[str, Any]:
    """Job file below flags; typer has put the environment between them already.

    without  settings of the job file that mean nothing to the command
    """
    flags |= {"source": [str(path) for path in flags.get("source") or ()] or None}
    if config is None and flags.get("source") is None and Path(JOB_FILE).is_file():
        config = Path(JOB_FILE)
    # An option that may be repeated is an empty list where it is not given.
    asked = {name: value for name, value in flags.items() if value not in (None, [])}
    if config is None:
        return asked
    stored = {name: value for name, value in read_job_file(config).items() if name not in without}
    if {"n", "fraction"} & asked.keys():  # a count on the command line replaces either
        stored = {name: value for name, value in stored.items() if name not in ("n", "fraction")}
    return stored | asked
