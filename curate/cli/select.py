"""`curate select`: select items, measure what the selection is worth, write the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from curate.cli.command import command
from curate.cli.terminal import Output
from curate.schema.job import MEASURING, SETTINGS, Job, make_job

if TYPE_CHECKING:
    from pathlib import Path

    from curate.run.result import Result


@command(
    "select",
    settings=[name for name in SETTINGS if name not in MEASURING],
    job_file=True,
    ignored=(),
)
def select(*, settings: dict[str, Any], output: Output) -> None:
    """Select items, and report what they are worth.

    Examples: `curate select photos --n 1000`, `curate select texts.csv --fraction 0.1`.

    Exit codes: 0 done, 2 bad request, 3 bad data, 4 items set aside with --strict.
    """
    run_job(make_job(settings), output)


def run_job(job: Job, output: Output) -> None:
    """Run a job, save its result, print where it is."""
    from curate.run.output_folder import output_folder
    from curate.run.pipeline import run
    from curate.run.result import enforce_strict

    result = run(job, to_be_saved=True, progress=output.progress)
    path = result.save(output_folder(job, result.dataset.name))
    written = [path] if job.report.no_report else [path.parent / "report.pdf", path]
    output.files(_summary(result, path) if output.json_output else {}, *written)
    enforce_strict(job, result.dataset)


def _summary(result: Result, path: Path) -> dict[str, Any]:
    """What --json prints: where the result is, and its headline numbers."""
    if result.run is None:
        return {"selection": str(path), "selected": len(result.ids)}
    from curate.report.build.headline import selection_headline

    return {"report": str(path), **selection_headline(result.report)}
