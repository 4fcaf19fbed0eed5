"""Texts from a column of a table.

Idea: a row is an item; a null or blank text is set aside. The texts are held in
memory as Python strings, once, because embedders take them so.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from curate.core import Dataset
from curate.data.assemble import assemble, name_of
from curate.data.columns import ids_of, label_of, metadata_of, strings
from curate.data.lines import empty
from curate.data.options import ReadOptions


def read_text(table: pa.Table, column: str, path: Path, options: ReadOptions) -> Dataset:
    """The data set of the texts in `column`; the other columns are its metadata.

    Raises RequestError if a named column does not exist or cannot be what it is named
    for, DataError if no text is left.
    """
    texts = strings(table, column, "text_column", path)
    label = label_of(table.column_names, options, path)
    return assemble(
        "text",
        ids_of(table, options.id_column, path),
        texts,
        empty(texts),
        name=name_of(path),
        metadata=metadata_of(table, (column, options.id_column), label),
        label_column=label,
    )
