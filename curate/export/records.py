"""What is said of each pick, and how values of metadata are written as JSON.

Every format that carries metadata takes it from here, so that a column has one name in all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from curate.core import Dataset, Selection

if TYPE_CHECKING:
    import pyarrow as pa

OWN = ("rank", "id", "distance")  # what curate says of a pick, before its metadata


def renamed_metadata(dataset: Dataset, selection: Selection, taken: tuple[str, ...]) -> pa.Table:
    """The metadata of the k picks; a column named like one of `taken` is `metadata.NAME`."""
    chosen = dataset.metadata_of(selection.picks)
    names = [name if name not in taken else f"metadata.{name}" for name in chosen.column_names]
    return chosen.rename_columns(names) if names else chosen


def records(dataset: Dataset, selection: Selection) -> Iterator[dict[str, object]]:
    """Rank, id, distance at selection (None for the first), then the metadata of each pick."""
    chosen = renamed_metadata(dataset, selection, OWN).to_pylist()
    for rank, (row, metadata) in enumerate(zip(selection.picks, chosen, strict=True), 1):
        distance = float(selection.distances[rank - 1])
        own = (rank, dataset.ids[row], distance if math.isfinite(distance) else None)
        yield dict(zip(OWN, own, strict=True)) | metadata


def labels(dataset: Dataset, selection: Selection) -> list[str | None]:
    """The label of each pick as text, None where there is none."""
    if dataset.label_column is None:
        return [None] * len(selection)
    column = dataset.metadata_of(selection.picks).column(dataset.label_column)
    return [None if value is None else str(value) for value in column.to_pylist()]


def plain(value: object) -> object:
    """`value` as JSON has it: no NaN and no infinity, which are no JSON."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
