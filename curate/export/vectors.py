"""Embeddings as files that other tools read, and that `curate select` reads back.

The suffix decides. `.parquet` has everything in one file (ids, metadata, a fixed-size list a
row); its schema names the columns and the metric of the vectors. `.safetensors` names the
metric too, `.npy` has the values alone; both get a second file `<name>.ids.csv` with ids and
metadata, row by row. `.csv` is the format of LightlyOne: file names, a column a dimension, class
numbers. Reading gives back the same bits. Not here: compression beyond the default of Parquet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as papq
from safetensors.numpy import save_file

from curate.core.atomic_files import write_beside
from curate.core.values import Dataset, Embeddings, FloatArray
from curate.data.stored_embeddings import StoredEmbeddings, tensor_metadata
from curate.errors import DataError, RequestError, did_you_mean

BLOCK_ROWS = 1 << 12  # written as text at a time
DTYPES = ("float16", "float32", "float64")


@dataclass(frozen=True)
class Vectors:
    """Items, their embeddings, and the values to write.

    values  (n, d) float16, float32 or float64
    """

    dataset: Dataset
    embeddings: Embeddings
    values: FloatArray


def write_vectors(
    path: Path, dataset: Dataset, embeddings: Embeddings, dtype: str | None = None
) -> list[Path]:
    """Write embeddings to `path`, in the format of its suffix; returns the written files.

    dtype  float16, float32 or float64; None keeps the type
    Raises RequestError for an unknown suffix or dtype, DataError if writing or narrowing is
    impossible.
    """
    check_format(path)
    vectors = Vectors(dataset, embeddings, _narrowed(embeddings.vectors, dtype))
    files = [(path, FORMATS[path.suffix.lower()])]
    if path.suffix.lower() in WITHOUT_IDS:
        files.append((path.with_name(f"{path.stem}.ids.csv"), _write_ids))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for file, write in files:
            with write_beside(file) as stream:
                write(stream, vectors)
    except OSError as error:
        raise DataError(f"cannot write {path}: {error.strerror}. Pass another file.") from None
    return [file for file, _ in files]


def check_format(path: Path) -> None:
    """Raise RequestError for a suffix that is not in the table."""
    if path.suffix.lower() not in FORMATS:
        raise RequestError(
            f"embeddings cannot be written as {path.name!r}: "
            f"{did_you_mean(path.suffix.lower(), FORMATS)}"
        )


def _narrowed(values: FloatArray, dtype: str | None) -> FloatArray:
    if dtype is None:
        return values
    if dtype not in DTYPES:
        raise RequestError(f"--dtype is {dtype!r}: {did_you_mean(dtype, DTYPES)}")
    with np.errstate(over="ignore"):
        narrow: FloatArray = values.astype(dtype)
    if not np.isfinite(narrow).all():
        raise DataError(f"the embeddings have values beyond {dtype}: pass --dtype float32.")
    return narrow


def _write_npy(stream: IO[bytes], vectors: Vectors) -> None:
    np.save(stream, vectors.values)


def _write_safetensors(stream: IO[bytes], vectors: Vectors) -> None:
    metadata = tensor_metadata(vectors.embeddings.metric, vectors.embeddings.embedder)
    # The package writes to a path, without a copy of the values in memory.
    save_file({"embeddings": np.ascontiguousarray(vectors.values)}, stream.name, metadata)


def _write_parquet(stream: IO[bytes], vectors: Vectors) -> None:
    values, metadata = vectors.values, vectors.dataset.metadata
    reserved = set(metadata.column_names)
    stored = StoredEmbeddings(
        id_column=_free("id", reserved),
        vector_column=_free("embedding", reserved),
        label_column=vectors.dataset.label_column,
        metric=vectors.embeddings.metric,
        embedder=vectors.embeddings.embedder,
    )
    flat = pa.array(np.ascontiguousarray(values).ravel())
    columns = {
        stored.id_column: pa.array(vectors.dataset.ids, pa.string()),
        **dict(zip(metadata.column_names, metadata.columns, strict=True)),
        stored.vector_column: pa.FixedSizeListArray.from_arrays(flat, values.shape[1]),
    }
    table = pa.table(columns).replace_schema_metadata(stored.as_metadata())
    papq.write_table(table, stream)


def _write_ids(stream: IO[bytes], vectors: Vectors) -> None:
    metadata = vectors.dataset.metadata
    name = _free("id", set(metadata.column_names))
    columns = {name: pa.array(vectors.dataset.ids, pa.string())}
    for column in metadata.column_names:
        values = metadata.column(column)
        if not pa.types.is_nested(values.type):  # a cell of a CSV holds no list
            columns[column] = values
    pacsv.write_csv(pa.table(columns), stream)


def _write_lightly(stream: IO[bytes], vectors: Vectors) -> None:
    values, classes = vectors.values, _classes(vectors.dataset)
    names = [f"embedding_{place}" for place in range(values.shape[1])]
    for start in range(0, len(values), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        columns = {
            "filenames": pa.array(vectors.dataset.ids[rows], pa.string()),
            # As float64, so that the digits are those of the exact value.
            **dict(zip(names, values[rows].astype(np.float64).T.copy(), strict=True)),
            "labels": classes[rows],
        }
        pacsv.write_csv(pa.table(columns), stream, pacsv.WriteOptions(include_header=start == 0))


def _classes(dataset: Dataset) -> list[int]:
    """n numbers of the labels in sorted order; all 0 without labels, as in LightlyOne."""
    if dataset.label_column is None:
        return [0] * len(dataset)
    labels = [str(label) for label in dataset.metadata.column(dataset.label_column).to_pylist()]
    number = {label: place for place, label in enumerate(sorted(set(labels)))}
    return [number[label] for label in labels]


def _free(name: str, reserved: set[str]) -> str:
    """`name`, with underscores in front of it until it is not in `reserved`."""
    while name in reserved:
        name = f"_{name}"
    return name


FORMATS: dict[str, Callable[[IO[bytes], Vectors], None]] = {
    ".npy": _write_npy,
    ".parquet": _write_parquet,
    ".safetensors": _write_safetensors,
    ".csv": _write_lightly,
}
WITHOUT_IDS = (".npy", ".safetensors")
