"""The sentence that curate is: data to embeddings to a selection, measured and reported.

`run` reads like it; the functions below it say what each step means for a job.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from curate.compiled.crew import at_most_threads
from curate.core import BoolArray, Dataset, FloatArray, Selection
from curate.data.picked import read_picked, rows_of
from curate.errors import DataError, RequestError, did_you_mean
from curate.export.asked import check_outputs
from curate.export.formats import known as known_exports
from curate.export.parts import Parts
from curate.items import (
    Items,
    check_columns,
    column,
    embed_items,
    read_others,
    read_source,
    with_named_columns,
)
from curate.job import Job, resolve_k
from curate.job_file import reproduce
from curate.measure.analysis import MAP_PICKS, Plan, analyse
from curate.measure.columns import measure_columns
from curate.measure.objectives import measure_objectives
from curate.measure.projections import check_at_once
from curate.progress import Progress, Stopwatch, silent
from curate.report.build import Run
from curate.report.outputs import check_writable, output_folder
from curate.report.spaces.quality import SpaceQuality
from curate.report.template import load_template
from curate.result import Result
from curate.select.farthest_first import say_memory
from curate.select.objectives import Known, Objective
from curate.select.replay import replay
from curate.select.request import Request, Start
from curate.select.specs import Similarity
from curate.select.strategies import Narrowed, memory_needed, narrow, select
from curate.with_objects import check_level, read_level

log = logging.getLogger("curate")
NAMED_STARTS = ("mean", "first", "random")


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
    selecting, measuring = np.random.SeedSequence(job.seed).spawn(2)
    load_template(job.template)  # a mistake in it must not cost the run
    check_at_once(job.map, job.map_points + MAP_PICKS)
    known_exports(job.export)
    with at_most_threads(job.threads):
        with watch("read"):
            dataset = _named(job, read_source(job) if data is None else data)
            if job.selection is None:
                resolve_k(job, len(dataset), _why_so_few(dataset))
                check_columns(job, dataset)
            elif job.n is not None or job.fraction is not None:
                raise RequestError(
                    "the job has a count and a selection: one is made or the other measured. "
                    "Leave one of them out."
                )
            elif picked is None:
                picked = read_picked(Path(job.selection), job.id_column)
            check_level(job, dataset)
            check_outputs(job.export, job.copy_to, job.link_to, dataset)
            if to_be_saved:
                check_writable(output_folder(job, dataset.name))
            if datapool is None and job.datapool is not None:
                datapool = read_others(job, dataset, job.datapool, "datapool")
            queries = _read_queries(job, dataset)
        with watch("embed"):
            items = with_named_columns(job, embed_items(job, dataset, progress), progress)
            pool = _pool(job, items, datapool, progress)
            level = read_level(job, items, progress)
        with watch("select"):
            known = _known(job, items, pool, queries, progress)
            narrowed = narrow(job.strategy, known, _not_in_pool(items, pool))
            request = _request(job, items, pool, narrowed, selecting, progress)
            candidates = narrowed.candidates.copy()
            objectives: Sequence[Objective] = ()
            if picked is None:
                say_memory(items.embeddings, memory_needed(job.strategy, items.embeddings, request))
                if level is not None and level.selects:
                    selection = level.select(items.embeddings, request)
                else:
                    outcome = select(job.strategy, known, request, narrowed)
                    selection, objectives = outcome.selection, outcome.objectives
            else:
                selection = _measured(job, picked, items, request)
                candidates[selection.picks] = True  # whoever picked them could, so may random draws
        log.info("selected %d of %d", len(selection), len(items.dataset))
        result = _result(job, items.dataset, selection, None if level is None else level.parts)
        if job.no_report:
            return result
        plan = Plan(job.random_draws, job.queries, job.map_points, measuring, job.map)
        analysis = analyse(
            items.embeddings,
            selection,
            items.keys,
            request.datapool,
            np.flatnonzero(candidates),
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
        if job.space:
            with watch("space"):
                quality = _quality(job, items, progress)
    done = Run(
        job=job,
        command=reproduce(job, in_memory=data is not None),
        dataset=items.dataset,
        embeddings=items.embeddings,
        selection=selection,
        objectives=measure_objectives(
            objectives, selection, analysis.draws, items.embeddings.metric, items.embeddings.dims
        ),
        analysis=analysis,
        input_fingerprint=items.fingerprint,
        datapool=None if pool is None else pool.dataset,
        datapool_fingerprint=None if pool is None else pool.fingerprint,
        blocked=narrowed.blocked,
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


def _quality(job: Job, items: Items, progress: Progress) -> SpaceQuality | None:
    # Few runs ask for it, so what judges spaces is imported when one does.
    from curate.spaces.quality import space_quality

    return space_quality(job, items, progress)


def _why_so_few(dataset: Dataset, blocked: int = 0, conditions: str = "") -> str:
    """Why there are no more candidates, in parentheses; empty if every item is one."""
    why = [dataset.left_out_in_words()] if dataset.set_aside else []
    why += [f"{blocked:,} more are in the datapool already"] if blocked else []
    why += [conditions] if conditions else []
    return f" ({'; '.join(why)})" if why else ""


def _named(job: Job, dataset: Dataset) -> Dataset:
    return replace(dataset, name=job.name or dataset.name)


def _read_queries(job: Job, dataset: Dataset) -> dict[str, Dataset]:
    """The query set of each similarity, by how it is named."""
    named = [spec.query for spec in job.strategy if isinstance(spec, Similarity)]
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


def _known(
    job: Job, items: Items, pool: Items | None, queries: dict[str, Dataset], progress: Progress
) -> Known:
    """What strategies may look at."""

    def own(name: str) -> pa.ChunkedArray:
        found = column(items.dataset, name)
        assert found is not None  # `with_named_columns` has seen to it
        return found

    def of_pool(name: str) -> pa.ChunkedArray | None:
        return None if pool is None else column(pool.dataset, name)

    def query(named: str) -> FloatArray:
        return embed_items(job, queries[named], progress, like=items).embeddings.vectors

    return Known(items.embeddings, own, of_pool, query)


def _not_in_pool(items: Items, pool: Items | None) -> BoolArray:
    """(n,) whether an item differs from every datapool item, and so may be selected."""
    if pool is None:
        return np.ones(len(items.dataset), dtype=bool)
    taken = set(pool.keys)
    return np.array([key not in taken for key in items.keys], dtype=bool)


def _request(
    job: Job,
    items: Items,
    pool: Items | None,
    narrowed: Narrowed,
    seed: np.random.SeedSequence,
    progress: Progress,
) -> Request:
    """What the strategies are asked."""
    candidates = narrowed.candidates
    why = _why_so_few(items.dataset, narrowed.blocked, narrowed.in_words)
    return Request(
        k=0 if job.selection else resolve_k(job, int(candidates.sum()), why),
        start=_start(job, items.dataset, candidates, has_pool=pool is not None),
        datapool=None if pool is None else pool.embeddings.vectors,
        candidates=None if candidates.all() else candidates,
        min_distance=job.min_distance,
        seed=seed,
        threads=job.threads,
        progress=progress,
    )


def _measured(job: Job, picked: Sequence[str], items: Items, request: Request) -> Selection:
    """The selection that somebody else made."""
    assert job.selection is not None
    source = Path(job.selection).name or job.selection
    rows, notes = rows_of(picked, items.dataset, source, ignore_unknown=job.ignore_unknown)
    return replay(items.embeddings, rows, request, "given", notes)


def _result(job: Job, dataset: Dataset, selection: Selection, parts: Parts | None) -> Result:
    ids = [dataset.ids[row] for row in selection.picks]
    positions = dataset.source_positions()[selection.picks]
    return Result(ids, positions, dataset, selection, job, run=None, parts=parts)


def _start(job: Job, dataset: Dataset, candidates: BoolArray, *, has_pool: bool) -> Start:
    if job.start != "mean" and has_pool:
        raise RequestError(
            f"--start {job.start} has no effect with a datapool: the first pick is the item "
            "farthest from it. Leave --start out."
        )
    if job.start in NAMED_STARTS:
        return job.start  # type: ignore[return-value]  # checked on the line above
    try:
        row = list(dataset.ids).index(job.start)
    except ValueError:
        raise RequestError(
            f"--start {job.start!r} is neither mean, first or random nor the id of an item: "
            f"{did_you_mean(job.start, dataset.ids[:1000])}"
        ) from None
    if not candidates[row]:
        raise RequestError(f"--start {job.start!r} is an item that cannot be picked: name another.")
    return row
