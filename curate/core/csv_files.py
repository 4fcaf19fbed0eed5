"""Writing rows as CSV: UTF-8, a header line, line feeds, quotes only where they are needed.

Tables that are already pyarrow tables (embeddings, a row for each input item) are written
by `pyarrow.csv`, which is faster and quotes every string.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any


def write_csv(stream: IO[bytes], header: Iterable[str], rows: Iterable[Sequence[object]]) -> None:
    """Write `header` and `rows` to a binary stream, which stays open. None is an empty cell.

    For a file that appears only when it is whole, pass the stream of `write_beside`.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    text.detach()


def csv_bytes(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """The CSV file of `columns`, name -> values, all of one length."""
    stream = io.BytesIO()
    write_csv(stream, columns, zip(*columns.values(), strict=True))
    return stream.getvalue()
