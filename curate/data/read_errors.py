"""Turns what libraries raise over bad files into one line: what, got, do.

Idea: readers are written as if files were good; `reading(path)` stands around
each file that is opened. Only errors that a file can cause are caught: a mistake
in the code still shows itself.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from curate.errors import DataError

LONGEST_REASON = 160  # characters: a parser's message may quote a whole row


def one_line(error: BaseException) -> str:
    """The message of a foreign error on one line, cut where it gets long."""
    text = " ".join(str(error).split()) or type(error).__name__
    short = text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "…"
    return short.rstrip(".")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raises DataError in place of what opening, decoding or parsing `path` may raise."""
    try:
        yield
    except PermissionError as error:
        raise DataError(
            f"cannot read {path}: permission denied. Give yourself the right to read it."
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
