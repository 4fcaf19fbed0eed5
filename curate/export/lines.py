"""Ids as lines of text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import IO


def write_lines(stream: IO[bytes], ids: Iterable[str]) -> None:
    """One id a line, UTF-8; line breaks inside an id are escaped as in JSON."""
    for id_ in ids:
        stream.write((_one_line(id_) + "\n").encode())


def _one_line(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)[1:-1] if len(name.splitlines()) > 1 else name
