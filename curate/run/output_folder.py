"""Where a command writes if --out does not say so: under reports/, named by the data."""

from __future__ import annotations

from pathlib import Path

from curate.core.atomic_files import file_name_of
from curate.schema.job import Job

REPORTS = Path("reports")


def output_folder(job: Job, dataset_name: str) -> Path:
    """The folder of a job: its `out`, or one named by the data.

    The folder of a measured selection is named by the selection too: reports/clipart-chosen.
    """
    if job.report.out:
        return Path(job.report.out)
    if job.select.selection:
        file = Path(job.select.selection)
        dataset_name += f"-{file.parent.name if file.suffix == '.json' else file.stem}"
    return REPORTS / file_name_of(dataset_name, "data")


def space_folder(name: str) -> Path:
    """The folder of a report about spaces that is called `name`."""
    return REPORTS / file_name_of(name, "spaces")


def page_file(name: str) -> Path:
    """The file of the page of `curate explore` that is called `name`."""
    return REPORTS / f"{file_name_of(name, 'spaces')}.html"
