"""What `evaluate`, `compare` and `drift` have in common: how much to measure, and results."""

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
from curate.measure.spaces.parallel_blocks import Effort
from curate.progress import Stopwatch
from curate.report.build.assemble_report import library_versions
from curate.schema.evaluation import EvaluationReport
from curate.schema.space_reports import ComparisonReport, DriftReport
from curate.schema.spaces import MadeBy

AnyReport = TypeVar("AnyReport", EvaluationReport, ComparisonReport, DriftReport)


@dataclass(frozen=True)
class SpacePlan:
    """How much to measure, and what the report says of how it was made.

    command  that makes the report again
    queries  items from which distances are measured to all others, at most
    seed     of everything random
    effort   threads, and how progress is shown
    watch    seconds of each stage
    """

    command: str = ""
    queries: int = 10_000
    seed: int = 0
    effort: Effort = field(default_factory=Effort)
    watch: Stopwatch = field(default_factory=Stopwatch)

    def provenance(self) -> MadeBy:
        """How the report was made; read the watch last, so call it when all is measured."""
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

    files     file name -> content
    pictures  id -> JPEG thumbnail, of the items that the pages show
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
    """At most so many threads, but one in BLAS, so that sums do not depend on their number."""
    return threadpool_limits({"blas": 1} | ({"openmp": threads} if threads else {}))
