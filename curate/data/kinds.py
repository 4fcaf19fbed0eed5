"""A table file becomes texts or vectors: which of the two, and from which columns.

Idea: what the caller names decides; else the types of the columns do, and only if
they leave one answer. Otherwise the caller is asked: a wrong guess would cost a
whole run. O(number of columns).
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from curate.core import Dataset
from curate.data.columns import folded, is_text, numbered, require
from curate.data.matrix import is_number, is_vector
from curate.data.options import ReadOptions
from curate.data.tables import LIGHTLY_IDS, TEXT_NAMES, load_table
from curate.data.text import read_text
from curate.data.vectors import read_vectors
from curate.errors import RequestError

EMBEDDING = "embedding"  # prefix of vector columns, one a dimension
# Numbers that count rows rather than measure them.
_COUNTERS = ("id", LIGHTLY_IDS, "__index_level_0__")


def read_table(path: Path, options: ReadOptions) -> Dataset:
    """The data set in a .csv, .tsv, .jsonl or .parquet file.

    Raises DataError if the file cannot be read; RequestError if a named column does not
    exist, or if the columns do not say by themselves which of them are the items.
    """
    options.allow_only(
        ("id_column", "label_column", "text_column", "vector_column"), f"a {path.suffix} file"
    )
    if options.text_column is not None and options.vector_column is not None:
        raise RequestError(
            f"--text-column {options.text_column!r} and --vector-column "
            f"{options.vector_column!r} are both given. Name one: items are texts or vectors."
        )
    table = load_table(path, options)
    for option in ("id_column", "label_column", "text_column"):
        name = getattr(options, option)
        if name is not None:
            require(table.column_names, name, option, path)
    if options.text_column is not None:
        return read_text(table, options.text_column, path, options)
    if options.vector_column is not None:
        columns = _named_vectors(table, options.vector_column, path)
        return read_vectors(table, columns, path, options)
    return _by_types(table, path, options)


def _by_types(table: pa.Table, path: Path, options: ReadOptions) -> Dataset:
    names = _free(table, options)
    embedding = numbered(names, EMBEDDING)
    lists = [[name] for name in names if is_vector(table.schema.field(name).type)]
    vectors = [*lists, *([embedding] if embedding else [])]
    if len(vectors) == 1:
        return read_vectors(table, vectors[0], path, options)
    texts = [
        name
        for name in names
        if name.lower() in TEXT_NAMES and is_text(table.schema.field(name).type)
    ]
    if not vectors and len(texts) == 1:
        return read_text(table, texts[0], path, options)
    if not vectors and not texts and path.suffix.lower() == ".parquet":
        # Not in a .csv: there, a file without a header would lose its first row unseen.
        numbers = _all_numbers(table, names)
        if numbers:
            return read_vectors(table, numbers, path, options)
    raise RequestError(
        f"cannot tell which column of {path.name} holds the items; there are: "
        f"{', '.join(folded(table.column_names))}. Pass --text-column or --vector-column."
    )


def _free(table: pa.Table, options: ReadOptions) -> list[str]:
    """Columns that are not already spoken for as id or label."""
    taken = (options.id_column, options.label_column)
    return [name for name in table.column_names if name not in taken]


def _all_numbers(table: pa.Table, names: list[str]) -> list[str]:
    """The free columns if all are numbers, leaving out row counters and default labels."""
    values = [name for name in names if name not in (*_COUNTERS, "label", "labels")]
    every = all(is_number(table.schema.field(name).type) for name in values)
    return values if every else []


def _named_vectors(table: pa.Table, name: str, path: Path) -> list[str]:
    """The columns that --vector-column names: one, or all that it is the prefix of."""
    if name in table.column_names:
        kind = table.schema.field(name).type
        if not (is_vector(kind) or is_number(kind)):
            raise RequestError(
                f"column {name!r} of {path.name} cannot be --vector-column: it holds {kind}. "
                "Name a column of number lists."
            )
        return [name]
    columns = numbered(table.column_names, name)
    if not columns:
        require(table.column_names, name, "vector_column", path)
    return columns
