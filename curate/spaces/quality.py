"""The space that a selection is made in, judged as `curate evaluate` does -> SpaceQuality.

The same items, metric and seed give the same numbers as that command.
"""

from __future__ import annotations

import numpy as np

from curate.items import Items
from curate.job import Job
from curate.measure.spaces.blocks import Effort
from curate.measure.spaces.labels import Labels
from curate.progress import Progress
from curate.report.spaces.quality import SpaceQuality
from curate.spaces.made import Plan, steady
from curate.spaces.measured import measure_space
from curate.spaces.open import Space, join, labels_of

CLASSES = 100  # that the report names


def space_quality(job: Job, items: Items, progress: Progress) -> SpaceQuality | None:
    """The measures of the space of `items`, with labels if there is a label column; None for
    a single item, which has no neighbour."""
    if len(items.dataset) < 2:
        return None
    space = Space(" ".join(job.sources), items.dataset, items.embeddings, items.embedder)
    joined = join([space])
    labels, origin = labels_of(joined, None)
    plan = Plan(queries=job.queries, seed=job.seed, effort=Effort(job.threads, progress))
    with steady(job.threads):
        measured, _ = measure_space(space, joined.rows[0], space.part(len(joined)), labels, plan)
    return SpaceQuality(
        items=len(joined),
        labels=origin,
        labelled=0 if labels is None else int((labels.codes >= 0).sum()),
        classes=0 if labels is None else len(labels.names),
        recall_by_chance=None if labels is None else _by_chance(labels),
        measured=measured.model_copy(update={"classes": measured.classes[:CLASSES]}),
    )


def _by_chance(labels: Labels) -> float | None:
    """Mean, over the items whose class has another one, of its share among the other items."""
    sizes = labels.sizes().astype(np.float64)
    asked = sizes[sizes > 1]
    if not len(asked):
        return None
    return float((asked * (asked - 1)).sum() / (asked.sum() * (sizes.sum() - 1)))
