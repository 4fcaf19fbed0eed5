"""`curate measure`: measure a selection that was made elsewhere."""

from __future__ import annotations

from typing import Any

from curate.cli.command import command
from curate.cli.select import run_job
from curate.cli.terminal import Output
from curate.errors import RequestError
from curate.schema.job import SELECTING, SETTINGS, make_job


@command("measure", settings=[name for name in SETTINGS if name not in SELECTING], job_file=True)
def measure(*, settings: dict[str, Any], output: Output) -> None:
    """Measure a selection that was made elsewhere.

    Writes the same report as `curate select`. The file that --selection names is a text file
    with an id a line, a table with an id column, or the report of an earlier run.

    Example:  curate measure photos --selection chosen.txt

    Exit codes: 0 done, 2 bad request, 3 bad data, 4 items set aside with --strict.
    """
    if settings.get("selection") is None:
        raise RequestError(
            "nothing to measure: pass --selection FILE with the ids that were selected."
        )
    run_job(make_job(settings), output)
