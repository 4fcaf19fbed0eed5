"""What `curate.select` and `curate.measure` return: the picks, and the report on demand."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from curate.core.values import Dataset, IntArray, Selection
from curate.errors import RequestError, StrictError
from curate.export.copy_files import copy_picks, link_picks
from curate.export.records import PictureObjects
from curate.report.build.assemble_report import build_report
from curate.report.build.finished_run import FinishedRun
from curate.report.build.side_files import SET_ASIDE_FILE, write_selection
from curate.report.build.thumbnails import thumbnails_of_run
from curate.report.render.template import load_template
from curate.schema.job import Job
from curate.schema.report import Report


@dataclass(frozen=True)
class Result:
    """A selection and its measures.

    ids        k ids of the selected items, in the order in which they were picked
    indices    (k,) int64 their positions in the source, counted from 0
    dataset    the items that it was made from, without those set aside
    selection  the picks as rows of `dataset`, and their distances
    job        the job as it ran, with names of the catalogue replaced by paths
    run        everything that was measured; None with no_report
    parts      the objects in the images; None without
    """

    ids: list[str]
    indices: IntArray
    dataset: Dataset = field(repr=False)
    selection: Selection = field(repr=False)
    job: Job = field(repr=False)
    run: FinishedRun | None = field(repr=False)
    parts: PictureObjects | None = field(repr=False)

    @cached_property
    def report(self) -> Report:
        """All numbers of report.json. Raises RequestError with no_report."""
        if self.run is None:
            raise RequestError("there is no report: the run had no_report=True. Run it without.")
        return build_report(self.run)

    def save(self, folder: str | Path) -> Path:
        """Write everything to `folder`, and copies of or links to the picked files if the job
        says so.

        Returns report.json, or selected.txt with no_report. Raises DataError where that is
        impossible.
        """
        path = self._write(Path(folder))
        if self.job.report.copy_to:
            copy_picks(Path(self.job.report.copy_to), self.dataset, self.selection)
        if self.job.report.link_to:
            link_picks(Path(self.job.report.link_to), self.dataset, self.selection)
        return path

    def _write(self, folder: Path) -> Path:
        if self.run is None:
            exports = self.job.report.export
            return write_selection(folder, self.dataset, self.selection, exports, self.parts)
        # Imported here, so that a selection without a report does not wait for it.
        from curate.report.build.write import write_run

        template = load_template(self.run.job.report.template)
        return write_run(folder, self.run, self.report, thumbnails_of_run(self.run), template)


def enforce_strict(job: Job, dataset: Dataset) -> None:
    """Raise StrictError if the job is strict and items were set aside."""
    if job.data.strict and dataset.set_aside:
        raise StrictError(
            f"{dataset.left_out_in_words()}: see {SET_ASIDE_FILE}. Everything else is done."
        )
