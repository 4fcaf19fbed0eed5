"""The bytes of a file as one buffer: mapped as they lie, or decompressed if the name says .gz.

A mapped file is read as it is used and holds no memory of its own. One that is compressed
is held in memory as a whole.
"""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import cast

import pyarrow as pa

from curate.data.trouble import one_line
from curate.errors import DataError


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
