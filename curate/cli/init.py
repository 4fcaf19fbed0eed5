"""`curate init`: a commented job file to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curate.cli.command import command
from curate.errors import RequestError
from curate.schema.job import JOB_FILE


@command("init")
def init(
    file: Annotated[Path, typer.Argument(help="Where to write it.")] = Path(JOB_FILE),
) -> None:
    """Write a commented job file, to edit and run with `curate select`.

    Example:  curate init && curate select
    """
    from curate.report.build.write import write_file
    from curate.schema.job_file import commented_job

    if file.exists():
        raise RequestError(f"{file} exists already: name another file, or remove it first.")
    write_file(file, commented_job().encode())
    print(file)
