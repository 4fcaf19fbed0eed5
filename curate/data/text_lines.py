"""Text files: each line is an item, its number the id.

Blank lines are counted too, from 0, so that an id leads back to its line. Only line feeds and
carriage returns end a line: Unicode's other separators are part of a text. The lines are held
in memory. `content_of` and `text_of` give the bytes and the text of a file, for the readers
of tables too: mapped, or decompressed into memory if the name ends in .gz.
"""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import cast

import pyarrow as pa

from curate.core.values import Dataset, Problem, Problems
from curate.data.assemble import assemble, name_of, row_numbers
from curate.data.options import ReadOptions
from curate.data.read_errors import reading
from curate.errors import DataError, one_line


def content_of(path: Path) -> pa.Buffer:
    """The bytes of `path`, decompressed if its name ends in .gz.

    Raises DataError if they are not a whole .gz file, OSError if the file cannot be opened.
    """
    if path.suffix.lower() != ".gz":
        if not path.stat().st_size:
            return pa.py_buffer(b"")  # an empty file cannot be mapped
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
    """A buffer as UTF-8 text without its byte-order mark; line ends are not changed."""
    stream = cast(io.BytesIO, pa.BufferReader(content))  # it has the same methods
    return io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")


def read_lines(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the lines of a .txt file; blank lines are set aside as `empty text`.

    Raises DataError if the file cannot be read, is not UTF-8 or has no text.
    """
    options.allow_only((), "a .txt file, which has one text a line")
    lines = lines_of(path)
    return assemble("text", row_numbers(len(lines)), lines, blank_texts(lines), name=name_of(path))


def lines_of(path: Path) -> list[str]:
    """Lines of a UTF-8 file without their ends; a byte-order mark is dropped.

    Raises DataError if the file cannot be read or is not UTF-8.
    """
    with reading(path), text_of(content_of(path)) as file:
        lines = file.read().replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not lines[-1]:
        lines.pop()  # the empty text behind the last line end
    return lines


def blank_texts(texts: list[str] | list[str | None]) -> Problems:
    """The rows whose text is missing or blank."""
    return {
        row: Problem("empty text", f"row {row}")
        for row, text in enumerate(texts)
        if text is None or not text.strip()
    }
