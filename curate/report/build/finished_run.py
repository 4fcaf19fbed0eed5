"""What a run hands to the report: everything that Report is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from curate.core.values import Dataset, Embeddings, Selection
from curate.embed.reduce import Reduction
from curate.export.records import PictureObjects
from curate.measure.selection.analysis import Analysis
from curate.measure.selection.object_level import ObjectAnalysis
from curate.measure.selection.objectives import MeasuredObjective
from curate.schema.evaluation import SpaceQuality
from curate.schema.job import Job
from curate.schema.measures import ColumnShares


@dataclass(frozen=True)
class FinishedObjects:
    """The objects in the images of a run, and their measures.

    parts        the objects that can be used
    fingerprint  hash of their content and ids
    selected_by  what diversity compared
    """

    parts: PictureObjects
    analysis: ObjectAnalysis
    fingerprint: str
    selected_by: Literal["images", "objects", "both"]


@dataclass(frozen=True)
class FinishedRun:
    """A run that has measured its selection.

    command     that makes the selection again
    datapool    items chosen earlier; None without
    blocked     how many input items equal an item of the datapool
    objectives  how well each strategy reached its goal
    created     when the run began, ISO 8601 in UTC
    stages      seconds of each stage
    computed    how many items were embedded, and `from_cache` how many were in the cache
    columns     metadata columns before and after
    objects     the objects in the images; None without
    quality     what the space is worth; None unless the job asks for it
    """

    job: Job
    command: str
    dataset: Dataset
    embeddings: Embeddings
    selection: Selection
    objectives: Sequence[MeasuredObjective]
    analysis: Analysis
    input_fingerprint: str
    datapool: Dataset | None
    datapool_fingerprint: str | None
    blocked: int
    created: str
    stages: Mapping[str, float]
    computed: int
    from_cache: int
    reduction: Reduction | None = None
    columns: Sequence[ColumnShares] = ()
    objects: FinishedObjects | None = None
    quality: SpaceQuality | None = None
