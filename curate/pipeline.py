"""The sentence that curate is: data to embeddings to a selection, measured and reported.

`run` reads like it; the functions below it say what each step means for a job.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import numpy as np
from platformdirs import user_cache_dir
from threadpoolctl import threadpool_limits

from curate.core import BoolArray, Dataset, Embeddings, Selection
from curate.data import ReadOptions, content_keys, fingerprint, read
from curate.data.picked import read_picked, rows_of
from curate.embed.embed import Embedded, embed
from curate.embed.embedders import find_embedder
from curate.errors import DataError, RequestError, did_you_mean
from curate.export.formats import check_exports, known
from curate.export.placed import check_placed
from curate.job import Job, reproduce, resolve_k
from curate.measure.analysis import Plan, analyse
from curate.progress import Progress, Stopwatch, silent
from curate.report.build import Run
from curate.report.outputs import check_writable, output_folder
from curate.report.template import load_template
from curate.result import Result
from curate.select.farthest_first import say_memory
from curate.select.replay import replay
from curate.select.request import Request, Start
from curate.select.strategies import select

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
    known(job.export)
    with threadpool_limits(job.threads):
        with watch("read"):
            dataset = _named(job, data or read(job.source, read_options(job)))
            if job.selection is None:
                resolve_k(job, len(dataset), _why_so_few(dataset))
            else:
                picked = picked or read_picked(Path(job.selection), job.id_column)
            _check_outputs(job, dataset)
            if to_be_saved:
                check_writable(output_folder(job, dataset.name))
            datapool = _read_datapool(job, dataset, datapool)
        with watch("embed"):
            items = embed_items(job, dataset, progress)
            pool = None if datapool is None else embed_items(job, datapool, progress)
        with watch("select"):
            free = _not_in_pool(items, pool)
            blocked = int((~free).sum())
            request = _request(job, items, pool, free, selecting, progress)
            if picked is None:
                say_memory(items.embeddings, request)
                selection = select(items.embeddings, job.strategy, request)
            else:
                selection = _measured(job, picked, items, request)
                free[selection.picks] = True  # whoever picked them could, so may random draws
        log.info("selected %d of %d", len(selection), len(items.dataset))
        result = _result(job, items.dataset, selection)
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
        blocked=blocked,
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


def _check_outputs(job: Job, dataset: Dataset) -> None:
    """Raise RequestError for outputs that cannot be made of these data, before the work."""
    check_exports(job.export, dataset)
    for flag, folder in (("--copy-to", job.copy_to), ("--link-to", job.link_to)):
        if folder:
            check_placed(flag, Path(folder), dataset, links=flag == "--link-to")


def read_options(job: Job) -> ReadOptions:
    """How the source of a job is to be read."""
    return ReadOptions(
        id_column=job.id_column,
        label_column=job.label_column,
        text_column=job.text_column,
        vector_column=job.vector_column,
        image_column=job.image_column,
        columns=job.columns,
        scale=None if job.scale == "none" else job.scale,
        ids=Path(job.ids) if job.ids else None,
        follow_links=job.follow_links or None,
    )


def _read_datapool(job: Job, dataset: Dataset, given: Dataset | None) -> Dataset | None:
    if given is not None or job.datapool is None:
        return given
    # Its ids and labels are its own affair; text and vectors stand where they do in the data.
    same_format = Path(job.datapool).suffix.lower() == Path(job.sources[0]).suffix.lower()
    options = ReadOptions(
        text_column=job.text_column,
        vector_column=job.vector_column,
        image_column=job.image_column,
        columns=job.columns,
    )
    pool = read(job.datapool, options if same_format else ReadOptions())
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
        k=0 if job.selection else resolve_k(job, len(items.dataset), _why_so_few(items.dataset)),
        start=_start(job, items.dataset, has_pool=pool is not None),
        datapool=None if pool is None else pool.embeddings.vectors,
        candidates=None if free.all() else free,
        min_distance=job.min_distance,
        seed=seed,
        threads=job.threads,
        progress=progress,
    )


def _measured(job: Job, picked: Sequence[str], items: _Items, request: Request) -> Selection:
    """The selection that somebody else made."""
    assert job.selection is not None
    source = Path(job.selection).name or job.selection
    rows, notes = rows_of(picked, items.dataset, source, ignore_unknown=job.ignore_unknown)
    return replay(items.embeddings, rows, request, "given", notes)


def _result(job: Job, dataset: Dataset, selection: Selection) -> Result:
    ids = [dataset.ids[row] for row in selection.picks]
    positions = dataset.source_positions()[selection.picks]
    return Result(ids, positions, dataset, selection, job, run=None)


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
