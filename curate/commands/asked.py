"""What a command was asked for: flags above the environment above the job file."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import typer

from curate.job import JOB_FILE
from curate.job_file import read_job_file


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
