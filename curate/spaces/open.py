"""A source becomes a space: items, and vectors with a metric.

`open_space` is the one way in, for paths and for what is in memory. A path may carry
settings of its own, `vectors.npy,ids=ids.txt,metric=cosine`, for spaces that are compared
are seldom stored alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from curate.core import Dataset, Embeddings, IntArray
from curate.data import from_array
from curate.distance import Float64Array, as_points
from curate.embed.embedder import Embedder
from curate.errors import DataError, RequestError, did_you_mean
from curate.items import Items, embed_items, read_source
from curate.job import make_job
from curate.measure.spaces.labels import Labels, encode
from curate.progress import Progress, silent
from curate.report.spaces.parts import Shown, SpacePart

# What a space may carry behind its path, `path,setting=value`.
OWN_SETTINGS = (
    *("name", "metric", "embedder", "embedder_options", "ids"),
    *("id_column", "label_column", "text_column", "vector_column", "image_column"),
)
TEXT_LENGTH = 200

Source = str | Path | ArrayLike


def open_space(
    source: Source,
    settings: Mapping[str, Any] = {},
    progress: Progress = silent,
) -> tuple[Dataset, Embeddings]:
    """The items of `source` that have a vector, and the vectors.

    source    a path that `curate select` takes, perhaps with `,setting=value` behind it; or
              an (n, d) array
    settings  of a Job; those behind the path win
    Raises RequestError or DataError as reading and embedding do.
    """
    items = _items(source, settings, progress)
    return items.dataset, items.embeddings


def _items(source: Source, settings: Mapping[str, Any], progress: Progress) -> Items:
    if isinstance(source, str | Path):
        path, own = spelled(str(source))
        job = make_job({**settings, **own, "source": path})
        dataset = read_source(job)
    else:
        held = {name: settings[name] for name in ("ids", "labels") if name in settings}
        dataset = from_array(source, **held)
        rest = {name: value for name, value in settings.items() if name not in held}
        job = make_job({**rest, "source": dataset.name})
    return embed_items(job, replace(dataset, name=job.name or dataset.name), progress)


def spelled(source: str) -> tuple[str, dict[str, str]]:
    """`path,setting=value,…` as path and settings; commas of the path itself stay in it."""
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


@dataclass(frozen=True)
class Space:
    """One of the spaces at hand.

    source    what was asked for, as text
    embedder  what made the vectors of the items; None where they were brought
    numbered  whether it is an array without ids: its items are known by their rows alone
    """

    source: str
    dataset: Dataset
    embeddings: Embeddings
    embedder: Embedder | None
    numbered: bool = False

    @property
    def name(self) -> str:
        return self.dataset.name

    @property
    def source_items(self) -> int:
        """Items of the source, with those that were set aside."""
        return len(self.dataset) + len(self.dataset.set_aside)

    def points(self, rows: IntArray | None = None) -> Float64Array:
        """(n, d) points of all items, or of some."""
        vectors = self.embeddings.vectors
        return as_points(vectors if rows is None else vectors[rows], self.embeddings.metric)

    def part(self, used: int) -> SpacePart:
        """What a report says of it, when `used` of its items are compared."""
        return SpacePart(
            name=self.name,
            source=self.source,
            kind=self.dataset.kind,
            dims=self.embeddings.dims,
            metric=self.embeddings.metric,
            embedder=self.embeddings.embedder,
            items=len(self.dataset),
            set_aside=len(self.dataset.set_aside),
            missing=len(self.dataset) - used,
        )

    def shown(self, row: int, labels: Labels | None = None) -> dict[str, Any]:
        """Fields of `Shown` for one row; `labels` are of the rows of this space."""
        code = -1 if labels is None else int(labels.codes[row])
        text = self.dataset.items[row][:TEXT_LENGTH] if self.dataset.kind == "text" else None
        return {
            "id": self.dataset.ids[row],
            "label": labels.names[code] if labels is not None and code >= 0 else None,
            "text": text,
        }

    def item(self, row: int, labels: Labels | None = None) -> Shown:
        """One row, by what can be written of it."""
        return Shown(**self.shown(row, labels))


def open_all(
    sources: Mapping[str, Source] | Sequence[Source],
    settings: Mapping[str, Any],
    progress: Progress,
) -> list[Space]:
    """Every space of a request, under names that differ; a mapping gives the names."""
    named = sources.items() if isinstance(sources, Mapping) else [(None, one) for one in sources]
    found = []
    for name, source in named:
        own = dict(settings) | ({} if name is None else {"name": name})
        items = _items(source, own, progress)
        word = str(source) if isinstance(source, str | Path) else "array"
        numbered = _numbered(items.dataset)
        found.append(Space(word, items.dataset, items.embeddings, items.embedder, numbered))
    if not found:
        raise RequestError("got no space: name at least one.")
    return named_apart(found)


def _numbered(dataset: Dataset) -> bool:
    """Whether nothing but its row tells an item: no id, no metadata."""
    rows = dataset.source_positions().tolist()
    bare = dataset.kind == "vectors" and not dataset.metadata.num_columns
    return bare and all(id_ == str(row) for id_, row in zip(dataset.ids, rows, strict=True))


def named_apart(found: list[Space]) -> list[Space]:
    """The spaces, numbered where two have one name."""
    times = {space.name: sum(one.name == space.name for one in found) for space in found}
    return [
        space
        if times[space.name] == 1
        else replace(space, dataset=replace(space.dataset, name=f"{space.name} {place}"))
        for place, space in enumerate(found, 1)
    ]


@dataclass(frozen=True)
class Joined:
    """Spaces over the ids that all of them have, in the order of the first.

    rows  for each space the (n,) rows of these items
    """

    spaces: list[Space]
    rows: list[IntArray]

    def __len__(self) -> int:
        return len(self.rows[0])

    def parts(self) -> list[SpacePart]:
        return [space.part(len(self)) for space in self.spaces]


def join(spaces: list[Space]) -> Joined:
    """Raises DataError where the spaces have no two items in common, or cannot be joined."""
    if len(spaces) == 1 and len(spaces[0].dataset) < 2:
        raise DataError(f"{spaces[0].name} has one usable item: give a space of two or more.")
    _same_rows(spaces)
    places = [{id_: row for row, id_ in enumerate(space.dataset.ids)} for space in spaces]
    common = [id_ for id_ in places[0] if all(id_ in other for other in places[1:])]
    if len(common) < 2:
        first, *rest = (f"{space.name}: {', '.join(space.dataset.ids[:3])}" for space in spaces)
        raise DataError(
            f"the spaces have {len(common)} ids in common ({first}, …; {'; '.join(rest)}, …): "
            "give those of one data set, with --id-column or path,ids=FILE."
        )
    rows = [np.array([place[id_] for id_ in common], dtype=np.int64) for place in places]
    return Joined(spaces, rows)


def _same_rows(spaces: list[Space]) -> None:
    """Row numbers say which item is which only among arrays of as many rows."""
    bare = [space for space in spaces if space.numbered]
    for other in bare[1:]:
        first, rows = bare[0], [one.source_items for one in (bare[0], other)]
        if rows[0] != rows[1]:
            raise DataError(
                f"{first.name} has {rows[0]} rows, {other.name} has {rows[1]}, and neither has "
                "ids: row numbers do not say which is which. Give ids, with path,ids=FILE."
            )


def labels_of(
    joined: Joined, column: str | None, given: list[Any] | None = None
) -> tuple[Labels | None, str | None]:
    """Labels of the joined items, and where they come from.

    They are `given` for the items of the first space; or the first space that has the column
    gives them; without a name, the first that has a label column of its own. Raises
    RequestError where a named column is nowhere, DataError where what was asked for is empty.
    """
    if given is not None:
        return _some(encode([given[row] for row in joined.rows[0].tolist()]), "labels"), "given"
    known: set[str] = set()
    for space, rows in zip(joined.spaces, joined.rows, strict=True):
        wanted = column or space.dataset.label_column
        known.update(space.dataset.metadata.column_names)
        if wanted is not None and wanted in space.dataset.metadata.column_names:
            values = space.dataset.metadata.column(wanted).to_pylist()
            found = encode([values[row] for row in rows.tolist()])
            if column is not None:
                return _some(found, f"column {column}"), wanted
            return (found, wanted) if found.names else (None, None)
    if column is not None:
        raise RequestError(f"no column is called {column!r}: {did_you_mean(column, known)}")
    return None, None


def _some(labels: Labels, named: str) -> Labels:
    if not labels.names:
        raise DataError(f"{named}: no item has a label. Name another column, or ask without.")
    return labels
