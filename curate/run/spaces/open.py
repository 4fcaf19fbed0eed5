"""A source becomes a space: items, and vectors with a metric.

Paths and arrays both come in through `open_space`. A path may carry settings of its own,
`vectors.npy,ids=ids.txt,metric=cosine`, because spaces that are compared are often stored in
different ways.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from curate.core.values import Dataset, Embeddings
from curate.data import from_array
from curate.errors import RequestError, did_you_mean
from curate.measure.spaces.space import Space, named_apart
from curate.progress import Progress, silent
from curate.run.embed_items import EmbeddedItems, embed_items
from curate.run.read_sources import read_source, resolve_names
from curate.schema.job import make_job

# Settings that may follow a path, as in `path,setting=value`.
OWN_SETTINGS = (
    *("name", "metric", "embedder", "embedder_options", "ids"),
    *("id_column", "label_column", "text_column", "vector_column", "image_column"),
)

Source = str | Path | ArrayLike


def open_space(
    source: Source,
    settings: Mapping[str, Any] = {},
    progress: Progress = silent,
) -> tuple[Dataset, Embeddings]:
    """The items of `source` that have a vector, and the vectors.

    source    a path that `curate select` takes, which `,setting=value` may follow; or an
              (n, d) array
    settings  of a job, by their flat names; those that follow the path win
    Raises RequestError or DataError as reading and embedding do.
    """
    items = _embedded(source, settings, progress)
    return items.dataset, items.embeddings


def _embedded(source: Source, settings: Mapping[str, Any], progress: Progress) -> EmbeddedItems:
    if isinstance(source, str | Path):
        path, own = split_source(str(source))
        job = resolve_names(make_job({**settings, **own, "source": path}))
        dataset = read_source(job)
    else:
        columns = {name: settings[name] for name in ("ids", "labels") if name in settings}
        dataset = from_array(source, **columns)
        rest = {name: value for name, value in settings.items() if name not in columns}
        job = make_job({**rest, "source": dataset.name})
    return embed_items(
        job.embed, replace(dataset, name=job.data.name or dataset.name), job.select.seed, progress
    )


def split_source(source: str) -> tuple[str, dict[str, str]]:
    """`path,setting=value,…` as the path and its settings; a path may hold commas itself.

    Raises RequestError for a name that is no setting of a space.
    """
    path = source
    own: dict[str, str] = {}
    while "," in path and not Path(path).exists():
        head, _, tail = path.rpartition(",")
        name, equals, value = tail.partition("=")
        name = name.strip().replace("-", "_")
        if not equals:
            break
        if name not in OWN_SETTINGS:
            raise RequestError(
                f"{source} sets {name!r}, which is no setting of a space: "
                f"{did_you_mean(name, OWN_SETTINGS)}"
            )
        path, own = head, {name: value, **own}
    return path, own


def open_all(
    sources: Mapping[str, Source] | Sequence[Source],
    settings: Mapping[str, Any],
    progress: Progress,
) -> list[Space]:
    """Every space of a request, under different names; a mapping gives the names."""
    pairs = sources.items() if isinstance(sources, Mapping) else [(None, item) for item in sources]
    spaces = []
    for name, source in pairs:
        own = dict(settings) | ({} if name is None else {"name": name})
        items = _embedded(source, own, progress)
        word = str(source) if isinstance(source, str | Path) else "array"
        numbered = _ids_are_rows(items.dataset)
        spaces.append(Space(word, items.dataset, items.embeddings, items.embedder, numbered))
    if not spaces:
        raise RequestError("got no space: name at least one.")
    return named_apart(spaces)


def _ids_are_rows(dataset: Dataset) -> bool:
    """Whether the ids are only the row numbers of vectors without metadata."""
    rows = dataset.source_positions().tolist()
    bare = dataset.kind == "vectors" and not dataset.metadata.num_columns
    return bare and all(id_ == str(row) for id_, row in zip(dataset.ids, rows, strict=True))
