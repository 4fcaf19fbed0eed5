"""Vectors from numpy: .npy, .npz and arrays in memory.

An .npy file is memory-mapped and stays on disk; its values are checked once, in blocks, for NaN
and infinity. Pickled objects are refused, because reading them could run code. Ids and metadata
come from a second file, if one is given.
"""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from curate.core.values import Dataset, FloatArray
from curate.data.assemble import assemble, format_of, name_of, row_numbers
from curate.data.columns import ids_of, label_of, metadata_of, require
from curate.data.numeric_columns import as_floats, not_finite
from curate.data.options import ReadOptions
from curate.data.read_errors import reading
from curate.data.tables import LOADERS, load_table
from curate.data.text_lines import lines_of
from curate.errors import MOST_NAMES, DataError, RequestError, did_you_mean, one_line

# Errors of numpy and zipfile for damaged headers and archives.
_DAMAGE = (
    *(ValueError, SyntaxError, TypeError, OverflowError, EOFError, KeyError, NotImplementedError),
    *(tokenize.TokenError, zipfile.BadZipFile, zlib.error),
)
_SIDECAR = ("id_column", "label_column")  # columns of the file given by --ids


def from_array(
    vectors: ArrayLike,
    ids: Sequence[Any] | None = None,
    labels: Sequence[Any] | None = None,
    name: str = "array",
) -> Dataset:
    """A data set of vectors in memory.

    vectors  (n, d) floats (kept as they are), whole numbers or booleans
    ids      n ids, turned into strings; row numbers if None
    labels   n values for the metadata column `label`
    Raises DataError if the array has another shape or type, counts differ, or no row is finite.
    """
    if isinstance(vectors, np.ma.MaskedArray):
        raise DataError(f"{name} is a masked array: fill its masked values, or remove those rows.")
    try:
        values = np.asarray(vectors)
    except ValueError as error:
        raise DataError(
            f"{name} is not an array of numbers: {error}. Give rows of one length."
        ) from None
    matrix = _checked(values, name)
    count = len(matrix)
    all_ids = row_numbers(count) if ids is None else [None if i is None else str(i) for i in ids]
    _same_count(len(all_ids), count, "ids", "ids", name)
    metadata = None
    if labels is not None:
        _same_count(len(labels), count, "labels", "labels", name)
        metadata = pa.table({"label": _label_array(labels)})
    return assemble(
        "vectors",
        all_ids,
        matrix,
        not_finite(matrix),
        name=name,
        metadata=metadata,
        label_column=None if labels is None else "label",
    )


def read_npy(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the rows of an .npy file, memory-mapped.

    Raises DataError if the file is truncated, pickled, or not an (n, d) array of real numbers.
    """
    options.allow_only(("ids", *_SIDECAR), "an .npy file, which has no columns")
    return read_matrix(mapped_npy(path), path, options)


def mapped_npy(path: Path) -> NDArray[Any]:
    """The array in an .npy file, memory-mapped. Raises DataError if it is damaged."""
    with reading(path):
        try:
            return np.lib.format.open_memmap(path, mode="r")
        except _DAMAGE as error:
            raise _damaged(path, error) from error


def read_npz(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the rows of the one array in an .npz file, or of the one that is named.

    Raises RequestError if there are several and none is named, DataError as `read_npy`.
    """
    options.allow_only(("ids", "vector_column", *_SIDECAR), "an .npz file, which has no columns")
    with reading(path):
        try:
            if not zipfile.is_zipfile(path):
                raise ValueError("it is not a zip archive, or a truncated one")
            with np.load(path, allow_pickle=False) as arrays:
                array = arrays[select_array(arrays.files, options.vector_column, path, "array")]
        except _DAMAGE as error:
            raise _damaged(path, error) from error
    if not isinstance(array, np.ndarray):
        raise DataError(f"{path} has no numpy array. Write it with numpy.savez.")
    return read_matrix(array, path, options)


def read_matrix(array: NDArray[Any], path: Path, options: ReadOptions) -> Dataset:
    """The data set of the rows of `array`, found at `path`, with ids from the file of --ids.

    Raises DataError if it is not an (n, d) array of real numbers, or the ids do not fit.
    """
    matrix = _checked(array, str(path))
    ids, metadata, label = _sidecar(len(matrix), path, options)
    return assemble(
        "vectors",
        ids,
        matrix,
        not_finite(matrix),
        name=name_of(path),
        metadata=metadata,
        label_column=label,
    )


def _sidecar(
    count: int, path: Path, options: ReadOptions
) -> tuple[Sequence[str | None], pa.Table | None, str | None]:
    """Ids, metadata and label column for `count` vectors, from the file given by --ids."""
    source = options.ids
    if source is None or source.suffix.lower() == ".txt":
        options.allow_only(("ids", "vector_column"), "an array without a table of ids")
    if source is None:
        return row_numbers(count), None, None
    if source.suffix.lower() == ".txt":
        ids = lines_of(source)
        _same_count(len(ids), count, source.name, "ids", path.name)
        return ids, None, None
    if format_of(source, LOADERS) not in LOADERS:
        raise DataError(
            f"cannot read ids from {source}: format {source.suffix or 'without suffix'!r}. "
            f"Give one of .txt, {', '.join(LOADERS)}."
        )
    table = _load_ids(source, options)
    _same_count(table.num_rows, count, source.name, "ids", path.name)
    column = options.id_column or table.column_names[0]
    label = label_of(table.column_names, options, source)
    return ids_of(table, column, source), metadata_of(table, (column,), label), label


def _load_ids(source: Path, options: ReadOptions) -> pa.Table:
    """The table of a sidecar file, its id column as written."""
    table = load_table(source, options)
    if options.id_column is not None:
        require(table.column_names, options.id_column, "id_column", source)
        return table
    # The name of the first column is known only now: read it again as text, so that 007 is not 7.
    return load_table(source, ReadOptions(id_column=table.column_names[0]))


def select_array(names: list[str], wanted: str | None, path: Path, what: str) -> str:
    """The name of the `wanted` array, by default of the only one; `what` is the format's word.

    Raises RequestError if there is no such array, or several and none is wanted.
    """
    if wanted is not None:
        if wanted not in names:
            raise RequestError(
                f"{path.name} has no {what} {wanted!r} for --vector-column: "
                f"{did_you_mean(wanted, names)}"
            )
        return wanted
    if not names:
        raise DataError(f"{path} holds no {what}. Give one of shape (items, dimensions).")
    if len(names) > 1:
        raise RequestError(
            f"{path.name} holds {len(names)} {what}s: {', '.join(names[:MOST_NAMES])}. "
            "Name one with --vector-column."
        )
    return names[0]


def _checked(array: NDArray[Any], source: str) -> FloatArray:
    """`array` as (n, d) floats. Raises DataError for any other shape or type."""
    if array.dtype.kind not in "fiub" or array.dtype.itemsize > 8:
        raise DataError(
            f"{source} holds values of type {array.dtype}. "
            "Give float16, float32, float64, whole numbers or booleans."
        )
    if array.ndim != 2:
        raise DataError(
            f"{source} has {array.ndim} dimensions, shape {array.shape}. "
            "Give an array of shape (items, dimensions)."
        )
    if 0 in array.shape:
        raise DataError(f"{source} is empty, shape {array.shape}. Give at least one vector.")
    return as_floats(array)


def _same_count(got: int, count: int, source: str, what: str, vectors: str) -> None:
    if got != count:
        raise DataError(
            f"{source} has {got} {what} for {count} vectors of {vectors}. "
            "Give one for each vector, in the same order."
        )


def _label_array(labels: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(labels)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise DataError(
            f"labels cannot be one column: {one_line(error)}. Give values of one type."
        ) from error


def _damaged(path: Path, error: BaseException) -> DataError:
    text = one_line(error)
    if "object" in text.lower():
        return DataError(
            f"{path} holds pickled Python objects, which are not loaded because that could "
            "run code. Save it again as an array of numbers."
        )
    return DataError(
        f"cannot read {path}: {text}. Check that it is a whole {path.suffix} file of numbers."
    )
