"""Hugging Face: a Parquet file with the items themselves, which `datasets` loads by one line.

`load_dataset("parquet", data_files=FILE)` gives a column `image` that decodes to pictures, or
`text`, or `vector`; then rank, id, distance and metadata. Pictures are copied as they are, byte
for byte, a few at a time: memory stays small, the file is as large as they are together.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from curate.core.values import Dataset, FloatArray, Picture, Selection
from curate.errors import DataError
from curate.export.records import OWN_COLUMNS, renamed_metadata

if TYPE_CHECKING:
    import pyarrow as pa

COLUMN = {"images": "image", "text": "text", "vectors": "vector"}
ROWS = {"images": 64, "text": 10_000, "vectors": 10_000}  # in a row group, and in memory


def write(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    """The picks in order, a row each."""
    import pyarrow as pa
    import pyarrow.parquet as papq

    name = COLUMN[dataset.kind]
    beside = _beside(dataset, selection, name)
    step = ROWS[dataset.kind]
    first = _items(dataset, selection.picks[:0])
    schema = pa.schema([pa.field(name, first.type), *beside.schema], _features(dataset, name))
    with papq.ParquetWriter(stream, schema) as writer:
        for start in range(0, len(selection), step):
            items = _items(dataset, selection.picks[start : start + step])
            columns = [items, *beside.slice(start, step).columns]
            writer.write_table(pa.table(columns, schema=schema))


def _beside(dataset: Dataset, selection: Selection, name: str) -> pa.Table:
    """Rank, id, distance and metadata of the picks."""
    import pyarrow as pa

    metadata = renamed_metadata(dataset, selection, (*OWN_COLUMNS, name))
    distances = np.asarray(selection.distances, dtype=np.float64)
    columns = (
        pa.array(np.arange(1, len(selection) + 1)),
        pa.array([dataset.ids[row] for row in selection.picks], pa.string()),
        pa.array(distances, mask=~np.isfinite(distances)),
    )
    return pa.table(
        [*columns, *metadata.columns], names=[*OWN_COLUMNS, *metadata.column_names]
    ).replace_schema_metadata(None)


def _features(dataset: Dataset, name: str) -> dict[str, str]:
    """Schema metadata that tell `datasets` that the bytes are pictures; it sees other types."""
    if dataset.kind != "images":
        return {}
    return {"huggingface": json.dumps({"info": {"features": {name: {"_type": "Image"}}}})}


def _items(dataset: Dataset, rows: Sequence[Any] | np.ndarray[Any, Any]) -> pa.Array:
    import pyarrow as pa

    if isinstance(dataset.items, np.ndarray):
        return _vectors(dataset.items[rows])
    if dataset.kind == "text":
        return pa.array([dataset.items[row] for row in rows], pa.string())
    picture = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    pictures = [
        {"bytes": _content(dataset.items[row]), "path": dataset.items[row].name} for row in rows
    ]
    return pa.array(pictures, picture)


def _vectors(vectors: FloatArray) -> pa.Array:
    """(m, d) as m lists of d, in their own precision."""
    import pyarrow as pa

    return pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])


def _content(picture: Picture) -> bytes:
    try:
        with picture.open("rb") as stream:
            return stream.read()
    except OSError as error:
        raise DataError(
            f"cannot export {picture.name}: {error.strerror or error}. It was readable when it "
            "was embedded; run again."
        ) from None
