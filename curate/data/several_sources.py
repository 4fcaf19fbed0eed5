"""Several data sets become one: `curate select A B`, or data in numbered files.

The items of several sources follow each other in the order given, and the column `source`
names the source of each. Ids do not change if all are distinct; else the name of the source
is put in front of each. O(n); vectors are copied once, into memory.

Files of one folder and format whose names differ in numbers only (`part-000.npy`,
`part-001.npy`, …) are parts of one source, in the order of those numbers; row numbers count
through all of them. Tables are concatenated without a copy, arrays with one, because rows of
several files cannot be mapped as one matrix.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.core.values import Dataset, FloatArray, SetAside
from curate.data.arrays import mapped_npy, read_matrix
from curate.data.assemble import format_of
from curate.data.options import ReadOptions
from curate.data.table_items import items_of
from curate.data.tables import LOADERS, TYPED, load_table
from curate.errors import DataError

SOURCE = "source"  # name of the column; it is left out if a source has a column of that name
_NAMES_SHOWN = 2  # in the name of the joint data set
_NUMBER = re.compile(r"\d+")  # in the names of numbered files


def joined(datasets: Sequence[Dataset], sources: Sequence[str]) -> Dataset:
    """One data set of all items; `sources` are the paths of `datasets`, as the user wrote them.

    Raises DataError unless all are of one kind, and vectors of one dimension.
    """
    if len(datasets) == 1:
        return datasets[0]
    first = datasets[0]
    for data, source in zip(datasets, sources, strict=True):
        if data.kind != first.kind:
            raise DataError(
                f"{source} holds {data.kind}, {sources[0]} holds {first.kind}. "
                "Give sources of one kind."
            )
    names = _unique([data.name for data in datasets], sources)
    ids = [id_ for data in datasets for id_ in data.ids]
    prefixes = ["" for _ in names]
    if len(set(ids)) < len(ids):
        prefixes = [f"{name}/" for name in names]
        ids = [p + id_ for p, data in zip(prefixes, datasets, strict=True) for id_ in data.ids]
    label = next((data.label_column for data in datasets if data.label_column), None)
    shown = first.name if len(names) > _NAMES_SHOWN else " + ".join(names)
    return Dataset(
        kind=first.kind,
        ids=ids,
        items=_items(datasets, sources),
        metadata=_metadata(datasets, names),
        name=shown if len(names) <= _NAMES_SHOWN else f"{shown} and {len(names) - 1} more",
        label_column=label,
        set_aside=tuple(
            SetAside(prefix + item.id, item.reason, item.detail)
            for prefix, data in zip(prefixes, datasets, strict=True)
            for item in data.set_aside
        ),
        positions=_positions(datasets),
        metric=first.metric if len({data.metric for data in datasets}) == 1 else None,
    )


def _unique(names: Sequence[str], sources: Sequence[str]) -> list[str]:
    """The names of the data sets; of equal names, the paths, numbered if those are equal too."""
    times = Counter(names)
    long = [
        name if times[name] == 1 else Path(source).as_posix()
        for name, source in zip(names, sources, strict=True)
    ]
    again = Counter(long)
    return [name if again[name] == 1 else f"{name}#{at}" for at, name in enumerate(long, 1)]


def _items(datasets: Sequence[Dataset], sources: Sequence[str]) -> Sequence[Any] | FloatArray:
    if datasets[0].kind != "vectors":
        return [item for data in datasets for item in data.items]
    matrices = [np.asarray(data.items) for data in datasets]
    for matrix, source in zip(matrices, sources, strict=True):
        if matrix.shape[1] != matrices[0].shape[1]:
            raise DataError(
                f"{source} has {matrix.shape[1]} dimensions, {sources[0]} has "
                f"{matrices[0].shape[1]}. Give vectors of one space."
            )
    whole: FloatArray = np.concatenate(matrices)
    return whole


def _metadata(datasets: Sequence[Dataset], names: Sequence[str]) -> pa.Table:
    """All columns of all data sets; a column of different types becomes text."""
    tables = []
    for data, name in zip(datasets, names, strict=True):
        table = data.metadata
        if not any(SOURCE in other.metadata.column_names for other in datasets):
            column = pa.array([name] * len(data), pa.string())
            table = (
                table.append_column(SOURCE, column)
                if table.num_columns
                else pa.table({SOURCE: column})
            )
        tables.append(table)
    return stacked(tables)


def stacked(tables: Sequence[pa.Table]) -> pa.Table:
    """The rows of all tables: null in a column that a table lacks, text if the types differ."""
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException:
        kinds: dict[str, set[pa.DataType]] = {}
        for table in tables:
            for column in table.schema:
                kinds.setdefault(column.name, set()).add(column.type)
        mixed = {name for name, types in kinds.items() if len(types) > 1}
        return pa.concat_tables(
            [_as_text(table, mixed) for table in tables], promote_options="permissive"
        )


def _as_text(table: pa.Table, mixed: set[str]) -> pa.Table:
    return pa.table(
        [
            _text_of(column) if name in mixed else column
            for name, column in zip(table.column_names, table.columns, strict=True)
        ],
        names=table.column_names,
    )


def _text_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return pc.cast(column, pa.string())
    except pa.ArrowException:  # lists and structs
        texts = [None if value is None else str(value) for value in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])


def _positions(datasets: Sequence[Dataset]) -> Any:
    """Position of each item, counted through all sources, with the items set aside."""
    if not any(data.set_aside for data in datasets):
        return None
    starts = np.cumsum([0] + [len(data) + len(data.set_aside) for data in datasets[:-1]])
    return np.concatenate(
        [start + data.source_positions() for start, data in zip(starts, datasets, strict=True)]
    )


# Numbered files.


def are_shards(files: Sequence[Path]) -> bool:
    """Whether these are several files of one folder and format, named alike but for numbers."""
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
