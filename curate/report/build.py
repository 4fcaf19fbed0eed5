"""Numbers -> Report: everything that was found, in the words and shapes of report.json.

Nothing is computed here but positions and cuts; long lists are bounded, and what was
cut is in the side files that `write` makes.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from curate import __version__
from curate.core import Dataset, Embeddings, Selection
from curate.embed.reduce import Reduction
from curate.job import Job
from curate.measure.analysis import Analysis
from curate.measure.columns import Column
from curate.measure.objectives import ObjectiveMeasures
from curate.report.around import around_part
from curate.report.factors import factors_of, has_factors
from curate.report.inline import bytes_of, cut, first, labels, text_of
from curate.report.measures import Budget, Coverage, Diversity, Map, Maps, Worst
from curate.report.model import (
    Counts,
    Duplicates,
    Item,
    Provenance,
    Report,
    SelectionPart,
    Timings,
)
from curate.report.objectives import ObjectivePart
from curate.report.objects import ObjectRun, objects_part
from curate.report.outputs import (
    DUPLICATES_FILE,
    SET_ASIDE_FILE,
    THUMBNAILS_FILE,
    selection_files,
)
from curate.report.per_item import ITEM_FILES
from curate.report.reduced import reduction_part
from curate.report.set_aside import set_aside_part
from curate.report.spaces.quality import SpaceQuality
from curate.report.worth import ColumnPart, LikenessPart

ITEMS_INLINE = 10_000
GROUPS_INLINE, MEMBERS_INLINE = 50, 20
LIBRARIES = ("numpy", "scipy", "faiss-cpu", "onnxruntime", "tokenizers", "pillow")


@dataclass(frozen=True)
class Run:
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
    objectives: Sequence[ObjectiveMeasures]
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
    columns: Sequence[Column] = ()
    objects: ObjectRun | None = None
    quality: SpaceQuality | None = None


def build_report(run: Run) -> Report:
    """The report of a run, ready to be written or drawn."""
    likeness = run.analysis.likeness
    return Report(
        job=run.job,
        provenance=_provenance(run),
        counts=_counts(run),
        selection=_selection(run),
        objectives=[ObjectivePart.model_validate(one) for one in run.objectives],
        diversity=Diversity.model_validate(run.analysis.diversity),
        coverage=_coverage(run),
        likeness=None if likeness is None else LikenessPart.model_validate(likeness),
        around=around_part(run.dataset, run.selection, run.analysis.around),
        columns=[_column(one) for one in run.columns],
        maps=_maps(run),
        budget=Budget.model_validate(run.analysis.budget),
        items=dict(ITEM_FILES),
        set_aside=set_aside_part(run.dataset, SET_ASIDE_FILE),
        duplicates=_duplicates(run),
        objects=None if run.objects is None else objects_part(run.objects),
        space=run.quality,
        timings=Timings(
            stages=dict(run.stages),
            total=sum(run.stages.values()),
            embedded=run.computed,
            from_cache=run.from_cache,
            peak_memory=peak_memory(),
        ),
    )


def _provenance(run: Run) -> Provenance:
    return Provenance(
        command=run.command,
        data_name=run.dataset.name,
        kind=run.dataset.kind,
        input_fingerprint=run.input_fingerprint,
        datapool_fingerprint=run.datapool_fingerprint,
        embedder=run.embeddings.embedder,
        reduction=reduction_part(run.reduction),
        seed=run.job.seed,
        versions={"curate": __version__, **library_versions()},
        created=run.created,
        host={
            "python": platform.python_version(),
            "system": platform.system(),
            "machine": platform.machine(),
            "processors": str(os.cpu_count()),
        },
    )


def library_versions() -> dict[str, str]:
    """Versions of the libraries that numbers depend on."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # installed in a way that left no metadata
            found[name] = "unknown"
    return found


def _column(one: Column) -> ColumnPart:
    part = ColumnPart.model_validate(one)
    classes = [share.model_copy(update={"name": cut(share.name)}) for share in part.classes]
    return part.model_copy(update={"name": cut(part.name), "classes": classes})


def peak_memory() -> int | None:
    """Largest resident memory of this process so far, in bytes; None where nobody knows."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak) * (1 if sys.platform == "darwin" else 1024)


def _counts(run: Run) -> Counts:
    left_out = len(run.dataset.set_aside)
    return Counts(
        read=len(run.dataset) + left_out,
        set_aside=left_out,
        input=len(run.dataset),
        distinct=run.analysis.distinct,
        datapool=0 if run.datapool is None else len(run.datapool),
        in_datapool=run.blocked,
        selected=len(run.selection),
    )


def _selection(run: Run) -> SelectionPart:
    label, positions = labels(run.dataset), run.dataset.source_positions()
    items = (
        Item(
            rank=rank,
            row=int(positions[row]),
            id=run.dataset.ids[row],
            distance=distance if np.isfinite(distance) else None,
            label=label[row],
            text=text_of(run.dataset, row),
            factors=factors_of(run.objectives, rank - 1),
        )
        for rank, (row, distance) in enumerate(
            zip(run.selection.picks.tolist(), run.selection.distances.tolist(), strict=True), 1
        )
    )
    return SelectionPart(
        strategy=run.selection.strategy,
        metric=run.embeddings.metric,
        dims=run.embeddings.dims,
        items=first(items, ITEMS_INLINE, lambda one: bytes_of(one.id, one.label, one.text)),
        files=selection_files(run.job.export, factors=has_factors(run.objectives)),
        thumbnails=THUMBNAILS_FILE if run.dataset.kind == "images" else None,
        notes=[*run.selection.notes, *_notes(run)],
    )


def _notes(run: Run) -> list[str]:
    """What the counts make necessary to say."""
    k, n, distinct = len(run.selection), len(run.dataset), run.analysis.distinct
    notes = []
    if k == n:
        notes.append("Every item is selected, so there is nothing to compare with.")
    diversity = run.analysis.diversity.selected
    if diversity is not None and diversity.min == 0:
        why = (
            f"the {n} items have only {distinct} different embeddings"
            if k > distinct - run.blocked
            else "the selection holds items with equal embeddings"
        )
        notes.append(f"The minimum diversity is 0: {k} items are selected and {why}.")
    return notes


def _coverage(run: Run) -> Coverage:
    measured = Coverage.model_fields.keys() & vars(run.analysis.coverage).keys()
    parts = {name: getattr(run.analysis.coverage, name) for name in measured}
    return Coverage.model_validate(
        {
            **parts,
            "radius": run.analysis.radius,
            "worst": [_worst(run, int(row)) for row in run.analysis.worst],
        }
    )


def _worst(run: Run, row: int) -> Worst:
    who = int(run.selection.nearest[row])
    k = len(run.selection)
    holder, place = (
        (run.dataset, int(run.selection.picks[who])) if who < k else (run.datapool, who - k)
    )
    assert holder is not None
    return Worst(
        id=run.dataset.ids[row],
        row=int(run.dataset.source_positions()[row]),
        distance=float(run.selection.coverage[row]),
        nearest=holder.ids[place],
        nearest_in_datapool=who >= k,
        text=text_of(run.dataset, row),
        nearest_text=text_of(holder, place),
    )


def _maps(run: Run) -> Maps:
    maps, picks = run.analysis.maps, run.selection.picks.tolist()
    rows = maps.rows.tolist()
    place = {row: position for position, row in enumerate(rows)}
    rank = {row: rank for rank, row in enumerate(picks, 1)}
    label = labels(run.dataset)
    nearest = run.selection.nearest

    def place_of_pick(j: int) -> int | None:
        return place.get(picks[j]) if 0 <= j < len(picks) else None

    return Maps(
        rows=run.dataset.source_positions()[maps.rows].tolist(),
        rank=[rank.get(row) for row in rows],
        label=[label[row] for row in rows],
        nearest=[place_of_pick(int(nearest[row])) for row in rows],
        neighbour=[
            place_of_pick(int(run.analysis.neighbours[rank[row] - 1])) if row in rank else None
            for row in rows
        ],
        n_sampled=maps.n_sampled,
        pca=None if maps.pca is None else Map.model_validate(maps.pca),
        pacmap=None if maps.pacmap is None else Map.model_validate(maps.pacmap),
        asked=None if maps.asked is None else Map.model_validate(maps.asked),
    )


def _duplicates(run: Run) -> Duplicates:
    groups = run.analysis.duplicate_groups
    members = sum(map(len, groups))
    ids = ([run.dataset.ids[row] for row in group[:MEMBERS_INLINE]] for group in groups)
    examples = first(ids, GROUPS_INLINE, lambda one: bytes_of(*one), limit=500_000)
    return Duplicates(
        groups=len(groups),
        items=members,
        redundant=members - len(groups),
        examples=examples,
        sizes=[len(group) for group in groups[: len(examples)]],
        file=DUPLICATES_FILE if groups else None,
    )
