"""The steps of a run that objects add: reading them, selecting by them, measuring them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from curate.core.values import Dataset, Embeddings, IntArray, Selection
from curate.data.objects import usable_boxes
from curate.errors import RequestError
from curate.export.records import PictureObjects
from curate.measure.selection.objects import analyse_objects
from curate.progress import Progress
from curate.report.build.finished_run import ObjectRun
from curate.run.items import Items, embed_items
from curate.schema.job import Job
from curate.schema.strategies import Diversity, Threshold
from curate.select.request import Request
from curate.select.strategies.object_diversity import ObjectVectors, select_by_objects

log = logging.getLogger("curate")


@dataclass(frozen=True)
class ObjectLevel:
    """The objects of a run, and what the job wants of them.

    objects  m of them, in the space of the pictures
    owners   (m,) int64 the row of the picture that each is in
    """

    job: Job
    objects: Items = field(repr=False)
    owners: IntArray = field(repr=False)

    @property
    def parts(self) -> PictureObjects:
        """The objects, as they are written."""
        return PictureObjects(self.objects.dataset, self.owners)

    @property
    def selects(self) -> bool:
        """Whether the selection is made by them."""
        return self.job.select.select_by != "images"

    def select(self, embeddings: Embeddings, request: Request) -> Selection:
        """The selection of pictures by their objects, or by both."""
        vectors = ObjectVectors(self.objects.embeddings.vectors, self.owners)
        return select_by_objects(embeddings, request, vectors, self.job.select.select_by)

    def measured(
        self, picks: IntArray, draws: Sequence[IntArray], seed: np.random.SeedSequence
    ) -> ObjectRun:
        """What the pictures `picks` are worth at the level of objects."""
        objects = self.objects
        return ObjectRun(
            parts=self.parts,
            analysis=analyse_objects(
                objects.embeddings, self.owners, picks, draws, self.job.measure.queries, seed
            ),
            fingerprint=objects.fingerprint,
            selected_by=self.job.select.select_by,
        )


def read_level(job: Job, items: Items, progress: Progress) -> ObjectLevel | None:
    """The objects that `job` names, embedded; None if it names none."""
    if job.data.objects is None:
        return None
    boxes = usable_boxes(Path(job.data.objects), items.dataset, items.keys)
    if boxes.dataset.set_aside:
        log.warning("%s: %s", job.data.objects, boxes.dataset.left_out_in_words())
    objects = embed_items(job, boxes.dataset, progress, like=items, keys=boxes.keys)
    kept = np.isin(boxes.dataset.source_positions(), objects.dataset.source_positions())
    return ObjectLevel(job, objects, boxes.owners[kept])


def check_level(job: Job, dataset: Dataset) -> None:
    """Raise RequestError for objects of what is no image, and selections that cannot be made."""
    if job.data.objects is not None and dataset.kind != "images":
        raise RequestError(f"--objects is for images, the data are {dataset.kind}: leave it out.")
    if job.select.select_by == "images":
        return
    strategies = [spec for spec in job.select.strategy if not isinstance(spec, Threshold)]
    for wrong, says in (
        (job.data.objects is None, "needs boxes: pass --objects FILE."),
        (strategies != [Diversity()], "goes with --strategy diversity, and thresholds, alone."),
        (job.select.datapool is not None, "cannot go on from a datapool: leave one of them out."),
        (
            job.select.select_by == "both" and job.select.min_distance > 0,
            "has no distance of its own for --min-distance: leave it out.",
        ),
    ):
        if wrong:
            raise RequestError(f"--select-by {job.select.select_by} {says}")
