"""The steps of a run that objects in images add: read them, select by them, measure them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from curate.core.values import Dataset, Embeddings, IntArray, Selection
from curate.data.object_boxes import usable_boxes
from curate.errors import RequestError
from curate.export.records import PictureObjects
from curate.measure.selection.object_level import analyse_objects
from curate.progress import Progress
from curate.report.build.finished_run import FinishedObjects
from curate.run.embed_items import EmbeddedItems, embed_items
from curate.schema.job import Job
from curate.schema.strategies import Diversity, Threshold
from curate.select.request import Request
from curate.select.strategies.object_diversity import ObjectVectors, select_by_objects

log = logging.getLogger("curate")


@dataclass(frozen=True)
class EmbeddedObjects:
    """The m objects in the images of a run, embedded in the space of the images.

    owners     (m,) int64 the row of the image that each object is in
    select_by  what diversity compares
    """

    items: EmbeddedItems = field(repr=False)
    owners: IntArray = field(repr=False)
    select_by: Literal["images", "objects", "both"]

    @property
    def parts(self) -> PictureObjects:
        """The objects, as exports write them."""
        return PictureObjects(self.items.dataset, self.owners)

    def select(self, embeddings: Embeddings, request: Request) -> Selection:
        """The selection of images by their objects, or by both."""
        vectors = ObjectVectors(self.items.embeddings.vectors, self.owners)
        return select_by_objects(embeddings, request, vectors, self.select_by)

    def measure(
        self,
        picks: IntArray,
        draws: Sequence[IntArray],
        queries: int,
        seed: np.random.SeedSequence,
    ) -> FinishedObjects:
        """The measures of the objects in the images `picks`, against those of random `draws`.

        queries  objects from which distances are measured, at most
        """
        return FinishedObjects(
            parts=self.parts,
            analysis=analyse_objects(
                self.items.embeddings, self.owners, picks, draws, queries, seed
            ),
            fingerprint=self.items.fingerprint,
            selected_by=self.select_by,
        )


def read_objects(job: Job, images: EmbeddedItems, progress: Progress) -> EmbeddedObjects | None:
    """The objects that a job names, embedded; None if it names none."""
    if job.data.objects is None:
        return None
    boxes = usable_boxes(Path(job.data.objects), images.dataset, images.keys)
    if boxes.dataset.set_aside:
        log.warning("%s: %s", job.data.objects, boxes.dataset.left_out_in_words())
    seed = job.select.seed
    items = embed_items(job.embed, boxes.dataset, seed, progress, like=images, keys=boxes.keys)
    kept = np.isin(boxes.dataset.source_positions(), items.dataset.source_positions())
    return EmbeddedObjects(items, boxes.owners[kept], job.select.select_by)


def check_objects(job: Job, dataset: Dataset) -> None:
    """Raise RequestError for objects in items other than images, and for a --select-by that does
    not go with the other settings."""
    if job.data.objects is not None and dataset.kind != "images":
        raise RequestError(f"--objects is for images, the data are {dataset.kind}: leave it out.")
    select_by = job.select.select_by
    if select_by == "images":
        return
    strategies = [spec for spec in job.select.strategy if not isinstance(spec, Threshold)]
    for wrong, problem in (
        (job.data.objects is None, "needs boxes: pass --objects FILE."),
        (strategies != [Diversity()], "goes with --strategy diversity, and thresholds, alone."),
        (job.select.datapool is not None, "cannot go on from a datapool: leave one of them out."),
        (
            select_by == "both" and job.select.min_distance > 0,
            "has no distance of its own for --min-distance: leave it out.",
        ),
    ):
        if wrong:
            raise RequestError(f"--select-by {select_by} {problem}")
