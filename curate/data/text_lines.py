"""Text files: one line an item, its number the id.

Idea: lines are counted as an editor counts them, from 0 and with the blank ones, so
that an id leads back to its place. The file is held in memory. Only line feeds and
carriage returns end a line: Unicode's own separators are part of a text.
"""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import cast

import pyarrow as pa

from curate.core.values import Dataset
from curate.data.assemble import Problems, assemble, name_of, row_numbers
from curate.data.options import ReadOptions
from curate.data.read_errors import one_line, reading
from curate.errors import DataError

# --------------------------------------------------------------------------------------
# The bytes of a file as one buffer: mapped as they lie, or decompressed if the name says .gz.
#
# A mapped file is read as it is used and holds no memory of its own. One that is compressed
# is held in memory as a whole.


def content_of(path: Path) -> pa.Buffer:
    """The bytes of `path`, decompressed. Raises DataError if they cannot be; OSError as open."""
    if path.suffix.lower() != ".gz":
        if not path.stat().st_size:
            return pa.py_buffer(b"")  # nothing cannot be mapped
        with pa.memory_map(str(path)) as file:
            return file.read_buffer()
    with path.open("rb") as file:
        try:
            return pa.py_buffer(gzip.decompress(file.read()))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(
                f"cannot read {path}: {one_line(error)}. Check that it is a whole .gz file."
            ) from error


def text_of(content: pa.Buffer) -> io.TextIOWrapper:
    """A buffer as UTF-8 text, its line ends as they are and without a byte-order mark."""
    stream = cast(io.BytesIO, pa.BufferReader(content))  # it has the methods of one
    return io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")


# --------------------------------------------------------------------------------------


def read_lines(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the lines of a .txt file; blank lines are set aside as `empty text`.

    Raises DataError if the file cannot be read, is not UTF-8 or has no text.
    """
    options.allow_only((), "a .txt file, which has one text a line")
    lines = lines_of(path)
    return assemble("text", row_numbers(len(lines)), lines, empty(lines), name=name_of(path))


def lines_of(path: Path) -> list[str]:
    """Lines of a UTF-8 file without their ends; a byte-order mark is dropped.

    Raises DataError if the file cannot be read or is not UTF-8.
    """
    with reading(path), text_of(content_of(path)) as file:
        lines = file.read().replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not lines[-1]:
        lines.pop()  # what follows the last line end is no line
    return lines


def empty(texts: list[str] | list[str | None]) -> Problems:
    """The rows that have nothing to embed."""
    return {
        row: ("empty text", f"row {row}")
        for row, text in enumerate(texts)
        if text is None or not text.strip()
    }
