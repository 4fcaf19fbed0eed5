"""The k nearest neighbours of an item, a text, an image or a vector, in one space or several.

Exact by default. With an approximate index the neighbours are those that it returns, and its
recall is measured against exact neighbours, with RECALL_QUERIES items of the space as queries.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from curate.core.distance import k_nearest
from curate.core.indexes import INDEXES, k_nearest_by_index
from curate.core.values import FloatArray, IntArray, Kind
from curate.data import read
from curate.data.arrays import mapped_npy
from curate.embed.embed import fit_embedder
from curate.embed.registry import find_embedder
from curate.errors import DataError, RequestError, did_you_mean
from curate.measure.distances import sample_queries
from curate.measure.spaces.agreement import common_count
from curate.measure.spaces.space import Space

RECALL_QUERIES = 200


@dataclass(frozen=True)
class Query:
    """The query; exactly one field is given. `vector` is a (d,) array or a file with one."""

    item: str | int | None = None
    text: str | None = None
    image: str | None = None
    vector: Any = None


@dataclass(frozen=True)
class Hit:
    """One neighbour; `common` if it is among the k nearest in every space."""

    rank: int
    id: str
    distance: float
    common: bool
    text: str | None
    metadata: dict[str, Any]


@dataclass(frozen=True)
class Hits:
    """The neighbours in one space, nearest first.

    recall  fraction of the exact neighbours that the index returns; None without an index
    asked   number of queries that the recall was measured with
    """

    space: str
    metric: str
    hits: list[Hit]
    index: str | None = None
    recall: float | None = None
    asked: int = 0


def nearest_in(
    spaces: list[Space],
    query: Query,
    k: int,
    index: str | None,
    embedder: str = "auto",
    seed: int = 0,
) -> list[Hits]:
    """The neighbours of the query in each space.

    embedder  for texts and images, in spaces of vectors
    Raises RequestError for a query that does not fit the spaces.
    """
    given = [
        name for name in ("item", "text", "image", "vector") if getattr(query, name) is not None
    ]
    if len(given) != 1:
        raise RequestError(
            f"got {' and '.join('--' + name for name in given) or 'no query'}: "
            "pass exactly one of --item, --text, --image and --vector."
        )
    if index is not None and index not in INDEXES:
        raise RequestError(f"no index is called {index!r}: {did_you_mean(index, INDEXES)}")
    if k < 1:
        raise RequestError(f"-k is {k}: it must be at least 1.")
    results = []
    for space in spaces:
        vector, own = _query_vector(space, query, embedder)
        results.append(_search(space, vector, own, k, index, seed))
    common = set.intersection(
        *(
            {space.dataset.ids[row] for row in rows.tolist()}
            for space, (rows, _, _, _) in zip(spaces, results, strict=True)
        )
    )
    return [
        Hits(
            space=space.name,
            metric=space.embeddings.metric,
            hits=_hits(space, rows, distances, common if len(spaces) > 1 else set()),
            index=index,
            recall=recall,
            asked=recall_queries,
        )
        for space, (rows, distances, recall, recall_queries) in zip(spaces, results, strict=True)
    ]


def _hits(space: Space, rows: IntArray, distances: Any, common: set[str]) -> list[Hit]:
    metadata = space.dataset.metadata_of(rows).to_pylist()
    return [
        Hit(
            rank=rank,
            id=space.dataset.ids[row],
            distance=float(distance),
            common=space.dataset.ids[row] in common,
            text=space.shown(row)["text"],
            metadata=known,
        )
        for rank, (row, distance, known) in enumerate(
            zip(rows.tolist(), distances, metadata, strict=True), 1
        )
    ]


def _query_vector(space: Space, query: Query, embedder: str) -> tuple[FloatArray, int | None]:
    """(1, d) vector of the query in this space, and its row if it is an item of the space."""
    if query.item is not None:
        item = str(query.item)  # a row number is an id as well
        try:
            row = list(space.dataset.ids).index(item)
        except ValueError:
            raise RequestError(
                f"{space.name} has no item {item!r}: {did_you_mean(item, space.dataset.ids[:1000])}"
            ) from None
        return space.embeddings.vectors[row : row + 1], row
    if query.text is not None:
        return _encoded(space, query.text, "text", embedder), None
    if query.image is not None:
        path = Path(query.image)
        if not path.is_file():
            raise DataError(f"no image at {path}. Check the path.")
        return _encoded(space, path, "images", embedder), None
    vector = query.vector
    if isinstance(vector, str | Path):
        vector = _read_vector(Path(vector))
    vector = np.asarray(vector, dtype=np.float64).reshape(1, -1)
    if vector.shape[1] != space.embeddings.dims or not np.isfinite(vector).all():
        raise RequestError(
            f"the vector has {vector.shape[1]} values, {space.name} has "
            f"{space.embeddings.dims} dimensions: give as many finite numbers."
        )
    if space.embeddings.metric == "cosine" and not vector.any():
        raise RequestError("the vector is zero and has no direction: give another, or a metric.")
    return vector, None


def _encoded(space: Space, item: Any, kind: Kind, embedder: str) -> FloatArray:
    """(1, d) vector of a text or image, by the embedder of the space or the one that is named."""
    encoder = space.embedder
    if space.dataset.kind != kind:
        if embedder == "auto":
            flag = {"text": "--text", "images": "--image", "vectors": "--vector"}
            raise RequestError(
                f"{space.name} holds {space.dataset.kind}: ask it with --item or "
                f"{flag[space.dataset.kind]}, or name with --embedder what made its vectors."
            )
        encoder = fit_embedder(find_embedder(embedder, kind), [item])
    assert encoder is not None  # only vectors have none
    if encoder.dims != space.embeddings.dims:
        raise RequestError(
            f"the query has {encoder.dims} dimensions through {encoder.name}, {space.name} has "
            f"{space.embeddings.dims}: name with --embedder what made its vectors."
        )
    encoded = encoder.encode([item])
    if 0 in encoded.unreadable:
        raise DataError(f"cannot embed {item}: {': '.join(filter(None, encoded.unreadable[0]))}.")
    return encoded.vectors


def _read_vector(path: Path) -> FloatArray:
    if path.suffix.lower() == ".npy" and path.is_file() and (row := mapped_npy(path)).ndim == 1:
        return np.asarray(row)
    dataset = read(path)
    if dataset.kind != "vectors" or len(dataset) != 1:
        raise DataError(
            f"{path} holds {len(dataset)} {dataset.kind}: --vector takes a file with one vector."
        )
    return np.asarray(dataset.items)


def _search(
    space: Space, vector: FloatArray, own: int | None, k: int, index: str | None, seed: int
) -> tuple[IntArray, Any, float | None, int]:
    vectors, metric = space.embeddings.vectors, space.embeddings.metric
    k = min(k, len(vectors) - (own is not None))
    if k < 1:
        raise DataError(f"{space.name} has no other item. Ask a larger space.")
    if index is None:
        rows = None if own is None else np.array([own])
        exact = k_nearest(vector, vectors, k, metric, rows)
        return exact.rows[0], exact.distances[0], None, 0
    # The index is built once and searched once: for the query, and for the items by which its
    # recall is measured.
    sample = sample_queries(len(vectors), RECALL_QUERIES, np.random.SeedSequence(seed))
    deep = min(k + 1, len(vectors))
    together = np.concatenate([vector.astype(np.float64), vectors[sample].astype(np.float64)])
    near = k_nearest_by_index(together, vectors, deep, metric, index)
    proposed = _without_own(near.rows[1:], sample, deep - 1)
    truth = k_nearest(vectors[sample], vectors, deep - 1, metric, own_rows=sample).rows
    recall = float(common_count(truth, proposed).mean() / (deep - 1))
    kept = (near.rows[0] >= 0) & (near.rows[0] != (-1 if own is None else own))
    return near.rows[0][kept][:k], near.distances[0][kept][:k], recall, len(sample)


def _without_own(rows: IntArray, own: IntArray, k: int) -> IntArray:
    """(q, k) rows that are not the query's own. What an index did not find is a negative number,
    another one in each column."""
    rows = np.where(rows < 0, -1 - np.arange(rows.shape[1]), rows)
    order = np.argsort(rows == own[:, None], axis=1, kind="stable")[:, :k]
    return np.take_along_axis(rows, order, axis=1)
