"""The part of report.json on objects in pictures, and how it is made.

It has the same measures as the report itself, with objects in the place of pictures.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from curate.export.parts import Parts
from curate.measure.object_level import ObjectAnalysis
from curate.report.measures import Coverage, Diversity, Worst
from curate.report.part import Part
from curate.report.set_aside import SetAsidePart, set_aside_part

OBJECTS_SET_ASIDE_FILE = "objects_set_aside.csv"


class ObjectCounts(Part):
    """How many objects there were, from reading to selecting."""

    read: int
    """Boxes found in the file."""
    set_aside: int
    """Of these, left out with a reason (see `set_aside`)."""
    input: int
    """Objects with an embedding: `read` − `set_aside`."""
    images: int
    """Input images that have an object."""
    selected: int
    """Objects in the selected images."""
    images_selected: int
    """Selected images that have an object."""
    random: list[int]
    """Objects in the images of each random selection."""


class LabelCount(Part):
    """How often a label occurs among the objects."""

    input: int
    """Objects of this label in the input."""
    selected: int
    """Of these, in selected images."""


class ObjectsPart(Part):
    """The level of objects: every object of a selected image counts as selected."""

    selected_by: Literal["images", "objects", "both"]
    """What the images were chosen by."""
    fingerprint: str
    """Hash of all objects and their ids, in order: equal for equal input."""
    counts: ObjectCounts
    """How many objects there were."""
    labels: dict[str, LabelCount]
    """Labels of the objects, the most frequent first; empty if they have none."""
    diversity: Diversity | None
    """How different the objects of each set are; null if no object is selected."""
    coverage: Coverage | None
    """How near each input object is to each set; null if no object is selected. Ids and rows are
    those of objects, rows counted in the file of boxes."""
    set_aside: SetAsidePart
    """Boxes that could not be used."""


@dataclass(frozen=True)
class ObjectRun:
    """All that a run knows of its objects; what ObjectsPart is made from.

    parts  the usable ones
    """

    parts: Parts
    analysis: ObjectAnalysis
    fingerprint: str
    selected_by: Literal["images", "objects", "both"]


def objects_part(run: ObjectRun) -> ObjectsPart:
    """The part of the report on the objects of a run."""
    found, left_out = run.analysis, len(run.parts.dataset.set_aside)
    images = set(run.parts.owners.tolist())
    return ObjectsPart(
        selected_by=run.selected_by,
        fingerprint=run.fingerprint,
        counts=ObjectCounts(
            read=len(run.parts.dataset) + left_out,
            set_aside=left_out,
            input=len(run.parts.dataset),
            images=len(images),
            selected=len(found.selected),
            images_selected=len(set(run.parts.owners[found.selected].tolist())),
            random=found.draws,
        ),
        labels=_labels(run),
        diversity=None if found.radius is None else Diversity.model_validate(found.diversity),
        coverage=_coverage(run),
        set_aside=set_aside_part(run.parts.dataset, OBJECTS_SET_ASIDE_FILE),
    )


def _labels(run: ObjectRun) -> dict[str, LabelCount]:
    labels = run.parts.dataset.metadata.column("label").to_pylist()
    every = Counter(label for label in labels if label is not None)
    chosen = Counter(labels[row] for row in run.analysis.selected.tolist())
    return {
        label: LabelCount(input=many, selected=chosen[label])
        for label, many in sorted(every.items(), key=lambda one: (-one[1], one[0]))
    }


def _coverage(run: ObjectRun) -> Coverage | None:
    found, ids = run.analysis, run.parts.dataset.ids
    if found.radius is None:
        return None
    positions = run.parts.dataset.source_positions()
    worst = [
        Worst(
            id=ids[row],
            row=int(positions[row]),
            distance=distance,
            nearest=ids[near],
            nearest_in_datapool=False,
            text=None,
            nearest_text=None,
        )
        for row, distance, near in zip(found.worst, found.distances, found.nearest, strict=True)
    ]
    return Coverage.model_validate({**vars(found.coverage), "radius": found.radius, "worst": worst})
