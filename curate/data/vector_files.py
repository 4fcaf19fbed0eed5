"""Vectors from files of arrays: .safetensors, .h5 and .hdf5, .fvecs and .bvecs.

An array that lies in its file in one piece, as it would in memory, is memory-mapped: its
values stay on disk. Other arrays are read into memory. In a file of several arrays
--vector-column names the one to read; if there is exactly one of two dimensions, it need
not be named.

.safetensors  The package `safetensors` checks the whole header. It would copy the values,
              so they are mapped here, at the place that the checked header gives.
              bfloat16, which numpy does not know, is widened to float32 in memory; that is
              exact. float8, float6, float4 and complex tensors are not read.
.h5, .hdf5    The package `h5py` reads them (an extra). Compressed or chunked arrays are
              read into memory.
.fvecs, .bvecs  The format of the TEXMEX benchmarks (http://corpus-texmex.irisa.fr): each row
              is its dimension as a little-endian int32, then its values, float32 or bytes.
              No package that reads them would save more than the six lines below. The
              dimension of every row is checked, O(n). Bytes become float32 in memory.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from curate.core.values import Dataset
from curate.data.arrays import read_matrix, select_array
from curate.data.options import ReadOptions
from curate.data.read_errors import reading
from curate.data.stored_embeddings import metric_in
from curate.errors import DataError, MissingExtraError, one_line

_UNDERSTOOD = ("ids", "vector_column", "id_column", "label_column")  # of ReadOptions
_LENGTH_BYTES = 8  # of a .safetensors file: the length of its header, in front of it
_BFLOAT16 = "BF16"
# Name of a type in .safetensors -> numpy's type; bfloat16 by its bits.
_TENSOR_TYPES = {
    **{"F16": "<f2", "F32": "<f4", "F64": "<f8", _BFLOAT16: "<u2", "BOOL": "?"},
    **{f"{sign}{8 * size}": f"<{sign.lower()}{size}" for sign in "IU" for size in (1, 2, 4, 8)},
}
_DIMS_BYTES = 4  # of the dimension in front of each row of .fvecs


# --------------------------------------------------------------------------------------
# .safetensors


def read_safetensors(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the rows of the one (n, d) tensor in a file, or of the one that is named.

    The metric is that of the file's metadata, if it names one.
    Raises RequestError if there are several tensors and none is named, DataError if the file
    is damaged or the tensor holds other things than real numbers.
    """
    options.allow_only(_UNDERSTOOD, "a .safetensors file")
    with reading(path):
        try:
            with safe_open(path, framework="numpy") as file:
                dims = {name: len(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 (not a dict)
                metadata = file.metadata() or {}
        except SafetensorError as error:
            why = one_line(error).removeprefix("Error while deserializing header: ")
            raise DataError(
                f"{path} is no whole .safetensors file: {why}. Write it again."
            ) from error
        matrices = [name for name, count in dims.items() if count == 2]
        names = matrices if len(matrices) == 1 and options.vector_column is None else list(dims)
        name = select_array(names, options.vector_column, path, "tensor")
        dataset = read_matrix(_mapped_tensor(path, name), path, options)
    return replace(dataset, metric=metric_in(metadata))


def _mapped_tensor(path: Path, name: str) -> NDArray[Any]:
    """The tensor called `name`, mapped; the header of `path` has been checked."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
        tensor = json.loads(file.read(length))[name]
    if tensor["dtype"] not in _TENSOR_TYPES:
        raise DataError(
            f"tensor {name!r} of {path} holds {tensor['dtype']}. "
            "Give float16, bfloat16, float32, float64, whole numbers or booleans."
        )
    dtype, shape = np.dtype(_TENSOR_TYPES[tensor["dtype"]]), tuple(tensor["shape"])
    if 0 in shape:  # an empty mapping is impossible
        return np.empty(shape, dtype)
    offset = _LENGTH_BYTES + length + tensor["data_offsets"][0]
    values = np.memmap(path, dtype, mode="r", offset=offset, shape=shape)
    if tensor["dtype"] != _BFLOAT16:
        return values
    return (values.astype(np.uint32) << 16).view(np.float32)  # the upper half of a float32


# --------------------------------------------------------------------------------------
# .h5 and .hdf5


def read_hdf5(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the rows of the one (n, d) array in a file, or of the one that is named.

    Raises MissingExtraError without h5py, RequestError if there are several arrays and none
    is named, DataError if the file is damaged or the array does not hold numbers.
    """
    options.allow_only(_UNDERSTOOD, "an HDF5 file")
    try:
        import h5py
    except ImportError:
        raise MissingExtraError(
            f'reading {path.name} needs h5py: pip install "curate-select[h5]".'
        ) from None
    with reading(path), h5py.File(path) as file:
        dims: dict[str, int] = {}

        def note(name: str, entry: Any) -> None:
            if isinstance(entry, h5py.Dataset):
                dims[name] = entry.ndim

        file.visititems(note)
        matrices = [name for name, count in dims.items() if count == 2]
        names = matrices if options.vector_column is None else list(dims)
        array = file[select_array(names, options.vector_column, path, "array")]
        if array.dtype.kind not in "fiub":
            raise DataError(
                f"array {array.name!r} of {path} holds {array.dtype}, not numbers. Name an array "
                "of numbers with --vector-column."
            )
        values = _hdf5_values(path, array)
    return read_matrix(values, path, options)


def _hdf5_values(path: Path, array: Any) -> NDArray[Any]:
    """The values of an h5py array, mapped where they lie in one piece in the native order."""
    offset = array.id.get_offset()  # None unless they lie in one piece
    if offset is None or not array.size or array.dtype.byteorder == ">":
        return np.asarray(array[()])
    return np.memmap(path, array.dtype, mode="r", offset=offset, shape=array.shape)


# --------------------------------------------------------------------------------------
# .fvecs and .bvecs


def read_fvecs(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the rows of an .fvecs file, memory-mapped.

    Raises DataError if the size of the file or a dimension in it does not fit.
    """
    return _read_vecs(path, options, np.dtype("<f4"))


def read_bvecs(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the rows of a .bvecs file, as float32. Raises DataError as `read_fvecs`."""
    return _read_vecs(path, options, np.dtype(np.uint8))


def _read_vecs(path: Path, options: ReadOptions, dtype: np.dtype[np.generic]) -> Dataset:
    with reading(path):
        size = path.stat().st_size
        dims = int(np.fromfile(path, "<i4", 1)[0]) if size >= _DIMS_BYTES else 0
        row_bytes = _DIMS_BYTES + dims * dtype.itemsize
        if dims < 1 or size % row_bytes:
            raise DataError(
                f"{path} is no whole {path.suffix} file: {size:,} bytes do not divide into rows "
                f"of {dims} dimensions. Write it again."
            )
        raw = np.memmap(path, np.uint8, mode="r").reshape(-1, row_bytes)  # (n, row_bytes)
    row_dims = np.ascontiguousarray(raw[:, :_DIMS_BYTES]).view("<i4")[:, 0]  # (n,)
    others = np.flatnonzero(row_dims != dims)
    if len(others):
        raise DataError(
            f"{path} has {row_dims[others[0]]} dimensions in row {others[0]} and {dims} in row 0. "
            "Give vectors of one dimension."
        )
    return read_matrix(raw[:, _DIMS_BYTES:].view(dtype), path, options)
