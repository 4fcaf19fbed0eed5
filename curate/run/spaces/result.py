"""Where and how a report about spaces was made, and where it is kept."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

from threadpoolctl import threadpool_limits

from curate.core.version import __version__
from curate.measure.spaces.blocks import Effort
from curate.progress import Stopwatch
from curate.report.build.report import library_versions
from curate.schema.evaluation import EvaluationReport
from curate.schema.space_reports import ComparisonReport, DriftReport
from curate.schema.spaces import MadeBy

AnyReport = TypeVar("AnyReport", EvaluationReport, ComparisonReport, DriftReport)


@dataclass(frozen=True)
class SpacePlan:
    """How much to measure.

    queries  items from which distances are measured to all others, at most
    seed     of everything random
    """

    command: str = ""
    queries: int = 10_000
    seed: int = 0
    effort: Effort = field(default_factory=Effort)
    watch: Stopwatch = field(default_factory=Stopwatch)

    def provenance(self) -> MadeBy:
        """How, said in the report."""
        return MadeBy(
            command=self.command,
            seed=self.seed,
            versions={"curate": __version__, **library_versions()},
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            host={
                "python": platform.python_version(),
                "system": platform.system(),
                "machine": platform.machine(),
                "processors": str(os.cpu_count()),
            },
            seconds=dict(self.watch.seconds),
        )


@dataclass(frozen=True)
class SpaceResult(Generic[AnyReport]):
    """A report about spaces, and the side files that it names.

    files     name -> content
    pictures  thumbnails of the items that the pages show, by id
    """

    report: AnyReport
    files: Mapping[str, bytes] = field(repr=False, default_factory=dict)
    pictures: Mapping[str, bytes] = field(repr=False, default_factory=dict)

    def save(self, folder: str | Path) -> Path:
        """Write report.pdf, report.json and the side files; returns the path of report.json.

        Raises DataError where that is impossible.
        """
        from curate.report.build.write import write_space_report

        return write_space_report(Path(folder), self.report, self.files, self.pictures)


def steady_threads(threads: int | None) -> threadpool_limits:
    """At most so many threads, one of BLAS: sums are taken in one order on any number of them."""
    return threadpool_limits({"blas": 1} | ({"openmp": threads} if threads else {}))
