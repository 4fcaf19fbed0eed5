"""Text files: one line an item, its number the id.

Idea: lines are counted as an editor counts them, from 0 and with the blank ones, so
that an id leads back to its place. The file is held in memory. Only line feeds and
carriage returns end a line: Unicode's own separators are part of a text.
"""

from __future__ import annotations

from pathlib import Path

from curate.core import Dataset
from curate.data.assemble import Bad, assemble, name_of, row_numbers
from curate.data.content import content_of, text_of
from curate.data.options import ReadOptions
from curate.data.trouble import reading


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


def empty(texts: list[str] | list[str | None]) -> Bad:
    """The rows that have nothing to embed."""
    return {
        row: ("empty text", f"row {row}")
        for row, text in enumerate(texts)
        if text is None or not text.strip()
    }
