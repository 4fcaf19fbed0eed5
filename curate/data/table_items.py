"""A table becomes images, texts or vectors: which of these, and from which columns.

The options decide; without them the types of the columns do, but only if they leave one
answer. Otherwise the caller must name a column, because a wrong guess would cost a whole run.
O(number of columns) for the decision.

Texts are held in memory as Python strings, as embedders take them. Vectors are one column of
lists, or one column a dimension; rows that cannot be measured (no vector, another dimension,
NaN, infinity) are set aside. Zero vectors are not: they matter under cosine only.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from curate.core.values import Dataset, FloatArray, Problems
from curate.data.assemble import assemble, format_of, name_of
from curate.data.columns import (
    folded_names,
    ids_of,
    is_text,
    label_of,
    metadata_of,
    numbered_columns,
    require,
    strings,
)
from curate.data.numeric_columns import (
    from_lists,
    from_numbers,
    is_number,
    is_vector,
    not_finite,
    read_numeric,
)
from curate.data.options import ReadOptions, flag
from curate.data.stored_embeddings import stored_embeddings
from curate.data.table_pictures import holds_pictures, names_images, read_cells
from curate.data.tables import LIGHTLY_IDS, LOADERS, TEXT_NAMES, TYPED, load_table
from curate.data.text_lines import blank_texts
from curate.errors import DataError, RequestError

EMBEDDING = "embedding"  # prefix of vector columns, one a dimension
# Options that name the columns of the items; at most one is given.
_ITEMS = ("text_column", "vector_column", "image_column", "columns")
# Numbers that count rows rather than measure them.
_COUNTERS = ("id", LIGHTLY_IDS, "__index_level_0__")


def read_table(path: Path, options: ReadOptions) -> Dataset:
    """The data set in a table file.

    Raises DataError if the file cannot be read; RequestError as `items_of`.
    """
    suffix = format_of(path, LOADERS)
    _check(options, f"a {suffix} file")
    stored = stored_embeddings(path) if suffix == ".parquet" else None
    if stored is None or any(getattr(options, name) is not None for name in _ITEMS):
        return items_of(load_table(path, options), path, options, typed=suffix in TYPED)
    dataset = items_of(load_table(path, options), path, stored.fill(options), typed=True)
    return replace(dataset, metric=stored.metric)


def items_of(table: pa.Table, path: Path, options: ReadOptions, *, typed: bool) -> Dataset:
    """The data set in a table that was found at `path`, a file or a folder.

    typed  whether its format says the types of its columns
    Raises RequestError if a named column does not exist, or if the columns do not say by
    themselves which of them are the items.
    """
    _check(options, "a table")
    for option in ("id_column", "label_column", "text_column", "image_column"):
        name = getattr(options, option)
        if name is not None:
            require(table.column_names, name, option, path)
    if options.columns is not None:
        return read_numeric(table, path, options)
    if options.text_column is not None:
        return read_text(table, options.text_column, path, options)
    if options.image_column is not None:
        return read_cells(table, options.image_column, path, options)
    if options.vector_column is not None:
        columns = _named_vectors(table, options.vector_column, path)
        return read_vectors(table, columns, path, options)
    return _by_types(table, path, options, typed=typed)


def _check(options: ReadOptions, what: str) -> None:
    options.allow_only(("id_column", "label_column", "scale", *_ITEMS), what)
    given = [name for name in _ITEMS if getattr(options, name) is not None]
    if len(given) > 1:
        first, second = given[:2]
        raise RequestError(
            f"{flag(first)} {getattr(options, first)!r} and {flag(second)} "
            f"{getattr(options, second)!r} are both given. Name only the column of the items."
        )
    if options.scale is not None and options.columns is None:
        raise RequestError(
            f"--scale {options.scale} scales the columns that --columns names. Pass --columns."
        )


def _by_types(table: pa.Table, path: Path, options: ReadOptions, *, typed: bool) -> Dataset:
    names = _free(table, options)
    kinds = {name: table.schema.field(name).type for name in names}
    embedding = numbered_columns(names, EMBEDDING)
    lists = [[name] for name in names if is_vector(kinds[name])]
    vectors = [*lists, *([embedding] if embedding else [])]
    pictures = [name for name in names if holds_pictures(kinds[name])]
    if len(vectors) + len(pictures) == 1:
        if pictures:
            return read_cells(table, pictures[0], path, options)
        return read_vectors(table, vectors[0], path, options)
    if not vectors and not pictures:
        texts = [name for name in names if name.lower() in TEXT_NAMES and is_text(kinds[name])]
        images = [name for name in names if names_images(table.column(name))]
        if len(texts) + len(images) == 1:
            if images:
                return read_cells(table, images[0], path, options)
            return read_text(table, texts[0], path, options)
        if not texts and not images and typed:
            # Not in a .csv: a file without a header would lose its first row unnoticed.
            numbers = _all_numbers(table, names)
            if numbers:
                return read_vectors(table, numbers, path, options)
    raise RequestError(
        f"cannot tell which column of {path.name} holds the items; there are: "
        f"{', '.join(folded_names(table.column_names))}. Pass --text-column, --image-column, "
        "--vector-column or --columns."
    )


def _free(table: pa.Table, options: ReadOptions) -> list[str]:
    """The columns that are not named as id or label."""
    named = (options.id_column, options.label_column)
    return [name for name in table.column_names if name not in named]


def _all_numbers(table: pa.Table, names: list[str]) -> list[str]:
    """The columns without row counters and default labels, if all of them are numbers."""
    values = [name for name in names if name not in (*_COUNTERS, "label", "labels")]
    every = all(is_number(table.schema.field(name).type) for name in values)
    return values if every else []


def _named_vectors(table: pa.Table, name: str, path: Path) -> list[str]:
    """The columns that --vector-column names: one of lists or numbers, or all with that prefix."""
    if name in table.column_names:
        kind = table.schema.field(name).type
        if not (is_vector(kind) or is_number(kind)):
            raise RequestError(
                f"column {name!r} of {path.name} cannot be --vector-column: it holds {kind}. "
                "Name a column of number lists."
            )
        return [name]
    columns = numbered_columns(table.column_names, name)
    if not columns:
        require(table.column_names, name, "vector_column", path)
    return columns


def read_text(table: pa.Table, column: str, path: Path, options: ReadOptions) -> Dataset:
    """The data set of the texts in `column`; the other columns are its metadata.

    Raises RequestError if a named column does not exist or has the wrong type, DataError if no
    text is left.
    """
    texts = strings(table, column, "text_column", path)
    label = label_of(table.column_names, options, path)
    return assemble(
        "text",
        ids_of(table, options.id_column, path),
        texts,
        blank_texts(texts),
        name=name_of(path),
        metadata=metadata_of(table, (column, options.id_column), label),
        label_column=label,
    )


def read_vectors(table: pa.Table, columns: list[str], path: Path, options: ReadOptions) -> Dataset:
    """The data set of the vectors in `columns`: one of lists, or d of numbers.

    The other columns are its metadata. In an embedding file of LightlyOne, which has the
    columns `filenames` and `embedding_0`, the ids are `filenames`.
    Raises RequestError if a named column does not exist, DataError if a column does not hold
    numbers, or if no vector is left.
    """
    id_column = options.id_column
    if id_column is None and LIGHTLY_IDS in table.column_names and columns[0] == "embedding_0":
        id_column = LIGHTLY_IDS
    label = label_of(table.column_names, options, path)
    matrix, problems = _matrix(table, columns, path)
    return assemble(
        "vectors",
        ids_of(table, id_column, path),
        matrix,
        problems,
        name=name_of(path),
        metadata=metadata_of(table, (*columns, id_column), label),
        label_column=label,
    )


def _matrix(table: pa.Table, columns: list[str], path: Path) -> tuple[FloatArray, Problems]:
    if len(columns) == 1 and is_vector(table.schema.field(columns[0]).type):
        matrix, problems = from_lists(table.column(columns[0]))
        return matrix, not_finite(matrix) | problems
    try:
        matrix = from_numbers(table, columns)
    except TypeError as error:
        name = str(error)
        raise DataError(
            f"column {name!r} of {path} holds {table.schema.field(name).type}, not numbers. "
            "Correct its values, or name the vectors with --vector-column."
        ) from error
    return matrix, not_finite(matrix, columns)
