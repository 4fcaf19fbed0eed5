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

from curate.core import Dataset
from curate.data.arrays import one_of, read_matrix
from curate.data.embedded import metric_of
from curate.data.options import ReadOptions
from curate.data.trouble import reading
from curate.errors import DataError

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
