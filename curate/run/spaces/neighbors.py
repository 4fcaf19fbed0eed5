"""What is near this? The k nearest of an item, a text, an image or a vector, in some spaces.

Exact by default. With an index the neighbours are what it proposes, and its recall is
measured on RECALL_QUERIES items of the space against the exact ones.
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
from curate.embed.embedders import find_embedder
from curate.errors import DataError, RequestError, did_you_mean
from curate.measure.distances import sample_queries
from curate.measure.spaces.agreement import common_count
from curate.measure.spaces.space import Space

RECALL_QUERIES = 200


@dataclass(frozen=True)
class Query:
    """What is asked; exactly one is given. `vector` is a (d,) array or a file of one."""

    item: str | int | None = None
    text: str | None = None
    image: str | None = None
    vector: Any = None


@dataclass(frozen=True)
class Hit:
    """One neighbour. `common` if each of the spaces that are asked has it."""

    rank: int
    id: str
    distance: float
    common: bool
    text: str | None
    metadata: dict[str, Any]


@dataclass(frozen=True)
class Hits:
    """The neighbours in one space, nearest first.

    recall  of the index, fraction of exact neighbours that it finds; None where exact
    asked   items of the space that its recall was measured on
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
    """Raises RequestError for a query that these spaces cannot be asked."""
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
    found = []
    for space in spaces:
        vector, own = _asked(space, query, embedder)
        found.append(_search(space, vector, own, k, index, seed))
    common = set.intersection(
        *(
            {space.dataset.ids[row] for row in rows.tolist()}
            for space, (rows, _, _, _) in zip(spaces, found, strict=True)
        )
    )
    return [
        Hits(
            space=space.name,
            metric=space.embeddings.metric,
            hits=_hits(space, rows, distances, common if len(spaces) > 1 else set()),
            index=index,
            recall=recall,
            asked=asked,
        )
        for space, (rows, distances, recall, asked) in zip(spaces, found, strict=True)
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


def _asked(space: Space, query: Query, embedder: str) -> tuple[FloatArray, int | None]:
    """(1, d) vector of the query in this space, and its row where it is an item of it."""
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
    """The query through the embedder of the space, or through the one that is named."""
    maker = space.embedder
    if space.dataset.kind != kind:
        if embedder == "auto":
            flag = {"text": "--text", "images": "--image", "vectors": "--vector"}
            raise RequestError(
                f"{space.name} holds {space.dataset.kind}: ask it with --item or "
                f"{flag[space.dataset.kind]}, or name with --embedder what made its vectors."
            )
        maker = fit_embedder(find_embedder(embedder, kind), [item])
    assert maker is not None  # only vectors have none
    if maker.dims != space.embeddings.dims:
        raise RequestError(
            f"the query has {maker.dims} dimensions through {maker.name}, {space.name} has "
            f"{space.embeddings.dims}: name with --embedder what made its vectors."
        )
    made = maker.encode([item])
    if 0 in made.unreadable:
        raise DataError(f"cannot embed {item}: {': '.join(filter(None, made.unreadable[0]))}.")
    return made.vectors


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
    # The index is built once, asked the query and the items that its recall is measured on.
    asked = sample_queries(len(vectors), RECALL_QUERIES, np.random.SeedSequence(seed))
    deep = min(k + 1, len(vectors))
    together = np.concatenate([vector.astype(np.float64), vectors[asked].astype(np.float64)])
    found = k_nearest_by_index(together, vectors, deep, metric, index)
    proposed = _without(found.rows[1:], asked, deep - 1)
    truth = k_nearest(vectors[asked], vectors, deep - 1, metric, own_rows=asked).rows
    recall = float(common_count(truth, proposed).mean() / (deep - 1))
    kept = (found.rows[0] >= 0) & (found.rows[0] != (-1 if own is None else own))
    return found.rows[0][kept][:k], found.distances[0][kept][:k], recall, len(asked)


def _without(rows: IntArray, own: IntArray, k: int) -> IntArray:
    """(q, k) the rows that are not the query's own; what an index did not find differs by line."""
    rows = np.where(rows < 0, -1 - np.arange(rows.shape[1]), rows)
    order = np.argsort(rows == own[:, None], axis=1, kind="stable")[:, :k]
    return np.take_along_axis(rows, order, axis=1)
