"""The sentence that curate is: data to embeddings to a selection, measured and reported.

`run` reads like it; the functions below it say what each step means for a job.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import numpy as np
from platformdirs import user_cache_dir

from curate.core import BoolArray, Dataset, IntArray, Selection
from curate.data import ReadOptions, content_keys, fingerprint, read
from curate.embed.embed import Embedded, embed
from curate.embed.embedder import Embedder
from curate.embed.embedders import find_embedder
from curate.errors import DataError, RequestError, StrictError, did_you_mean
from curate.job import Job, reproduce, resolve_k
from curate.measure.analysis import Plan, analyse
from curate.progress import Progress, Stopwatch, silent
from curate.report.build import Run, build_report, pictured_rows
from curate.report.model import Report
from curate.report.outputs import SET_ASIDE_FILE, write_selection
from curate.report.template import load_template
from curate.select.request import Request, Start
from curate.select.strategies import select

log = logging.getLogger("curate")
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
        from curate.report import thumbnails
        from curate.report.write import write_run

        template = load_template(self.run.job.template)
        pictures = thumbnails.make(self.dataset, pictured_rows(self.report))
        return write_run(Path(folder), self.run, self.report, pictures, template)


def run(job: Job, data: Dataset | None = None, progress: Progress = silent) -> Result:
    """Do the job; `data` replaces reading `job.source`. Nothing is written but the cache."""
    created = datetime.now(UTC).isoformat(timespec="seconds")
    watch = Stopwatch()
    selecting, measuring = np.random.SeedSequence(job.seed).spawn(2)
    load_template(job.template)  # a mistake in it must not cost the run
    with watch("read"):
        dataset = data or read(Path(job.source), _read_options(job))
        dataset = replace(dataset, name=job.name or dataset.name)
        resolve_k(job, len(dataset))
        embedder = find_embedder(job.embedder, dataset.kind)
        pool = _read_datapool(job, dataset)
        keys = content_keys(dataset)
    log.info("read %d %s from %s", len(dataset), dataset.kind, job.source)
    with watch("embed"):
        embedded = _embed(job, dataset, keys, embedder, progress)
        keys = _kept(keys, embedded.dataset, dataset)
        pool_embedded = None
        if pool is not None:
            pool_embedded = _embed(job, pool, content_keys(pool), embedder, progress)
            _same_space(embedded, pool_embedded)
    dataset, embeddings = embedded.dataset, embedded.embeddings
    log.info("embedded %d, %d were cached", embedded.computed, embedded.from_cache)
    pool_vectors = None if pool_embedded is None else pool_embedded.embeddings.vectors
    with watch("select"):
        free = _not_in_pool(keys, pool_embedded)
        request = Request(
            k=resolve_k(job, len(dataset)),
            start=_start(job, dataset),
            datapool=pool_vectors,
            candidates=free if not free.all() else None,
            seed=selecting,
            progress=progress,
        )
        selection = select(embeddings, job.strategy, request)
    log.info("selected %d of %d", len(selection), len(dataset))
    ids = [dataset.ids[row] for row in selection.picks]
    positions = dataset.source_positions()[selection.picks]
    if job.no_report:
        return Result(ids, positions, dataset, selection, None)
    plan = Plan(job.random_draws, job.queries, job.map_points, measuring)
    analysis = analyse(
        embeddings, selection, keys, pool_vectors, np.flatnonzero(free), plan, watch, progress
    )
    done = Run(
        job=job,
        command=reproduce(job, in_memory=data is not None),
        dataset=dataset,
        embeddings=embeddings,
        selection=selection,
        analysis=analysis,
        input_fingerprint=fingerprint(keys, dataset.ids),
        datapool=None if pool_embedded is None else pool_embedded.dataset,
        datapool_fingerprint=_pool_fingerprint(pool_embedded),
        blocked=int((~free).sum()),
        created=created,
        stages=watch.seconds,
        computed=embedded.computed,
        from_cache=embedded.from_cache,
    )
    return Result(ids, positions, dataset, selection, done)


def output_folder(job: Job, dataset_name: str) -> Path:
    """Where a job writes."""
    return Path(job.out) if job.out else Path("reports") / dataset_name


def enforce_strict(job: Job, dataset: Dataset) -> None:
    """Raise StrictError if the job is strict and items were set aside."""
    if job.strict and dataset.set_aside:
        aside = Counter(one.reason for one in dataset.set_aside)
        reasons = ", ".join(f"{n} {why}" for why, n in sorted(aside.items()))
        left_out = len(dataset.set_aside)
        raise StrictError(
            f"{left_out} of {len(dataset) + left_out} items were set aside ({reasons}): "
            f"see {SET_ASIDE_FILE}. Everything else is done."
        )


def _read_options(job: Job) -> ReadOptions:
    return ReadOptions(
        id_column=job.id_column,
        label_column=job.label_column,
        text_column=job.text_column,
        vector_column=job.vector_column,
        ids=Path(job.ids) if job.ids else None,
    )


def _read_datapool(job: Job, dataset: Dataset) -> Dataset | None:
    if job.datapool is None:
        return None
    path = Path(job.datapool)
    # Its ids and labels are its own affair; text and vectors stand where they do in the data.
    same_format = path.suffix.lower() == Path(job.source).suffix.lower()
    options = ReadOptions(text_column=job.text_column, vector_column=job.vector_column)
    pool = read(path, options if same_format else ReadOptions())
    if pool.kind != dataset.kind:
        raise DataError(
            f"the datapool {job.datapool} holds {pool.kind}, the data are {dataset.kind}: "
            f"pass a datapool of {dataset.kind}."
        )
    return pool


def _embed(
    job: Job,
    dataset: Dataset,
    keys: list[bytes],
    embedder: Embedder | None,
    progress: Progress,
) -> Embedded:
    folder = None if job.no_cache else Path(job.cache or user_cache_dir("curate")) / "embeddings"
    metric = None if job.metric == "auto" else job.metric
    return embed(dataset, keys, embedder, metric=metric, cache_folder=folder, progress=progress)


def _kept(keys: list[bytes], kept: Dataset, before: Dataset) -> list[bytes]:
    """The content keys of the items that embedding kept."""
    if len(kept) == len(before):
        return keys
    left = set(kept.ids)
    return [key for key, id_ in zip(keys, before.ids, strict=True) if id_ in left]


def _same_space(embedded: Embedded, pool: Embedded) -> None:
    if embedded.embeddings.dims != pool.embeddings.dims:
        raise DataError(
            f"the datapool has {pool.embeddings.dims} dimensions, the data have "
            f"{embedded.embeddings.dims}: pass a datapool of the same space."
        )


def _not_in_pool(keys: list[bytes], pool: Embedded | None) -> BoolArray:
    """(n,) whether an item differs from every datapool item, and so may be selected."""
    taken = set() if pool is None else set(content_keys(pool.dataset))
    return np.array([key not in taken for key in keys], dtype=bool)


def _start(job: Job, dataset: Dataset) -> Start:
    if job.start != "mean" and job.datapool is not None:
        raise RequestError(
            f"--start {job.start} has no effect with a datapool: the first pick is the item "
            "farthest from it. Leave --start out."
        )
    if job.start in NAMED_STARTS:
        return job.start  # type: ignore[return-value]  # checked on the line above
    try:
        return list(dataset.ids).index(job.start)
    except ValueError:
        raise RequestError(
            f"--start {job.start!r} is neither mean, first or random nor the id of an item: "
            f"{did_you_mean(job.start, dataset.ids[:1000])[:300]}"
        ) from None


def _pool_fingerprint(pool: Embedded | None) -> str | None:
    return None if pool is None else fingerprint(content_keys(pool.dataset), pool.dataset.ids)
