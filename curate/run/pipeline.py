"""A run of `curate select` or `curate measure`, in five steps.

Data to embeddings to a selection, measured and reported: `run` says this for a job, and the
functions below it are its steps. Each room of the program is handed its own part of the job,
or plain values of it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from curate.core.threads import at_most_threads
from curate.core.values import Dataset
from curate.data.selected_ids import read_selected_ids
from curate.errors import DataError, RequestError
from curate.export.copy_files import check_outputs
from curate.export.registry import check_export_names
from curate.measure.projections import check_at_once
from curate.measure.selection.analysis import MAP_PICKS, Analysis, analyse
from curate.measure.selection.columns import measure_columns
from curate.measure.selection.objectives import MeasuredObjective, measure_objectives
from curate.progress import Progress, Stopwatch, silent
from curate.report.build.finished_run import FinishedObjects, FinishedRun
from curate.report.build.side_files import check_writable
from curate.report.render.template import load_template
from curate.run.embed_items import (
    EmbeddedItems,
    check_strategy_columns,
    embed_items,
    with_strategy_columns,
)
from curate.run.objects_in_images import EmbeddedObjects, check_objects, read_objects
from curate.run.output_folder import output_folder
from curate.run.read_sources import read_items_beside, read_source, resolve_names
from curate.run.result import Result
from curate.run.select_items import SelectionOutcome, select_items, why_so_few
from curate.schema.evaluation import SpaceQuality
from curate.schema.job import Job, resolve_k
from curate.schema.job_file import reproduce
from curate.schema.measures import ColumnShares
from curate.schema.strategies import Similarity

log = logging.getLogger("curate")


@dataclass(frozen=True)
class Inputs:
    """What a job reads: the data, and what it names beside them.

    datapool      items chosen earlier; None without
    selected_ids  ids in pick order, of a selection to be measured; None for one to be made
    queries       the query set of each similarity, by its words in the job
    """

    data: Dataset
    datapool: Dataset | None
    selected_ids: Sequence[str] | None
    queries: dict[str, Dataset]


@dataclass(frozen=True)
class EmbeddedInputs:
    """The inputs that are embedded before the selection, all in one space."""

    items: EmbeddedItems
    datapool: EmbeddedItems | None
    objects: EmbeddedObjects | None


@dataclass(frozen=True)
class Measures:
    """Everything that is measured about a selection.

    objectives  how well each strategy reached its goal
    columns     each metadata column before and after
    objects     the objects in the images; None without
    space       what the space is worth; None unless the job asks for it
    """

    analysis: Analysis
    objectives: Sequence[MeasuredObjective]
    columns: Sequence[ColumnShares]
    objects: FinishedObjects | None
    space: SpaceQuality | None


def run(
    job: Job,
    data: Dataset | None = None,
    datapool: Dataset | None = None,
    selected_ids: Sequence[str] | None = None,
    *,
    to_be_saved: bool = False,
    progress: Progress = silent,
) -> Result:
    """Do the job. Nothing is written but the cache.

    data, datapool  used instead of those that the job names
    selected_ids    ids in pick order, used instead of the selection that the job names
    to_be_saved     check first that the output folder can be written
    Raises RequestError for a job that cannot be done, DataError for unusable data.
    """
    created = datetime.now(UTC).isoformat(timespec="seconds")
    watch = Stopwatch()
    job = resolve_names(job, source=data is None, datapool=datapool is None)
    select_seed, measure_seed = np.random.SeedSequence(job.select.seed).spawn(2)
    _check_before_reading(job)
    with at_most_threads(job.embed.threads):
        with watch("read"):
            inputs = _read(job, data, datapool, selected_ids, to_be_saved=to_be_saved)
        with watch("embed"):
            embedded = _embed(job, inputs, progress)
        with watch("select"):
            outcome = _select(job, inputs, embedded, select_seed, progress)
        result = _result(job, embedded, outcome)
        if job.report.no_report:
            for note in outcome.selection.notes:  # without a report to say it
                log.warning("%s", note)
            return result
        measures = _measure(job, embedded, outcome, measure_seed, watch, progress)
    items, pool = embedded.items, embedded.datapool
    finished = FinishedRun(
        job=job,
        command=reproduce(job, in_memory=data is not None),
        dataset=items.dataset,
        embeddings=items.embeddings,
        selection=outcome.selection,
        objectives=measures.objectives,
        analysis=measures.analysis,
        input_fingerprint=items.fingerprint,
        datapool=None if pool is None else pool.dataset,
        datapool_fingerprint=None if pool is None else pool.fingerprint,
        blocked=outcome.blocked,
        created=created,
        stages=watch.seconds,
        computed=items.embedded.computed,
        from_cache=items.embedded.from_cache,
        reduction=items.reduction,
        columns=measures.columns,
        objects=measures.objects,
        quality=measures.space,
    )
    return replace(result, run=finished)


def _check_before_reading(job: Job) -> None:
    """Raise RequestError or DataError for settings that would fail only after the work is done."""
    load_template(job.report.template)
    check_at_once(job.measure.map, job.measure.map_points + MAP_PICKS)
    check_export_names(job.report.export)


def _read(
    job: Job,
    data: Dataset | None,
    datapool: Dataset | None,
    selected_ids: Sequence[str] | None,
    *,
    to_be_saved: bool,
) -> Inputs:
    """The inputs, read unless they are given; raises what can be seen wrong with the job now."""
    dataset = read_source(job) if data is None else data
    dataset = replace(dataset, name=job.data.name or dataset.name)
    if job.select.selection is None:
        resolve_k(job.select, len(dataset), why_so_few(dataset))
        check_strategy_columns(job.select, dataset)
    elif job.select.n is not None or job.select.fraction is not None:
        raise RequestError(
            "the job has a count and a selection: one is made or the other measured. "
            "Leave one of them out."
        )
    elif selected_ids is None:
        selected_ids = read_selected_ids(Path(job.select.selection), job.data.id_column)
    check_objects(job, dataset)
    check_outputs(job.report.export, job.report.copy_to, job.report.link_to, dataset)
    if to_be_saved:
        check_writable(output_folder(job, dataset.name))
    if datapool is None and job.select.datapool is not None:
        datapool = read_items_beside(job, dataset, job.select.datapool, "datapool")
    queries = {
        spec.query: read_items_beside(job, dataset, spec.query, "query set")
        for spec in job.select.strategy
        if isinstance(spec, Similarity)
    }
    return Inputs(dataset, datapool, selected_ids, queries)


def _embed(job: Job, inputs: Inputs, progress: Progress) -> EmbeddedInputs:
    """The data, the datapool and the objects, embedded in one space."""
    seed = job.select.seed
    items = embed_items(job.embed, inputs.data, seed, progress)
    items = with_strategy_columns(job, items, progress)
    datapool = None
    if inputs.datapool is not None:
        datapool = embed_items(job.embed, inputs.datapool, seed, progress, like=items)
        if datapool.embeddings.dims != items.embeddings.dims:
            raise DataError(
                f"the datapool has {datapool.embeddings.dims} dimensions, the data have "
                f"{items.embeddings.dims}: pass a datapool of the same space."
            )
    return EmbeddedInputs(items, datapool, read_objects(job, items, progress))


def _select(
    job: Job,
    inputs: Inputs,
    embedded: EmbeddedInputs,
    seed: np.random.SeedSequence,
    progress: Progress,
) -> SelectionOutcome:
    """The selection, made or replayed."""
    outcome = select_items(
        job,
        embedded.items,
        embedded.datapool,
        embedded.objects,
        inputs.queries,
        inputs.selected_ids,
        seed,
        progress,
    )
    log.info("selected %d of %d", len(outcome.selection), len(embedded.items.dataset))
    return outcome


def _result(job: Job, embedded: EmbeddedInputs, outcome: SelectionOutcome) -> Result:
    """The picks, without measures."""
    dataset, picks = embedded.items.dataset, outcome.selection.picks
    return Result(
        ids=[dataset.ids[row] for row in picks],
        indices=dataset.source_positions()[picks],
        dataset=dataset,
        selection=outcome.selection,
        job=job,
        run=None,
        parts=None if embedded.objects is None else embedded.objects.parts,
    )


def _measure(
    job: Job,
    embedded: EmbeddedInputs,
    outcome: SelectionOutcome,
    seed: np.random.SeedSequence,
    watch: Stopwatch,
    progress: Progress,
) -> Measures:
    """Measure the selection against the input, random draws and the datapool."""
    items, selection = embedded.items, outcome.selection
    settings = job.measure
    analysis = analyse(
        items.embeddings,
        selection,
        items.keys,
        outcome.datapool,
        np.flatnonzero(outcome.candidates),
        settings,
        seed,
        watch,
        progress,
    )
    with watch("columns"):
        columns = measure_columns(items.dataset, selection.picks, analysis.draws)
    objects = None
    if embedded.objects is not None:
        with watch("objects"):
            objects = embedded.objects.measure(
                selection.picks, analysis.draws, settings.queries, seed.spawn(1)[0]
            )
    space = None
    if settings.space:
        # Few runs judge the space, so its modules are imported here.
        from curate.run.spaces.measure_space import space_quality

        with watch("space"):
            space = space_quality(job, items, progress)
    objectives = measure_objectives(
        outcome.objectives,
        selection,
        analysis.draws,
        items.embeddings.metric,
        items.embeddings.dims,
    )
    return Measures(analysis, objectives, columns, objects, space)
