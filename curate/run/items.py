"""Items with their embeddings: of the data, of a datapool, of a query set.

The last two are named in the same ways: a path of items, which are embedded as the data are;
the folder or report.json of an earlier run, which stands for what it selected beyond its own
datapool, and for that datapool; or ids of items of the data.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from curate.core.values import Dataset, Embeddings, Metric
from curate.data import ReadOptions, content_keys, fingerprint, read
from curate.data.selected_ids import read_selected_ids, rows_with_ids
from curate.data.video import frames_folder
from curate.embed.cache import embeddings_folder
from curate.embed.computed_columns import add_builtin_columns, missing_columns
from curate.embed.embed import Embedded, embed, fit_embedder
from curate.embed.embedder import Embedder
from curate.embed.embedders import find_embedder
from curate.embed.options import split_options
from curate.embed.reduce import Reduction, ReductionSettings, fit
from curate.errors import DataError, RequestError
from curate.progress import Progress
from curate.report.build.load import load_report
from curate.report.build.side_files import REPORT_JSON
from curate.run.names import resolve_names
from curate.run.output_folder import output_folder
from curate.schema.job import IDS, Job

log = logging.getLogger("curate")


@dataclass(frozen=True)
class Items:
    """Embedded items, the content hashes that name them, and what embedded them."""

    embedded: Embedded
    known_keys: list[bytes] | None
    embedder: Embedder | None
    reduction: Reduction | None

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


def read_options(job: Job) -> ReadOptions:
    """How the source of a job is to be read."""
    return ReadOptions(
        id_column=job.data.id_column,
        label_column=job.data.label_column,
        text_column=job.data.text_column,
        vector_column=job.data.vector_column,
        image_column=job.data.image_column,
        columns=job.data.columns,
        scale=None if job.data.scale == "none" else job.data.scale,
        ids=Path(job.data.ids) if job.data.ids else None,
        follow_links=job.data.follow_links or None,
        frames=job.data.frames or None,
        fps=job.data.fps,
        frame_cache=None if job.embed.no_cache else frames_folder(job.embed.cache),
    )


def read_source(job: Job) -> Dataset:
    """The data of a job."""
    return read(job.data.source, read_options(job))


def embed_items(
    job: Job,
    dataset: Dataset,
    progress: Progress,
    like: Items | None = None,
    keys: Sequence[bytes] | None = None,
) -> Items:
    """`dataset` with embeddings, as the job has them made; in the space of `like` if given.

    keys  n content hashes, where they are known already
    """
    embedder = _fitted_embedder(job, dataset) if like is None else like.embedder
    if keys is None and embedder is not None:
        keys = content_keys(dataset)
    embedded = embed(
        dataset,
        keys,
        embedder,
        metric=None if job.embed.metric == "auto" else job.embed.metric,
        need_direction=job.embed.normalize,
        cache_folder=cache_folder(job),
        threads=job.embed.threads,
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
    reduced, reduction = _reduced(job, embedded.embeddings, like)
    return Items(replace(embedded, embeddings=reduced), embedded.keys, embedder, reduction)


def embedded_source(job: Job, progress: Progress) -> Items:
    """The data of a job, embedded as it says."""
    job = resolve_names(job)
    with threadpool_limits(job.embed.threads):
        return embed_items(job, read_source(job), progress)


def _reduced(
    job: Job, embeddings: Embeddings, like: Items | None
) -> tuple[Embeddings, Reduction | None]:
    """The embeddings in fewer dimensions, if the job wants that."""
    asked = ReductionSettings(
        job.embed.dims,
        job.embed.reduction,
        # Of rows of one length, Euclidean distances rank as cosine does, and a linear map
        # keeps the former: so what was meant for cosine is scaled before it is reduced.
        unit_rows=job.embed.normalize or embeddings.metric == "cosine",
        whiten=job.embed.whiten,
        seed=job.select.seed,
    )
    if not (asked.linear or job.embed.normalize):
        return embeddings, None
    reduction = fit(embeddings.vectors, asked) if like is None else like.reduction
    assert reduction is not None
    vectors = reduction.apply(embeddings.vectors)
    metric: Metric = (
        "euclidean" if asked.linear and job.embed.metric == "auto" else embeddings.metric
    )
    if metric == "cosine" and not vectors.any(axis=1).all():
        raise DataError(
            "after the reduction some vectors are zero and have no direction: pass --metric "
            "euclidean."
        )
    return Embeddings(vectors, metric, f"{embeddings.embedder}/{reduction.words}"), reduction


def _fitted_embedder(job: Job, dataset: Dataset) -> Embedder | None:
    found = find_embedder(
        job.embed.embedder, dataset.kind, split_options(job.embed.embedder_options)
    )
    return fit_embedder(found, dataset.items)


def cache_folder(job: Job) -> Path | None:
    """Where what is computed of items is kept; None if the job wants no cache."""
    return None if job.embed.no_cache else embeddings_folder(job.embed.cache)


def with_named_columns(job: Job, items: Items, progress: Progress) -> Items:
    """The items with the columns that the job's strategies name, built-in ones computed."""
    wanted = _named(job, items.dataset)
    if not missing_columns(items.dataset, wanted):
        return items
    dataset = add_builtin_columns(
        items.dataset,
        wanted,
        items.keys,
        cache_folder=cache_folder(job),
        threads=job.embed.threads,
        progress=progress,
    )
    return replace(items, embedded=replace(items.embedded, dataset=dataset))


def check_columns(job: Job, dataset: Dataset) -> None:
    """Raise RequestError for a column that there is not, before anything is computed."""
    missing_columns(dataset, _named(job, dataset))


def _named(job: Job, dataset: Dataset) -> list[str]:
    named = (getattr(spec, "column", None) for spec in job.select.strategy)
    return [name for name in named if name and not _means_the_label(dataset, name)]


def column(dataset: Dataset, name: str) -> pa.ChunkedArray | None:
    """A metadata column, None where there is none; `label` is the label column if none is so
    called."""
    name = str(dataset.label_column) if _means_the_label(dataset, name) else name
    known = name in dataset.metadata.column_names
    return dataset.metadata.column(name) if known else None


def _means_the_label(dataset: Dataset, name: str) -> bool:
    named = name in dataset.metadata.column_names
    return name == "label" and not named and dataset.label_column is not None


# -- items that are named beside the data ------------------------------------------------


def read_others(job: Job, dataset: Dataset, named: str, what: str) -> Dataset:
    """The items that a job calls `named`; `what` they are, for messages.

    Raises DataError where they cannot be read or are of another kind, RequestError for ids that
    the data do not have.
    """
    if named.startswith(IDS):
        listed = named.removeprefix(IDS)
        ids = read_selected_ids(Path(listed)) if Path(listed).exists() else listed.split("|")
        return _take(dataset, ids, f"the {what}", what)
    path = Path(named)
    if path.name == REPORT_JSON or (path.is_dir() and (path / REPORT_JSON).is_file()):
        return _of_run(job, dataset, path if path.is_dir() else path.parent, what)
    if job.data.columns is not None:
        raise RequestError(
            f"the {what} {named} cannot be read beside --columns, which scales and encodes by the "
            f"rows of the data. Put its rows into the data, and name them by {IDS}FILE."
        )
    # Its ids and labels are its own affair; text and vectors stand where they do in the data.
    same_format = path.suffix.lower() == Path(job.data.sources[0]).suffix.lower()
    options = ReadOptions(
        text_column=job.data.text_column,
        vector_column=job.data.vector_column,
        image_column=job.data.image_column,
    )
    places = read_options(job).frame_cache
    others = read(named, replace(options if same_format else ReadOptions(), frame_cache=places))
    return _of_one_kind(dataset, others, named, what)


def _take(dataset: Dataset, ids: Sequence[str], source: str, what: str) -> Dataset:
    """The items of these ids, in their order."""
    rows, _ = rows_with_ids(ids, dataset, source)
    items = dataset.items
    return replace(
        dataset,
        ids=[dataset.ids[row] for row in rows],
        items=items[rows] if isinstance(items, np.ndarray) else [items[row] for row in rows],
        metadata=dataset.metadata_of(rows),
        name=what,
        set_aside=(),
        positions=dataset.source_positions()[rows],
    )


def _of_run(job: Job, dataset: Dataset, folder: Path, what: str) -> Dataset:
    """What an earlier run selected, and its datapool; read from its own source if that is not
    the one of the job."""
    if folder.resolve() == output_folder(job, dataset.name).resolve():
        raise RequestError(
            f"the {what} {folder} is the folder that this run writes: pass another with --out."
        )
    earlier = load_report(folder)
    ids = read_selected_ids(folder)
    # Row numbers are ids too: of another source they would name other items.
    same = (earlier.job.data.sources, earlier.job.data.id_column) == (
        job.data.sources,
        job.data.id_column,
    )
    source = dataset if same else read_source(earlier.job)
    selected = _of_one_kind(dataset, _take(source, ids, str(folder), what), str(folder), what)
    if earlier.job.select.datapool is None:
        return selected
    before = read_others(earlier.job, dataset, earlier.job.select.datapool, what)
    return _union(before, selected)


def _union(first: Dataset, second: Dataset) -> Dataset:
    """Items of both, those of `first` first; an id of both counts once."""
    seen = set(first.ids)
    more = [id_ for id_ in second.ids if id_ not in seen]
    if not more:
        return first
    second = _take(second, more, second.name, first.name)
    both = isinstance(first.items, np.ndarray) and isinstance(second.items, np.ndarray)
    items = np.concatenate([first.items, second.items]) if both else [*first.items, *second.items]
    return replace(
        first,
        ids=[*first.ids, *second.ids],
        items=items,
        metadata=pa.concat_tables([first.metadata, second.metadata], promote_options="permissive"),
        positions=None,
    )


def _of_one_kind(dataset: Dataset, others: Dataset, named: str, what: str) -> Dataset:
    if others.kind != dataset.kind:
        raise DataError(
            f"the {what} {named} holds {others.kind}, the data are {dataset.kind}: "
            f"pass a {what} of {dataset.kind}, or ids of the data as ids:FILE."
        )
    return others
