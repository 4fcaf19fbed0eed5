"""The sentence that curate is: data to embeddings to a selection, measured and reported.

`run` reads like it; the functions below it say what each step means for a job.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from curate.core import BoolArray, Dataset, Embeddings, FloatArray, IntArray, Selection
from curate.errors import DataError, RequestError, did_you_mean
from curate.items import (
    Items,
    check_columns,
    column,
    embed_items,
    read_others,
    read_source,
    with_named_columns,
)
from curate.job import Job, reproduce, resolve_k
from curate.measure.analysis import Plan, analyse
from curate.progress import Progress, Stopwatch, silent
from curate.report.build import Run, build_report, pictures
from curate.report.model import Report
from curate.report.outputs import check_writable, output_folder, write_selection
from curate.report.template import load_template
from curate.select.objectives import Known
from curate.select.request import Request, Start
from curate.select.specs import Similarity
from curate.select.strategies import Narrowed, memory_needed, narrow, select

log = logging.getLogger("curate")
LARGE = 1e9  # bytes of vectors, of which a user wants to know beforehand what they need
NAMED_STARTS = ("mean", "first", "random")


@dataclass(frozen=True)
class Result:
    """A selection with its proof.

    ids        k ids of the selected items, in the order in which they were picked
    indices    (k,) int64 their positions in the source, counted from 0
    dataset    the items it was made from, after setting aside
    selection  the picks as rows of it, and their distances
    run        all that was measured; None with no_report
    """

    ids: list[str]
    indices: IntArray
    dataset: Dataset = field(repr=False)
    selection: Selection = field(repr=False)
    run: Run | None = field(repr=False)

    @cached_property
    def report(self) -> Report:
        """Every number, as report.json has it. RequestError with no_report."""
        if self.run is None:
            raise RequestError("there is no report: the run was asked for none by no_report.")
        return build_report(self.run)

    def save(self, folder: str | Path) -> Path:
        """Write everything to `folder`; returns report.json, or selected.txt with no_report.

        Raises DataError where that is impossible.
        """
        if self.run is None:
            return write_selection(Path(folder), self.dataset, self.selection)
        # Drawing is imported here: a selection alone should not wait for it.
        from curate.report.write import write_run

        template = load_template(self.run.job.template)
        return write_run(Path(folder), self.run, self.report, pictures(self.run), template)


def run(
    job: Job,
    data: Dataset | None = None,
    datapool: Dataset | None = None,
    *,
    to_be_saved: bool = False,
    progress: Progress = silent,
) -> Result:
    """Do the job. Nothing is written but the cache.

    data, datapool  replace reading those of the job
    to_be_saved     see beforehand that the output folder can be written
    """
    created = datetime.now(UTC).isoformat(timespec="seconds")
    watch = Stopwatch()
    selecting, measuring = np.random.SeedSequence(job.seed).spawn(2)
    load_template(job.template)  # a mistake in it must not cost the run
    with threadpool_limits(job.threads):
        with watch("read"):
            dataset = _named(job, read_source(job) if data is None else data)
            resolve_k(job, len(dataset), _why_so_few(dataset))
            columns = [spec.column for spec in job.strategy if hasattr(spec, "column")]
            check_columns(dataset, columns)
            if to_be_saved:
                check_writable(output_folder(job, dataset.name))
            if datapool is None and job.datapool is not None:
                datapool = read_others(job, dataset, job.datapool, "datapool")
            queries = _read_queries(job, dataset)
        with watch("embed"):
            items = with_named_columns(job, embed_items(job, dataset, progress), columns, progress)
            pool = _pool(job, items, datapool, progress)
        with watch("select"):
            free = _not_in_pool(items, pool)
            known = _known(job, items, pool, queries, progress)
            narrowed = narrow(job.strategy, known, free)
            request = _request(job, items, pool, narrowed, selecting, progress)
            _say_memory(job, items.embeddings, request)
            outcome = select(job.strategy, known, request, narrowed)
            selection = outcome.selection
        log.info("selected %d of %d", len(selection), len(items.dataset))
        result = _result(items.dataset, selection)
        if job.no_report:
            return result
        plan = Plan(job.random_draws, job.queries, job.map_points, measuring)
        analysis = analyse(
            items.embeddings,
            selection,
            items.keys,
            request.datapool,
            np.flatnonzero(narrowed.candidates),
            plan,
            watch,
            progress,
        )
    done = Run(
        job=job,
        command=reproduce(job, in_memory=data is not None),
        dataset=items.dataset,
        embeddings=items.embeddings,
        selection=selection,
        analysis=analysis,
        input_fingerprint=items.fingerprint,
        datapool=None if pool is None else pool.dataset,
        datapool_fingerprint=None if pool is None else pool.fingerprint,
        blocked=narrowed.blocked,
        created=created,
        stages=watch.seconds,
        computed=items.embedded.computed,
        from_cache=items.embedded.from_cache,
    )
    return replace(result, run=done)


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
    pool = embed_items(job, given, progress)
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
        return embed_items(job, queries[named], progress).embeddings.vectors

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
        k=resolve_k(job, int(candidates.sum()), why),
        start=_start(job, items.dataset, candidates, has_pool=pool is not None),
        datapool=None if pool is None else pool.embeddings.vectors,
        candidates=None if candidates.all() else candidates,
        min_distance=job.min_distance,
        seed=seed,
        threads=job.threads,
        progress=progress,
    )


def _say_memory(job: Job, embeddings: Embeddings, request: Request) -> None:
    """Say what selecting will need at most; aloud where the vectors are large."""
    needed, own = memory_needed(job.strategy, embeddings, request), embeddings.vectors.nbytes
    where = ", read from the file" if isinstance(embeddings.vectors, np.memmap) else " in memory"
    log.log(
        logging.WARNING if own > LARGE else logging.INFO,
        "selecting needs at most %.1f GB of memory, beside %.1f GB of vectors%s",
        needed / 1e9,
        own / 1e9,
        where,
    )


def _result(dataset: Dataset, selection: Selection) -> Result:
    ids = [dataset.ids[row] for row in selection.picks]
    positions = dataset.source_positions()[selection.picks]
    return Result(ids, positions, dataset, selection, run=None)


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
