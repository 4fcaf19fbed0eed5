"""The sentence that curate is: data to embeddings to a selection, measured and reported.

`run` reads like it; the functions below it say what each step means for a job.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from curate.core.threads import at_most_threads
from curate.core.values import Dataset, Selection
from curate.data.selected_ids import read_selected_ids
from curate.errors import DataError, RequestError
from curate.export.copy_files import check_outputs
from curate.export.formats import known as known_exports
from curate.export.records import PictureObjects
from curate.measure.projections import check_at_once
from curate.measure.selection.analysis import MAP_PICKS, MeasurePlan, analyse
from curate.measure.selection.columns import measure_columns
from curate.measure.selection.objectives import measure_objectives
from curate.progress import Progress, Stopwatch, silent
from curate.report.build.finished_run import Run
from curate.report.build.side_files import check_writable
from curate.report.render.template import load_template
from curate.run.choose import choose, why_so_few
from curate.run.items import (
    Items,
    check_columns,
    embed_items,
    read_others,
    read_source,
    with_named_columns,
)
from curate.run.names import resolve_names
from curate.run.objects import check_level, read_level
from curate.run.output_folder import output_folder
from curate.run.result import Result
from curate.schema.evaluation import SpaceQuality
from curate.schema.job import Job, resolve_k
from curate.schema.job_file import reproduce
from curate.schema.strategies import Similarity

log = logging.getLogger("curate")


@dataclass(frozen=True)
class Read:
    """What a job reads: the data, and whatever there is of the rest.

    picked   ids in pick order, of a selection that is to be measured
    queries  the query set of each similarity, by how it is named
    """

    data: Dataset
    datapool: Dataset | None
    picked: Sequence[str] | None
    queries: dict[str, Dataset]


def run(
    job: Job,
    data: Dataset | None = None,
    datapool: Dataset | None = None,
    picked: Sequence[str] | None = None,
    *,
    to_be_saved: bool = False,
    progress: Progress = silent,
) -> Result:
    """Do the job. Nothing is written but the cache.

    data, datapool  replace reading those of the job
    picked          ids in pick order, replace reading the job's selection
    to_be_saved     see beforehand that the output folder can be written
    """
    created = datetime.now(UTC).isoformat(timespec="seconds")
    watch = Stopwatch()
    job = resolve_names(job, source=data is None, datapool=datapool is None)
    selecting, measuring = np.random.SeedSequence(job.select.seed).spawn(2)
    load_template(job.report.template)  # a mistake in it must not cost the run
    check_at_once(job.measure.map, job.measure.map_points + MAP_PICKS)
    known_exports(job.report.export)
    with at_most_threads(job.embed.threads):
        with watch("read"):
            read = _read(job, data, datapool, picked, to_be_saved=to_be_saved)
        with watch("embed"):
            items = with_named_columns(job, embed_items(job, read.data, progress), progress)
            pool = _pool(job, items, read.datapool, progress)
            level = read_level(job, items, progress)
        with watch("select"):
            chosen = choose(job, items, pool, level, read.queries, read.picked, selecting, progress)
        selection = chosen.selection
        log.info("selected %d of %d", len(selection), len(items.dataset))
        result = _result(job, items.dataset, selection, None if level is None else level.parts)
        if job.report.no_report:
            for note in selection.notes:  # which the report would say
                log.warning("%s", note)
            return result
        plan = MeasurePlan(
            job.measure.random_draws,
            job.measure.queries,
            job.measure.map_points,
            measuring,
            job.measure.map,
        )
        analysis = analyse(
            items.embeddings,
            selection,
            items.keys,
            chosen.datapool,
            np.flatnonzero(chosen.candidates),
            plan,
            watch,
            progress,
        )
        with watch("columns"):
            columns = measure_columns(items.dataset, selection.picks, analysis.draws)
        objects = None
        if level is not None:
            with watch("objects"):
                objects = level.measured(selection.picks, analysis.draws, measuring.spawn(1)[0])
        quality = None
        if job.measure.space:
            with watch("space"):
                quality = _quality(job, items, progress)
    done = Run(
        job=job,
        command=reproduce(job, in_memory=data is not None),
        dataset=items.dataset,
        embeddings=items.embeddings,
        selection=selection,
        objectives=measure_objectives(
            chosen.objectives,
            selection,
            analysis.draws,
            items.embeddings.metric,
            items.embeddings.dims,
        ),
        analysis=analysis,
        input_fingerprint=items.fingerprint,
        datapool=None if pool is None else pool.dataset,
        datapool_fingerprint=None if pool is None else pool.fingerprint,
        blocked=chosen.blocked,
        created=created,
        stages=watch.seconds,
        computed=items.embedded.computed,
        from_cache=items.embedded.from_cache,
        reduction=items.reduction,
        columns=columns,
        objects=objects,
        quality=quality,
    )
    return replace(result, run=done)


def _read(
    job: Job,
    data: Dataset | None,
    datapool: Dataset | None,
    picked: Sequence[str] | None,
    *,
    to_be_saved: bool,
) -> Read:
    """What of these is not given, read; raises what is wrong with the job as far as it shows."""
    dataset = read_source(job) if data is None else data
    dataset = replace(dataset, name=job.data.name or dataset.name)
    if job.select.selection is None:
        resolve_k(job.select, len(dataset), why_so_few(dataset))
        check_columns(job, dataset)
    elif job.select.n is not None or job.select.fraction is not None:
        raise RequestError(
            "the job has a count and a selection: one is made or the other measured. "
            "Leave one of them out."
        )
    elif picked is None:
        picked = read_selected_ids(Path(job.select.selection), job.data.id_column)
    check_level(job, dataset)
    check_outputs(job.report.export, job.report.copy_to, job.report.link_to, dataset)
    if to_be_saved:
        check_writable(output_folder(job, dataset.name))
    if datapool is None and job.select.datapool is not None:
        datapool = read_others(job, dataset, job.select.datapool, "datapool")
    return Read(dataset, datapool, picked, _read_queries(job, dataset))


def _quality(job: Job, items: Items, progress: Progress) -> SpaceQuality | None:
    # Few runs ask for it, so what judges spaces is imported when one does.
    from curate.run.spaces.measure_space import space_quality

    return space_quality(job, items, progress)


def _read_queries(job: Job, dataset: Dataset) -> dict[str, Dataset]:
    """The query set of each similarity, by how it is named."""
    named = [spec.query for spec in job.select.strategy if isinstance(spec, Similarity)]
    return {one: read_others(job, dataset, one, "query set") for one in named}


def _pool(job: Job, items: Items, given: Dataset | None, progress: Progress) -> Items | None:
    """The datapool, embedded."""
    if given is None:
        return None
    pool = embed_items(job, given, progress, like=items)
    if pool.embeddings.dims != items.embeddings.dims:
        raise DataError(
            f"the datapool has {pool.embeddings.dims} dimensions, the data have "
            f"{items.embeddings.dims}: pass a datapool of the same space."
        )
    return pool


def _result(
    job: Job, dataset: Dataset, selection: Selection, parts: PictureObjects | None
) -> Result:
    ids = [dataset.ids[row] for row in selection.picks]
    positions = dataset.source_positions()[selection.picks]
    return Result(ids, positions, dataset, selection, job, run=None, parts=parts)
