"""Docstrings for the page on the Python API: an extension of griffe, which reads them.

Docstrings of curate list parameters and fields in two columns, which suits a terminal. A web page
has no columns, so each such paragraph becomes a list.
"""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension

ENTRY = re.compile(r"^(\w+)  +(\S.*)$")


def as_list(docstring: str) -> str:
    """Paragraphs of lines `name   meaning` become lists, as a web page has no columns.

    A line that begins with spaces goes on with the entry above it.
    """
    return "\n\n".join(map(_as_list, docstring.split("\n\n")))


def _as_list(paragraph: str) -> str:
    lines = paragraph.splitlines()
    if not lines or not ENTRY.match(lines[0]):
        return paragraph
    entries: list[str] = []
    for line in lines:
        if match := ENTRY.match(line):
            entries.append(f"- `{match[1]}`: {match[2]}")
        elif line.startswith("  ") and entries:
            entries[-1] += f" {line.strip()}"
        else:
            return paragraph
    return "\n".join(entries)


class AlignedLists(Extension):
    """Docstrings of curate list their parameters in aligned columns: griffe gets lists."""

    def on_object(self, *, obj: Any, **_: Any) -> None:
        """Called for each object that griffe has read."""
        if obj.docstring is not None:
            obj.docstring.value = as_list(obj.docstring.value)
