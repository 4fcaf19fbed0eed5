"""`curate schema`: the JSON Schema of report.json."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from curate.cli.command import command


@command("schema")
def schema(
    markdown: Annotated[
        bool,
        typer.Option("--markdown", help="Print it as a page to read, with units and examples."),
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
