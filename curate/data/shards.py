"""Data in numbered files of one format: `part-000.npy`, `part-001.npy`, … as one data set.

Idea: files whose names differ in numbers only are parts of one thing, in the order of those
numbers; rows are counted through all of them. Tables are put together without a copy,
arrays with one, into memory, for rows of several files cannot be mapped as one matrix.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from curate.core import Dataset, FloatArray
from curate.data.arrays import mapped_npy, read_matrix
from curate.data.assemble import format_of
from curate.data.join import stacked
from curate.data.kinds import items_of
from curate.data.options import ReadOptions
from curate.data.tables import LOADERS, TYPED, load_table
from curate.errors import DataError

_NUMBER = re.compile(r"\d+")


def are_shards(files: Sequence[Path]) -> bool:
    """True for several files of one folder and format whose names differ in numbers only."""
    names = {(path.parent, _NUMBER.sub("0", path.name)) for path in files}
    suffix = format_of(files[0], LOADERS) if files else ""
    parts = 1 < len(set(files)) == len(files) and len(names) == 1
    return parts and (suffix in LOADERS or suffix == ".npy")


def in_order(files: Sequence[Path]) -> list[Path]:
    """Files in the order of the numbers in their names: 2 before 10."""
    return sorted(files, key=lambda path: ([int(n) for n in _NUMBER.findall(path.name)], path.name))


def read_shards(files: Sequence[Path], options: ReadOptions) -> Dataset:
    """The data set of `files`, for which `are_shards` holds.

    Raises DataError if one cannot be read or has another dimension, and as the readers of
    their format.
    """
    files, folder = in_order(files), files[0].parent
    suffix = format_of(files[0], LOADERS)
    if suffix in LOADERS:
        table = stacked([load_table(path, options) for path in files])
        return items_of(table, folder, options, typed=suffix in TYPED)
    return read_matrix(one_matrix(files), folder, options)


def one_matrix(files: Sequence[Path]) -> FloatArray:
    """The (n, d) rows of several .npy files, in memory.

    Raises DataError if one is damaged or has another dimension or type than numbers.
    """
    parts = [mapped_npy(path) for path in files]
    for path, part in zip(files, parts, strict=True):
        if part.ndim != 2 or part.shape[1] != parts[0].shape[-1]:
            raise DataError(
                f"{path} has shape {part.shape}, {files[0].name} has {parts[0].shape}. "
                "Give arrays of shape (items, dimensions), all of one dimension."
            )
    whole: FloatArray = np.concatenate(parts)
    return whole
