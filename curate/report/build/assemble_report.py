"""What a run measured -> Report: rows become ids, texts and ranks.

The measures are stored as `measure/` returned them. Nothing is computed here but positions and
cuts. report.json stays below 10 MB whatever the data hold: lists are cut by number and by size,
texts and labels by length. What was cut is in the side files that `write` makes.
"""

from __future__ import annotations

import os
import platform
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate, islice
from typing import TypeVar

import numpy as np

from curate.core.values import Dataset, Selection
from curate.core.version import __version__
from curate.embed.reduce import Reduction
from curate.measure.selection.neighbourhoods import NeighbourhoodsOfRows, PairOfRows
from curate.report.build.finished_run import FinishedObjects, FinishedRun
from curate.report.build.side_files import (
    DUPLICATES_FILE,
    ITEM_FILES,
    OBJECTS_SET_ASIDE_FILE,
    SET_ASIDE_FILE,
    THUMBNAILS_FILE,
    factors_of,
    has_factors,
    selection_files,
)
from curate.report.render.numbers import count
from curate.schema.measures import (
    ColumnShares,
    CoverageMeasures,
    Maps,
    Neighbourhoods,
    Outlier,
    Pair,
    WorstCovered,
)
from curate.schema.report import (
    Counts,
    Duplicates,
    Excluded,
    Item,
    LabelCount,
    ObjectCounts,
    ObjectsPart,
    Provenance,
    ReductionPart,
    Report,
    SelectionPart,
    SetAsidePart,
    Timings,
)

Entry = TypeVar("Entry")

TEXT_LENGTH = 280
LABEL_LENGTH = 100
BYTES = 3_000_000  # of one list
SET_ASIDE_INLINE = 100
ITEMS_INLINE = 10_000
GROUPS_INLINE, MEMBERS_INLINE = 50, 20
LIBRARIES = ("numpy", "scipy", "faiss-cpu", "onnxruntime", "tokenizers", "pillow")


def first(
    entries: Iterable[Entry], most: int, size: Callable[[Entry], int], limit: int = BYTES
) -> list[Entry]:
    """The first entries, at most `most` and at most `limit` bytes of them as `size` counts."""
    kept = list(islice(entries, most))
    sums = accumulate(map(size, kept))
    return kept[: next((place for place, sum_ in enumerate(sums) if sum_ > limit), most)]


def bytes_of(*texts: str | None) -> int:
    """Bytes that texts take in a file."""
    return sum(len(text.encode(errors="replace")) for text in texts if text)


def text_of(dataset: Dataset, row: int) -> str | None:
    """The beginning of an item's text, None where items are not text."""
    return dataset.items[row][:TEXT_LENGTH] if dataset.kind == "text" else None


def labels(dataset: Dataset) -> list[str | None]:
    """The label of each item as text, long ones cut in the middle; None where there is none."""
    if dataset.label_column is None:
        return [None] * len(dataset)
    return [
        None if value is None else cut(str(value))
        for value in dataset.metadata.column(dataset.label_column).to_pylist()
    ]


def cut(label: str) -> str:
    """A label, shortened in the middle where it is very long."""
    half = LABEL_LENGTH // 2
    return label if len(label) <= LABEL_LENGTH else f"{label[: half - 1]}…{label[-half:]}"


def neighbourhoods(
    dataset: Dataset, selection: Selection, measured: NeighbourhoodsOfRows | None
) -> Neighbourhoods | None:
    """The part of the report, None where nothing was measured."""
    if measured is None:
        return None
    positions = dataset.source_positions()
    rank = {row: rank for rank, row in enumerate(selection.picks.tolist(), 1)}
    return Neighbourhoods(
        neighbours=measured.neighbours,
        n_queries=measured.n_queries,
        exact=measured.exact,
        density=measured.density,
        coverage=measured.coverage,
        outlier_shares=measured.outlier_shares,
        outliers=[
            Outlier(
                id=dataset.ids[row],
                row=int(positions[row]),
                distance=distance,
                rank=rank.get(row),
                text=text_of(dataset, row),
            )
            for row, distance in zip(
                measured.outliers.tolist(), measured.outlyingness.tolist(), strict=True
            )
        ],
        input_pairs=_pairs(dataset, measured.input_pairs),
        pick_pairs=_pairs(dataset, measured.pick_pairs),
    )


def _pairs(dataset: Dataset, pairs: Sequence[PairOfRows]) -> list[Pair]:
    return [
        Pair(
            one=dataset.ids[pair.one],
            other=dataset.ids[pair.other],
            distance=pair.distance,
            text=text_of(dataset, pair.one),
            other_text=text_of(dataset, pair.other),
        )
        for pair in pairs
    ]


def reduction_part(reduction: Reduction | None) -> ReductionPart | None:
    """The part of a report, None where embeddings stayed as they were."""
    if reduction is None:
        return None
    explained = None if reduction.explained is None else reduction.explained.tolist()
    return ReductionPart(
        map=reduction.words,
        input_dims=reduction.input_dims,
        dims=reduction.input_dims if reduction.axes is None else reduction.axes.shape[1],
        explained_variance=explained,
        explained_variance_fraction=None if explained is None else min(1.0, sum(explained)),
    )


def in_words(part: ReductionPart) -> str:
    """One line for the page on how the numbers were made."""
    kept = part.explained_variance_fraction
    share = "" if kept is None else f"; {kept:.1%} of the variance is left"
    return f"{part.map}: from {count(part.input_dims)} to {count(part.dims)} dimensions{share}"


def set_aside_part(dataset: Dataset, file: str) -> SetAsidePart:
    """What `dataset` had to leave out; all of it is in `file`."""
    reasons = Counter(item.reason for item in dataset.set_aside)
    return SetAsidePart(
        count=len(dataset.set_aside),
        reasons=dict(sorted(reasons.items())),
        examples=first(
            map(Excluded.model_validate, dataset.set_aside),
            SET_ASIDE_INLINE,
            lambda item: bytes_of(item.id, item.reason, item.detail),
            limit=500_000,
        ),
        file=file if dataset.set_aside else None,
    )


def objects_part(run: FinishedObjects) -> ObjectsPart:
    """The part of the report on the objects of a run."""
    measured, left_out = run.analysis, len(run.parts.dataset.set_aside)
    images = set(run.parts.owners.tolist())
    return ObjectsPart(
        selected_by=run.selected_by,
        fingerprint=run.fingerprint,
        counts=ObjectCounts(
            read=len(run.parts.dataset) + left_out,
            set_aside=left_out,
            input=len(run.parts.dataset),
            images=len(images),
            selected=len(measured.selected),
            images_selected=len(set(run.parts.owners[measured.selected].tolist())),
            random=measured.draws,
        ),
        labels=_labels(run),
        diversity=measured.diversity,
        coverage=_object_coverage(run),
        set_aside=set_aside_part(run.parts.dataset, OBJECTS_SET_ASIDE_FILE),
    )


def _labels(run: FinishedObjects) -> dict[str, LabelCount]:
    labels = run.parts.dataset.metadata.column("label").to_pylist()
    every = Counter(label for label in labels if label is not None)
    chosen = Counter(labels[row] for row in run.analysis.selected.tolist())
    return {
        label: LabelCount(input=many, selected=chosen[label])
        for label, many in sorted(every.items(), key=lambda pair: (-pair[1], pair[0]))
    }


def _object_coverage(run: FinishedObjects) -> CoverageMeasures | None:
    measured, ids = run.analysis, run.parts.dataset.ids
    if measured.coverage is None or measured.radius is None:
        return None
    positions = run.parts.dataset.source_positions()
    worst = [
        WorstCovered(
            id=ids[row],
            row=int(positions[row]),
            distance=distance,
            nearest=ids[near],
            nearest_in_datapool=False,
            text=None,
            nearest_text=None,
        )
        for row, distance, near in zip(
            measured.worst, measured.distances, measured.nearest, strict=True
        )
    ]
    return CoverageMeasures(**vars(measured.coverage), radius=measured.radius, worst=worst)


def build_report(run: FinishedRun) -> Report:
    """The report of a run, ready to be written or drawn."""
    return Report(
        job=run.job,
        provenance=_provenance(run),
        counts=_counts(run),
        selection=_selection(run),
        objectives=[objective.result for objective in run.objectives],
        diversity=run.analysis.diversity,
        coverage=_coverage(run),
        likeness=run.analysis.likeness,
        neighbourhoods=neighbourhoods(run.dataset, run.selection, run.analysis.neighbourhoods),
        columns=[_with_short_names(column) for column in run.columns],
        maps=_maps(run),
        budget=run.analysis.budget,
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


def _provenance(run: FinishedRun) -> Provenance:
    return Provenance(
        command=run.command,
        data_name=run.dataset.name,
        kind=run.dataset.kind,
        input_fingerprint=run.input_fingerprint,
        datapool_fingerprint=run.datapool_fingerprint,
        embedder=run.embeddings.embedder,
        reduction=reduction_part(run.reduction),
        seed=run.job.select.seed,
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
    versions = {}
    for name in LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:  # installed in a way that left no metadata
            versions[name] = "unknown"
    return versions


def _with_short_names(column: ColumnShares) -> ColumnShares:
    classes = [share.model_copy(update={"name": cut(share.name)}) for share in column.classes]
    return column.model_copy(update={"name": cut(column.name), "classes": classes})


def peak_memory() -> int | None:
    """Largest resident memory of this process so far, in bytes; None where nobody knows."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak) * (1 if sys.platform == "darwin" else 1024)


def _counts(run: FinishedRun) -> Counts:
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


def _selection(run: FinishedRun) -> SelectionPart:
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
        items=first(items, ITEMS_INLINE, lambda item: bytes_of(item.id, item.label, item.text)),
        files=selection_files(run.job.report.export, factors=has_factors(run.objectives)),
        thumbnails=THUMBNAILS_FILE if run.dataset.kind == "images" else None,
        notes=[*run.selection.notes, *_notes(run)],
    )


def _notes(run: FinishedRun) -> list[str]:
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


def _coverage(run: FinishedRun) -> CoverageMeasures:
    return CoverageMeasures(
        **vars(run.analysis.coverage),
        radius=run.analysis.radius,
        worst=[_worst(run, int(row)) for row in run.analysis.worst],
    )


def _worst(run: FinishedRun, row: int) -> WorstCovered:
    member = int(run.selection.nearest[row])
    k = len(run.selection)
    holder, place = (
        (run.dataset, int(run.selection.picks[member]))
        if member < k
        else (run.datapool, member - k)
    )
    assert holder is not None
    return WorstCovered(
        id=run.dataset.ids[row],
        row=int(run.dataset.source_positions()[row]),
        distance=float(run.selection.coverage[row]),
        nearest=holder.ids[place],
        nearest_in_datapool=member >= k,
        text=text_of(run.dataset, row),
        nearest_text=text_of(holder, place),
    )


def _maps(run: FinishedRun) -> Maps:
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
            place_of_pick(int(run.analysis.nearest_picks[rank[row] - 1])) if row in rank else None
            for row in rows
        ],
        n_sampled=maps.n_sampled,
        pca=maps.pca,
        pacmap=maps.pacmap,
        asked=maps.asked,
    )


def _duplicates(run: FinishedRun) -> Duplicates:
    groups = run.analysis.duplicate_groups
    members = sum(map(len, groups))
    ids = ([run.dataset.ids[row] for row in group[:MEMBERS_INLINE]] for group in groups)
    examples = first(ids, GROUPS_INLINE, lambda group: bytes_of(*group), limit=500_000)
    return Duplicates(
        groups=len(groups),
        items=members,
        redundant=members - len(groups),
        examples=examples,
        sizes=[len(group) for group in groups[: len(examples)]],
        file=DUPLICATES_FILE if groups else None,
    )
