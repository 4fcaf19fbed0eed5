"""Errors of libraries about bad files become one line: what, got, do.

Readers are written as if files were good; `reading(path)` surrounds the code that opens a
file. Only errors that a file can cause are caught: a mistake in the code still shows itself.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from curate.errors import DataError, one_line


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raise DataError instead of the errors of opening, decoding or parsing `path`."""
    try:
        yield
    except PermissionError as error:
        raise DataError(
            f"cannot read {path}: permission denied. Change its permissions."
        ) from error
    except FileNotFoundError as error:
        raise DataError(f"cannot read {path}: no such file. Check the path.") from error
    except UnicodeDecodeError as error:
        raise _not_utf8(path, f"byte {error.start}") from error
    except (OSError, EOFError, csv.Error, pa.ArrowException) as error:
        if isinstance(error, pa.ArrowException) and "utf8" in str(error).lower():
            raise _not_utf8(path, one_line(error)) from error
        raise DataError(
            f"cannot read {path}: {one_line(error)}. Check that it is a whole, valid "
            f"{path.suffix or 'data'} file."
        ) from error


def _not_utf8(path: Path, where: str) -> DataError:
    return DataError(f"{path} is not UTF-8 text ({where}). Save it as UTF-8 and run again.")
