"""Vectors from HDF5 files (.h5, .hdf5), which the package h5py reads.

Idea: an array that lies in the file as it would in memory is memory-mapped; one that is
compressed or in chunks is read into memory.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.core import Dataset
from curate.data.arrays import one_of, read_matrix
from curate.data.options import ReadOptions
from curate.data.trouble import reading
from curate.errors import DataError, MissingExtraError


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
