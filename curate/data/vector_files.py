"""Vectors from .safetensors, memory-mapped.

Idea: the format is a JSON header with the place of each tensor in the file, so numpy alone
can map one: there is nothing that a package would add. bfloat16, which numpy does not know,
is widened to float32 in memory; that is exact. Of the `__metadata__` the metric is used, if it
is there.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.core.values import Dataset
from curate.data.arrays import one_of, read_matrix
from curate.data.options import ReadOptions
from curate.data.read_errors import reading
from curate.data.stored_embeddings import metric_of
from curate.errors import DataError, MissingExtraError

# --------------------------------------------------------------------------------------
# Vectors from HDF5 files (.h5, .hdf5), which the package h5py reads.
#
# Idea: an array that lies in the file as it would in memory is memory-mapped; one that is
# compressed or in chunks is read into memory.


def read_hdf5(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the rows of the one (n, d) array in a file, or of the one that is named.

    Raises MissingExtraError without h5py, RequestError if there are several arrays and none
    is named, DataError if the file is damaged or the array is not of numbers.
    """
    options.allow_only(("ids", "vector_column", "id_column", "label_column"), "an HDF5 file")
    try:
        import h5py
    except ImportError:
        raise MissingExtraError(
            f'reading {path.name} needs h5py: pip install "curate-select[h5]".'
        ) from None
    with reading(path), h5py.File(path) as file:
        shapes: dict[str, int] = {}

        def look(name: str, found: Any) -> None:
            if isinstance(found, h5py.Dataset):
                shapes[name] = found.ndim

        file.visititems(look)
        matrices = [name for name, dims in shapes.items() if dims == 2]
        names = matrices if options.vector_column is None else list(shapes)
        array = file[one_of(names, options.vector_column, path, "array")]
        if array.dtype.kind not in "fiub":
            raise DataError(f"array {array.name!r} of {path} holds {array.dtype}, not numbers.")
        values = _values(path, array)
    return read_matrix(values, path, options)


def _values(path: Path, array: Any) -> NDArray[Any]:
    offset = array.id.get_offset()  # None unless it lies in one piece
    if offset is None or not array.size or array.dtype.byteorder == ">":
        return np.asarray(array[()])
    return np.memmap(path, array.dtype, mode="r", offset=offset, shape=array.shape)


# --------------------------------------------------------------------------------------


_LENGTH = 8  # bytes in front of the header, which say how long it is
_LARGEST_HEADER = 100_000_000  # bytes, the limit of the format itself
_TYPES = {
    **{"F16": "<f2", "F32": "<f4", "F64": "<f8", "BF16": "<u2", "BOOL": "?"},
    **{f"{sign}{8 * size}": f"<{sign.lower()}{size}" for sign in "IU" for size in (1, 2, 4, 8)},
}


def read_safetensors(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the rows of the one (n, d) tensor in a file, or of the one that is named.

    Raises RequestError if there are several and none is named, DataError if the file is
    damaged or the tensor is not of numbers.
    """
    options.allow_only(("ids", "vector_column", "id_column", "label_column"), "a .safetensors file")
    with reading(path):
        header, start = _header(path)
        tensors = {name: tensor for name, tensor in header.items() if name != "__metadata__"}
        matrices = [name for name, tensor in tensors.items() if len(tensor["shape"]) == 2]
        names = matrices if len(matrices) == 1 and options.vector_column is None else list(tensors)
        name = one_of(names, options.vector_column, path, "tensor")
        dataset = read_matrix(_mapped(path, name, tensors[name], start), path, options)
        said = header.get("__metadata__")
        metric = metric_of(said.get("metric")) if isinstance(said, dict) else None
        return replace(dataset, metric=metric)


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """What the file says of its tensors, and the byte at which they begin."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH), "little")
        size = path.stat().st_size
        if not 0 < length <= min(_LARGEST_HEADER, size - _LENGTH):
            raise DataError(f"{path} is no whole .safetensors file. Write it again.")
        raw = file.read(length)
    try:
        header = json.loads(raw)
        for name, tensor in header.items():
            if name != "__metadata__":
                _ = tensor["dtype"], tensor["shape"], tensor["data_offsets"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} is no .safetensors file: its header is damaged.") from error
    return header, _LENGTH + length


def _mapped(path: Path, name: str, tensor: dict[str, Any], start: int) -> NDArray[Any]:
    if tensor["dtype"] not in _TYPES:
        raise DataError(
            f"tensor {name!r} of {path} holds {tensor['dtype']}. "
            "Give float16, bfloat16, float32, float64, whole numbers or booleans."
        )
    kind, shape = np.dtype(_TYPES[tensor["dtype"]]), tuple(tensor["shape"])
    first, last = tensor["data_offsets"]
    count = int(np.prod(shape, dtype=np.int64))
    if last - first != count * kind.itemsize or start + last > path.stat().st_size:
        raise DataError(f"{path} is truncated: tensor {name!r} is not whole. Write it again.")
    if not count:
        return np.empty(shape, kind)
    values = np.memmap(path, kind, mode="r", offset=start + first, shape=shape)
    if tensor["dtype"] != "BF16":
        return values
    return (values.astype(np.uint32) << 16).view(np.float32)


# --------------------------------------------------------------------------------------
# Vectors as the TEXMEX benchmarks store them: .fvecs (float32) and .bvecs (bytes).
#
# Idea: each row is its dimension as an int32 and then its values, so a file of one dimension
# is a matrix with an odd first column, which is left out of the memory-mapped view. Numbers
# are little-endian. The dimension of every row is looked at, O(n). Bytes become float32, in
# memory: four times the size of the file.


_HEAD = 4  # bytes of the dimension in front of each row


def read_fvecs(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the rows of an .fvecs file, memory-mapped.

    Raises DataError if its size or a dimension in it does not fit.
    """
    return _read(path, options, np.dtype("<f4"))


def read_bvecs(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the rows of a .bvecs file, as float32. Raises DataError as `read_fvecs`."""
    return _read(path, options, np.dtype(np.uint8))


def _read(path: Path, options: ReadOptions, kind: np.dtype[np.generic]) -> Dataset:
    with reading(path):
        size = path.stat().st_size
        dims = int(np.fromfile(path, "<i4", 1)[0]) if size >= _HEAD else 0
        row = _HEAD + dims * kind.itemsize
        if dims < 1 or size % row:
            raise DataError(
                f"{path} is no whole {path.suffix} file: {size:,} bytes do not divide into rows "
                f"of {dims} dimensions."
            )
        raw = np.memmap(path, np.uint8, mode="r").reshape(-1, row)  # (n, row)
    heads = np.ascontiguousarray(raw[:, :_HEAD]).view("<i4")[:, 0]
    other = np.flatnonzero(heads != dims)
    if len(other):
        raise DataError(
            f"{path} has {heads[other[0]]} dimensions in row {other[0]} and {dims} in row 0. "
            "Give vectors of one dimension."
        )
    return read_matrix(raw[:, _HEAD:].view(kind), path, options)
