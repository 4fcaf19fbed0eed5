"""What the formats write about each pick: ids, metadata, labels, sizes and objects.

Every format that carries metadata takes it from here, so that a column has one name in all.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from curate.core.pictures import UnreadablePictureError, upright_size
from curate.core.values import Dataset, IntArray, Picture, Selection
from curate.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

OWN_COLUMNS = ("rank", "id", "distance")  # of each pick, before its metadata


@dataclass(frozen=True)
class PictureObjects:
    """m objects in pictures.

    dataset  their ids, and metadata with x, y, width, height, label and score
    owners   (m,) int64 row of the picture of each
    """

    dataset: Dataset
    owners: IntArray


def renamed_metadata(dataset: Dataset, selection: Selection, reserved: tuple[str, ...]) -> pa.Table:
    """The metadata of the k picks; a column with a `reserved` name becomes `metadata.NAME`."""
    picked = dataset.metadata_of(selection.picks)
    names = [n if n not in reserved else f"metadata.{n}" for n in picked.column_names]
    return picked.rename_columns(names) if names else picked


def records(dataset: Dataset, selection: Selection) -> Iterator[dict[str, object]]:
    """Rank, id, distance at selection (None for the first), then the metadata of each pick."""
    picked = renamed_metadata(dataset, selection, OWN_COLUMNS).to_pylist()
    for rank, (row, metadata) in enumerate(zip(selection.picks, picked, strict=True), 1):
        distance = float(selection.distances[rank - 1])
        values = (rank, dataset.ids[row], distance if math.isfinite(distance) else None)
        yield dict(zip(OWN_COLUMNS, values, strict=True)) | metadata


def labels(dataset: Dataset, selection: Selection) -> list[str | None]:
    """The label of each pick as text, None if it has none."""
    if dataset.label_column is None:
        return [None] * len(selection)
    column = dataset.metadata_of(selection.picks).column(dataset.label_column)
    return [None if value is None else str(value) for value in column.to_pylist()]


def plain(value: object) -> object:
    """`value` with None instead of NaN and infinity, which JSON does not have."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def upright_sizes(dataset: Dataset, selection: Selection) -> list[tuple[int, int]]:
    """(width, height) of each pick as it is shown, from its header alone.

    Raises DataError for a file that has changed or vanished since it was embedded.
    """
    return [_upright_size(dataset.items[row]) for row in selection.picks]


def _upright_size(picture: Picture) -> tuple[int, int]:
    try:
        return upright_size(picture)
    except UnreadablePictureError as error:
        raise DataError(
            f"cannot export {picture.name}: {error}. It was readable when it was embedded; run "
            "again."
        ) from None


def name_with_folder(picture: Picture, id_: str) -> str:
    """The id behind the name of the folder of the data; the id alone if it is not a path there."""
    if not isinstance(picture, Path):
        return id_
    whole = picture.absolute().as_posix()
    if not whole.endswith(f"/{id_}"):
        return id_
    folder = Path(whole[: -len(id_) - 1]).resolve().name
    return f"{folder}/{id_}" if folder else id_


def write_lines(stream: IO[bytes], ids: Iterable[str]) -> None:
    """One id a line, UTF-8; line breaks inside an id are escaped as in JSON."""
    for id_ in ids:
        stream.write((_one_line(id_) + "\n").encode())


def _one_line(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)[1:-1] if len(name.splitlines()) > 1 else name
