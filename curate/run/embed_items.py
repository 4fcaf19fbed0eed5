"""Items with their embeddings: those of the data, of a datapool, of a query set, of objects.

All but the data are embedded in the space of the data: with the same embedder and the same
reduction, fit_embedder once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pyarrow as pa
from threadpoolctl import threadpool_limits

from curate.core.values import Dataset, Embeddings, Metric
from curate.data import content_keys, fingerprint
from curate.embed.cache import embeddings_folder
from curate.embed.computed_columns import add_builtin_columns, missing_columns
from curate.embed.embed import Embedded, embed, fit_embedder
from curate.embed.embedder import Embedder
from curate.embed.options import split_options
from curate.embed.reduce import Reduction, ReductionSettings, fit
from curate.embed.registry import find_embedder
from curate.errors import DataError
from curate.progress import Progress
from curate.run.read_sources import read_source, resolve_names
from curate.schema.job import EmbedSettings, Job, SelectSettings

log = logging.getLogger("curate")


@dataclass(frozen=True)
class EmbeddedItems:
    """n items with their embeddings.

    embedded    the data set without what cannot be embedded, and (n, d) embeddings
    known_keys  n content hashes; None for vectors, which are embedded without
    embedder    what made the embeddings; None for vectors
    reduction   what reduced their dimensions; None if nothing did
    """

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
        """n content hashes, computed at the first use for vectors."""
        return content_keys(self.dataset) if self.known_keys is None else self.known_keys

    @property
    def fingerprint(self) -> str:
        """Hash of all content and ids, in order."""
        return fingerprint(self.keys, self.dataset.ids)


def embed_items(
    settings: EmbedSettings,
    dataset: Dataset,
    seed: int,
    progress: Progress,
    like: EmbeddedItems | None = None,
    keys: Sequence[bytes] | None = None,
) -> EmbeddedItems:
    """`dataset` with embeddings, in the space of `like` if that is given.

    seed  of a random reduction
    keys  n content hashes, if they are known already
    Raises DataError where no item can be embedded, RequestError for an embedder that does not
    fit the items.
    """
    if like is None:
        options = split_options(settings.embedder_options)
        embedder = fit_embedder(
            find_embedder(settings.embedder, dataset.kind, options), dataset.items
        )
    else:
        embedder = like.embedder
    if keys is None and embedder is not None:
        keys = content_keys(dataset)
    embedded = embed(
        dataset,
        keys,
        embedder,
        metric=None if settings.metric == "auto" else settings.metric,
        need_direction=settings.normalize,
        cache_folder=cache_folder(settings),
        threads=settings.threads,
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
    reduced, reduction = _reduced(settings, embedded.embeddings, seed, like)
    return EmbeddedItems(replace(embedded, embeddings=reduced), embedded.keys, embedder, reduction)


def embedded_source(job: Job, progress: Progress) -> EmbeddedItems:
    """The data of a job, read and embedded as it says."""
    job = resolve_names(job)
    with threadpool_limits(job.embed.threads):
        return embed_items(job.embed, read_source(job), job.select.seed, progress)


def _reduced(
    settings: EmbedSettings, embeddings: Embeddings, seed: int, like: EmbeddedItems | None
) -> tuple[Embeddings, Reduction | None]:
    """The embeddings scaled, whitened or in fewer dimensions, if the settings say so."""
    reducing = ReductionSettings(
        settings.dims,
        settings.reduction,
        # PCA and random projection keep Euclidean distances. Among rows of length 1 these rank
        # as cosine does, so embeddings that are compared by cosine are scaled to length 1 first.
        unit_rows=settings.normalize or embeddings.metric == "cosine",
        whiten=settings.whiten,
        seed=seed,
    )
    if not (reducing.linear or settings.normalize):
        return embeddings, None
    reduction = fit(embeddings.vectors, reducing) if like is None else like.reduction
    assert reduction is not None
    vectors = reduction.apply(embeddings.vectors)
    euclidean = reducing.linear and settings.metric == "auto"
    metric: Metric = "euclidean" if euclidean else embeddings.metric
    if metric == "cosine" and not vectors.any(axis=1).all():
        raise DataError(
            "after the reduction some vectors are zero and have no direction: pass --metric "
            "euclidean."
        )
    return Embeddings(vectors, metric, f"{embeddings.embedder}/{reduction.words}"), reduction


def cache_folder(settings: EmbedSettings) -> Path | None:
    """Folder of the embedding cache; None without a cache."""
    return None if settings.no_cache else embeddings_folder(settings.cache)


# -- metadata columns that strategies name -----------------------------------------------


def with_strategy_columns(job: Job, items: EmbeddedItems, progress: Progress) -> EmbeddedItems:
    """The items with every column that a strategy of the job names; missing ones are computed."""
    names = _strategy_columns(job.select, items.dataset)
    if not missing_columns(items.dataset, names):
        return items
    dataset = add_builtin_columns(
        items.dataset,
        names,
        items.keys,
        cache_folder=cache_folder(job.embed),
        threads=job.embed.threads,
        progress=progress,
    )
    return replace(items, embedded=replace(items.embedded, dataset=dataset))


def check_strategy_columns(settings: SelectSettings, dataset: Dataset) -> None:
    """Raise RequestError if a strategy names a column that neither the data have nor curate
    computes."""
    missing_columns(dataset, _strategy_columns(settings, dataset))


def _strategy_columns(settings: SelectSettings, dataset: Dataset) -> list[str]:
    names = (getattr(spec, "column", None) for spec in settings.strategy)
    return [name for name in names if name and not _means_the_label(dataset, name)]


def metadata_column(dataset: Dataset, name: str) -> pa.ChunkedArray | None:
    """A metadata column, None if there is none of this name.

    `label` is the label column if no column has that name.
    """
    name = str(dataset.label_column) if _means_the_label(dataset, name) else name
    return dataset.metadata.column(name) if name in dataset.metadata.column_names else None


def _means_the_label(dataset: Dataset, name: str) -> bool:
    in_metadata = name in dataset.metadata.column_names
    return name == "label" and not in_metadata and dataset.label_column is not None
