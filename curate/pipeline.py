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
from platformdirs import user_cache_dir
from threadpoolctl import threadpool_limits

from curate.core import BoolArray, Dataset, Embeddings, IntArray, Selection
from curate.data import ReadOptions, content_keys, fingerprint, read
from curate.embed.embed import Embedded, embed
from curate.embed.embedders import find_embedder
from curate.errors import DataError, RequestError, did_you_mean
from curate.job import Job, reproduce, resolve_k
from curate.measure.analysis import Plan, analyse
from curate.progress import Progress, Stopwatch, silent
from curate.report.build import Run, build_report, pictures
from curate.report.model import Report
from curate.report.outputs import check_writable, output_folder, write_selection
from curate.report.template import load_template
from curate.select.farthest_first import memory_needed
from curate.select.request import Request, Start
from curate.select.strategies import select

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
            dataset = _named(job, data or read(Path(job.source), read_options(job)))
            resolve_k(job, len(dataset), _why_so_few(dataset))
            if to_be_saved:
                check_writable(output_folder(job, dataset.name))
            datapool = _read_datapool(job, dataset, datapool)
        with watch("embed"):
            items = embed_items(job, dataset, progress)
            pool = None if datapool is None else embed_items(job, datapool, progress)
        with watch("select"):
            free = _not_in_pool(items, pool)
            request = _request(job, items, pool, free, selecting, progress)
            _say_memory(items.embeddings, request)
            selection = select(items.embeddings, job.strategy, request)
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
            np.flatnonzero(free),
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
        blocked=int((~free).sum()),
        created=created,
        stages=watch.seconds,
        computed=items.embedded.computed,
        from_cache=items.embedded.from_cache,
    )
    return replace(result, run=done)


@dataclass(frozen=True)
class _Items:
    """Embedded items, and the content hashes that name them."""

    embedded: Embedded
    known_keys: list[bytes] | None

    @property
    def dataset(self) -> Dataset:
        return self.embedded.dataset

    @property
    def embeddings(self) -> Embeddings:
        return self.embedded.embeddings

    @cached_property
    def keys(self) -> list[bytes]:
        """n content hashes. Vectors are embedded without, so theirs are made when asked for."""
        return content_keys(self.dataset) if self.known_keys is None else self.known_keys

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.keys, self.dataset.ids)


def _why_so_few(dataset: Dataset) -> str:
    return f" ({dataset.left_out_in_words()})" if dataset.set_aside else ""


def _named(job: Job, dataset: Dataset) -> Dataset:
    return replace(dataset, name=job.name or dataset.name)


def read_options(job: Job) -> ReadOptions:
    """How the source of a job is to be read."""
    return ReadOptions(
        id_column=job.id_column,
        label_column=job.label_column,
        text_column=job.text_column,
        vector_column=job.vector_column,
        ids=Path(job.ids) if job.ids else None,
    )


def _read_datapool(job: Job, dataset: Dataset, given: Dataset | None) -> Dataset | None:
    if given is not None or job.datapool is None:
        return given
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


def embed_items(job: Job, dataset: Dataset, progress: Progress) -> _Items:
    """The items with their vectors, made or cached as the job says."""
    embedder = find_embedder(job.embedder, dataset.kind)
    keys = None if embedder is None else content_keys(dataset)
    folder = None if job.no_cache else Path(job.cache or user_cache_dir("curate")) / "embeddings"
    embedded = embed(
        dataset,
        keys,
        embedder,
        metric=None if job.metric == "auto" else job.metric,
        cache_folder=folder,
        threads=job.threads,
        progress=progress,
    )
    log.info(
        "%s: %d %s; embedded %d, %d were cached",
        dataset.name,
        len(dataset),
        dataset.kind,
        embedded.computed,
        embedded.from_cache,
    )
    return _Items(embedded, embedded.keys)


def _not_in_pool(items: _Items, pool: _Items | None) -> BoolArray:
    """(n,) whether an item differs from every datapool item, and so may be selected."""
    if pool is None:
        return np.ones(len(items.dataset), dtype=bool)
    taken = set(pool.keys)
    return np.array([key not in taken for key in items.keys], dtype=bool)


def _request(
    job: Job,
    items: _Items,
    pool: _Items | None,
    free: BoolArray,
    seed: np.random.SeedSequence,
    progress: Progress,
) -> Request:
    """What the strategy is asked."""
    if pool is not None and pool.embeddings.dims != items.embeddings.dims:
        raise DataError(
            f"the datapool has {pool.embeddings.dims} dimensions, the data have "
            f"{items.embeddings.dims}: pass a datapool of the same space."
        )
    return Request(
        k=resolve_k(job, len(items.dataset), _why_so_few(items.dataset)),
        start=_start(job, items.dataset, has_pool=pool is not None),
        datapool=None if pool is None else pool.embeddings.vectors,
        candidates=None if free.all() else free,
        min_distance=job.min_distance,
        seed=seed,
        threads=job.threads,
        progress=progress,
    )


def _say_memory(embeddings: Embeddings, request: Request) -> None:
    """Say what selecting will need at most; aloud where the vectors are large."""
    needed, own = memory_needed(embeddings, request), embeddings.vectors.nbytes
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


def _start(job: Job, dataset: Dataset, *, has_pool: bool) -> Start:
    if job.start != "mean" and has_pool:
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
            f"{did_you_mean(job.start, dataset.ids[:1000])}"
        ) from None
