"""A source becomes a space: items, and vectors with a metric."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from curate.core.distance import Float64Array, as_points
from curate.core.values import Dataset, Embeddings, IntArray
from curate.embed.embedder import Embedder
from curate.errors import DataError, RequestError, did_you_mean
from curate.measure.spaces.labels import Labels, encode
from curate.schema.spaces import ShownItem, SpaceDescription

TEXT_LENGTH = 200


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

    def description(self, used: int) -> SpaceDescription:
        """What a report says of it, when `used` of its items are compared."""
        return SpaceDescription(
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
        """Fields of `ShownItem` for one row; `labels` are of the rows of this space."""
        code = -1 if labels is None else int(labels.codes[row])
        text = self.dataset.items[row][:TEXT_LENGTH] if self.dataset.kind == "text" else None
        return {
            "id": self.dataset.ids[row],
            "label": labels.names[code] if labels is not None and code >= 0 else None,
            "text": text,
        }

    def item(self, row: int, labels: Labels | None = None) -> ShownItem:
        """One row, by what can be written of it."""
        return ShownItem(**self.shown(row, labels))


def named_apart(spaces: list[Space]) -> list[Space]:
    """The spaces, numbered where two have one name."""
    times = {space.name: sum(other.name == space.name for other in spaces) for space in spaces}
    return [
        space
        if times[space.name] == 1
        else replace(space, dataset=replace(space.dataset, name=f"{space.name} {place}"))
        for place, space in enumerate(spaces, 1)
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

    def descriptions(self) -> list[SpaceDescription]:
        return [space.description(len(self)) for space in self.spaces]


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
        first, rows = bare[0], [space.source_items for space in (bare[0], other)]
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
        return _not_empty(
            encode([given[row] for row in joined.rows[0].tolist()]), "labels"
        ), "given"
    known: set[str] = set()
    for space, rows in zip(joined.spaces, joined.rows, strict=True):
        wanted = column or space.dataset.label_column
        known.update(space.dataset.metadata.column_names)
        if wanted is not None and wanted in space.dataset.metadata.column_names:
            values = space.dataset.metadata.column(wanted).to_pylist()
            labels = encode([values[row] for row in rows.tolist()])
            if column is not None:
                return _not_empty(labels, f"column {column}"), wanted
            return (labels, wanted) if labels.names else (None, None)
    if column is not None:
        raise RequestError(f"no column is called {column!r}: {did_you_mean(column, known)}")
    return None, None


def _not_empty(labels: Labels, named: str) -> Labels:
    if not labels.names:
        raise DataError(f"{named}: no item has a label. Name another column, or ask without.")
    return labels
