"""Numbers -> Report: everything that was found, in the words and shapes of report.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from curate.core.values import Dataset, Embeddings, Selection
from curate.embed.reduce import Reduction
from curate.export.records import PictureObjects
from curate.measure.selection.analysis import Analysis
from curate.measure.selection.objectives import MeasuredObjective
from curate.measure.selection.objects import ObjectAnalysis
from curate.schema.evaluation import SpaceQuality
from curate.schema.job import Job
from curate.schema.measures import ColumnShares

# --------------------------------------------------------------------------------------
# The part of report.json on objects in pictures, and how it is made.


OBJECTS_SET_ASIDE_FILE = "objects_set_aside.csv"


@dataclass(frozen=True)
class FinishedObjects:
    """All that a run knows of its objects; what ObjectsPart is made from.

    parts  the usable ones
    """

    parts: PictureObjects
    analysis: ObjectAnalysis
    fingerprint: str
    selected_by: Literal["images", "objects", "both"]


# --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FinishedRun:
    """All that a run knows once it has measured; what Report is made from.

    datapool  the items chosen earlier, or None
    blocked   how many input items equal one of them
    objectives  how far each strategy had its way
    columns   metadata before and after
    objects   the objects in the items, or None
    quality   what the space is worth, or None
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
