"""`curate report`: draw report.pdf again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from curate.cli.command import command


@command("report", settings=["template"])
def report(
    report_json: Annotated[Path, typer.Argument(help="A report.json, or the folder of a run.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="PDF to write. Default: beside it.")
    ] = None,
    *,
    settings: dict[str, Any],
) -> None:
    """Draw report.pdf again from report.json.

    Nothing is computed.

    Example:  curate report reports/clipart/report.json --template brief
    """
    from curate.report.build.write import redraw

    print(redraw(report_json, out, settings.get("template")))
