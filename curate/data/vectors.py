"""Vectors from columns of a table.

Idea: one column of lists, or one column a dimension; both become an (n, d) array.
Rows that cannot be measured (no vector, another dimension, NaN, infinity) are set
aside with the reason. Zero vectors are not looked for: they matter under cosine only.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from curate.core import Dataset, FloatArray
from curate.data.assemble import Bad, assemble, name_of
from curate.data.columns import ids_of, label_of, metadata_of
from curate.data.floats import not_finite
from curate.data.matrix import from_lists, from_numbers, is_vector
from curate.data.options import ReadOptions
from curate.data.tables import LIGHTLY_IDS
from curate.errors import DataError


def read_vectors(table: pa.Table, columns: list[str], path: Path, options: ReadOptions) -> Dataset:
    """The data set of the vectors in `columns`: one of lists, or d of numbers.

    The other columns are its metadata. A LightlyOne embedding file, known by its column
    `filenames` beside `embedding_0`, has its ids there.
    Raises RequestError if a named column does not exist, DataError if a column holds
    other things than numbers, or if no vector is left.
    """
    id_column = options.id_column
    if id_column is None and LIGHTLY_IDS in table.column_names and columns[0] == "embedding_0":
        id_column = LIGHTLY_IDS
    label = label_of(table.column_names, options, path)
    matrix, bad = _matrix(table, columns, path)
    return assemble(
        "vectors",
        ids_of(table, id_column, path),
        matrix,
        bad,
        name=name_of(path),
        metadata=metadata_of(table, (*columns, id_column), label),
        label_column=label,
    )


def _matrix(table: pa.Table, columns: list[str], path: Path) -> tuple[FloatArray, Bad]:
    if len(columns) == 1 and is_vector(table.schema.field(columns[0]).type):
        matrix, bad = from_lists(table.column(columns[0]))
        return matrix, not_finite(matrix) | bad
    try:
        matrix = from_numbers(table, columns)
    except TypeError as error:
        name = str(error)
        raise DataError(
            f"column {name!r} of {path} holds {table.schema.field(name).type}, not numbers. "
            "Correct its values, or name the vectors with --vector-column."
        ) from error
    return matrix, not_finite(matrix, columns)
