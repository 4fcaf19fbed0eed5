"""`curate drift`: what of a new data set did the old one not have?"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from curate.cli.command import command
from curate.cli.evaluate import OUT, save_space_report
from curate.cli.terminal import Output
from curate.schema.job import SPACE_SETTINGS


@command("drift", settings=SPACE_SETTINGS)
def drift(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The earlier data.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The later data.")],
    *,
    n: Annotated[
        int | None, typer.Option("--n", "-n", help="New items to pick that cover the drift.")
    ] = None,
    clusters: Annotated[
        int | None, typer.Option(min=2, help="Clusters whose shares are compared. Default: 20.")
    ] = None,
    out: OUT = None,
    settings: dict[str, Any],
    output: Output,
) -> None:
    """Compare new data with old: what is new, what is gone?

    With --n, also picks n new items that cover the change. Writes report.pdf and report.json.

    Example:  curate drift march april --n 50
    """
    from curate.report.build.headline import drift_headline
    from curate.run.spaces.api import drift as measure_drift

    counts = {"n": n, "clusters": clusters}
    given = {name: count for name, count in counts.items() if count is not None}
    result = measure_drift(old, new, progress=output.progress, **given, **settings)
    save_space_report(result, out, "drift", drift_headline(result.report), output)
