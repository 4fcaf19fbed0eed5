"""Table files (.csv, .tsv, .jsonl, .parquet, .arrow, .feather) as one pyarrow table each.

pyarrow parses the files. Columns that may be ids or texts are read as strings, so that `007`
stays `007`. Types are guessed from the first megabyte, and if a later row disagrees, again
from the whole file. The table is held in memory, except for Arrow files, which are mapped.

Hugging Face `datasets` stores the features of a table as JSON, in the schema of Arrow and
Parquet files (key `huggingface`) or in `dataset_info.json`. The numbers of a `ClassLabel`
become its names here, without that package.

Not here: which column means what (table_kinds.py).
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.feather as feather
import pyarrow.json as pajson
import pyarrow.parquet as papq
import pyarrow.types as pt

from curate.data.assemble import format_of
from curate.data.columns import is_text
from curate.data.numeric_columns import column_patterns, matches_patterns
from curate.data.options import ReadOptions
from curate.data.read_errors import reading
from curate.data.text_lines import content_of, text_of
from curate.errors import DataError

# A string column with one of these names holds the texts.
TEXT_NAMES = ("text", "content", "sentence", "document", "caption", "title", "body", "prompt")
# The id column of LightlyOne's embedding files.
LIGHTLY_IDS = "filenames"

_FIRST_BLOCK = 1 << 20  # bytes from which types are guessed
_TAIL = 1 << 10  # bytes at the end of a file, of which the last few may be blank
_ARROW = b"ARROW1"  # first bytes of an Arrow file with an index
_OLD_FEATHER = b"FEA1"  # first bytes of the first version of Feather
_LARGEST_BLOCK = (1 << 31) - 1  # pyarrow's own limit

Loader = Callable[[Path, ReadOptions], pa.Table]


def load_table(path: Path, options: ReadOptions) -> pa.Table:
    """The table in a file, with columns of plain types.

    Raises DataError if the file cannot be read or parsed, is not UTF-8, has no rows, or
    has two columns of one name.
    """
    with reading(path):
        return checked(LOADERS[format_of(path, LOADERS)](path, options), path)


def checked(table: pa.Table, path: Path, features: Any = None) -> pa.Table:
    """`table`, found at `path`, with columns as plain types and names for class numbers.

    features  those of a `dataset_info.json`, if they are not in the schema
    Raises DataError as `load_table`.
    """
    with reading(path):
        names = table.column_names
        twice = [name for name, times in Counter(names).items() if times > 1]
        if twice:
            raise DataError(
                f"{path} has two columns named {twice[0]!r}. Rename one of them, or add the "
                "header line if the file has none."
            )
        if not table.num_rows:
            raise DataError(f"{path} has no rows. Give a file with at least one.")
        columns = [_plain(column) for column in with_label_names(table, features).columns]
        for column in columns:
            if is_text(column.type):
                column.validate(full=True)  # or invalid UTF-8 would be found much later
        return pa.table(columns, names=names)


def with_label_names(table: pa.Table, features: Any = None) -> pa.Table:
    """`table` with names in its ClassLabel columns, null for a number without a name. O(n) each.

    features  those of a `dataset_info.json`; by default those in the schema of the table
    """
    features = features or _stored(table)
    if not isinstance(features, dict):
        return table
    for name, feature in features.items():
        if name not in table.column_names or not isinstance(feature, dict):
            continue
        names = feature.get("names")
        column = table.column(name)
        if feature.get("_type") != "ClassLabel" or not names or not pt.is_integer(column.type):
            continue
        has_name = pc.and_(pc.greater_equal(column, 0), pc.less(column, len(names)))
        numbers = pc.if_else(has_name, column, pa.scalar(None, column.type))
        texts = pc.take(pa.array([str(label) for label in names]), numbers)
        table = table.set_column(table.column_names.index(name), name, texts)
    return table


def _stored(table: pa.Table) -> Any:
    """The features in the schema of a table; None if there are none."""
    stored = (table.schema.metadata or {}).get(b"huggingface")
    try:
        info = json.loads(stored)["info"] if stored else {}
        return info.get("features")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def load_csv(path: Path, options: ReadOptions) -> pa.Table:
    """A CSV file with a header; quoted values may contain line ends.

    All columns except vectors stay as they are written: `00123` is not a number.
    """
    content = content_of(path)
    with text_of(content) as file:
        first = next((line for line in file if line.strip()), "")
        delimiter = _delimiter(path, first)
        file.seek(0)
        header = next((row for row in csv.reader(file, delimiter=delimiter) if row), [])
    numbers = re.compile(rf"(embedding|{re.escape(options.vector_column or 'embedding')})(_\d+)?")
    chosen = column_patterns(options.columns or "")
    types = {
        name: pa.string()
        for name in header
        if not (numbers.fullmatch(name.strip()) or matches_patterns(name.strip(), chosen))
    }

    def parse(block: int) -> pa.Table:
        return pacsv.read_csv(
            pa.BufferReader(content),
            read_options=pacsv.ReadOptions(block_size=block),
            parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(column_types=types),
        )

    table = _widening(parse, content)
    for name, kind in zip(table.column_names, table.schema.types, strict=True):
        if pt.is_binary(kind):
            raise DataError(
                f"{path} is not UTF-8 text (column {name!r}). Save it as UTF-8 and run again."
            )
    _refuse_open_quote(table, content, path)
    return _without_padding(table)


def _delimiter(path: Path, header: str) -> str:
    """Tabs in a .tsv; in a .csv commas, or the other separator that the header line has."""
    if format_of(path, LOADERS).startswith(".tsv"):
        return "\t"
    others = [sign for sign in ";\t|" if sign in header]
    return others[0] if others and "," not in header else ","


def load_jsonl(path: Path, options: ReadOptions) -> pa.Table:
    """A file with one JSON object a line."""
    named = (options.id_column, options.text_column)
    as_written = frozenset(name for name in (*named, *TEXT_NAMES, LIGHTLY_IDS) if name)
    types: dict[str, pa.DataType] = {}
    content = content_of(path)

    def parse(block: int) -> pa.Table:
        return pajson.read_json(
            pa.BufferReader(content),
            read_options=pajson.ReadOptions(block_size=block),
            parse_options=pajson.ParseOptions(explicit_schema=pa.schema(types.items())),
        )

    table = _widening(parse, content)
    # pyarrow reads strings that look like dates as dates; ids and texts must stay strings.
    # Types are named only in that case, because a type for a missing column would create it.
    dates = [
        field.name
        for field in table.schema
        if field.name in as_written and pt.is_timestamp(field.type)
    ]
    if dates:
        types.update(dict.fromkeys(dates, pa.string()))
        table = _widening(parse, content)
    return table


def load_parquet(path: Path, options: ReadOptions) -> pa.Table:  # noqa: ARG001 (types are in the file)
    """A Parquet file, which stores its types."""
    with papq.ParquetFile(path) as file:
        return file.read()


def load_arrow(path: Path, options: ReadOptions) -> pa.Table:  # noqa: ARG001 (types are in the file)
    """An Arrow file, as a stream or with an index (Feather is one), mapped and not copied."""
    content = content_of(path)
    start = content.slice(0, min(len(_ARROW), len(content))).to_pybytes()
    if start[: len(_OLD_FEATHER)] == _OLD_FEATHER:
        return feather.read_table(path)
    opened = pa.ipc.open_file if start == _ARROW else pa.ipc.open_stream
    return opened(pa.BufferReader(content)).read_all()


LOADERS: dict[str, Loader] = {
    ".csv": load_csv,
    ".csv.gz": load_csv,
    ".tsv": load_csv,
    ".tsv.gz": load_csv,
    ".jsonl": load_jsonl,
    ".jsonl.gz": load_jsonl,
    ".parquet": load_parquet,
    ".arrow": load_arrow,
    ".feather": load_arrow,
}
TYPED = (".parquet", ".arrow", ".feather")  # formats that store the types of their columns


def _widening(parse: Callable[[int], pa.Table], content: pa.Buffer) -> pa.Table:
    """Parse with types guessed from the first block; if that fails, from the whole file."""
    size = content.size
    try:
        return parse(_FIRST_BLOCK)
    except pa.ArrowInvalid:
        if size <= _FIRST_BLOCK:
            raise
        return parse(min(size + 1, _LARGEST_BLOCK))


def _refuse_open_quote(table: pa.Table, content: pa.Buffer, path: Path) -> None:
    """Raise DataError if a quote is never closed: pyarrow puts all that follows into one cell.

    That cell is the last one of the last row. It contains a line end, and the file does not
    end with a quote, as it would if the cell were closed.
    """
    if not table.num_rows or not is_text(table.schema.types[-1]):
        return
    last = table.column(table.num_columns - 1)[-1].as_py() or ""
    if "\n" not in last and "\r" not in last:
        return
    tail = content.slice(max(0, content.size - _TAIL)).to_pybytes()
    if not tail.rstrip().endswith(b'"'):
        start = " ".join(last.split())[:40]
        raise DataError(
            f"cannot read {path}: a quote is opened before {start!r} and never closed. "
            "Close it, or double the quotes inside values."
        )


def _without_padding(table: pa.Table) -> pa.Table:
    """`a, b` read as `a,b`: if the header has spaces around its names, strings are trimmed too."""
    names = [name.strip() for name in table.column_names]
    if names == table.column_names:
        return table
    columns = [
        pc.utf8_trim_whitespace(column) if is_text(column.type) else column
        for column in table.columns
    ]
    return pa.table(columns, names=names)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column with the values of its dictionary or extension type."""
    if isinstance(column.type, pa.BaseExtensionType):
        storage = column.type.storage_type
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], type=storage)
    if pt.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    return column
