"""Side files of reports about spaces."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any


def table_bytes(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """A csv table of columns of equal length."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()
