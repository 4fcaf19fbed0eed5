"""What of long lists and long texts stands in report.json itself; all of it is in side files.

So report.json stays below 10 MB whatever the data hold: lists are cut by number and by
size, texts and labels by length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import accumulate, islice
from typing import TypeVar

from curate.core import Dataset

Entry = TypeVar("Entry")

TEXT_LENGTH = 280
LABEL_LENGTH = 100
BYTES = 3_000_000  # of one list


def first(
    entries: Iterable[Entry], most: int, size: Callable[[Entry], int], limit: int = BYTES
) -> list[Entry]:
    """The first entries, at most `most` and at most `limit` bytes of them as `size` counts."""
    kept = list(islice(entries, most))
    sums = accumulate(map(size, kept))
    return kept[: next((place for place, sum_ in enumerate(sums) if sum_ > limit), most)]


def bytes_of(*texts: str | None) -> int:
    """Bytes that texts take in a file."""
    return sum(len(text.encode(errors="replace")) for text in texts if text)


def text_of(dataset: Dataset, row: int) -> str | None:
    """The beginning of an item's text, None where items are not text."""
    return dataset.items[row][:TEXT_LENGTH] if dataset.kind == "text" else None


def labels(dataset: Dataset) -> list[str | None]:
    """The label of each item as text, long ones cut in the middle; None where there is none."""
    if dataset.label_column is None:
        return [None] * len(dataset)
    return [
        None if value is None else cut(str(value))
        for value in dataset.metadata.column(dataset.label_column).to_pylist()
    ]


def cut(label: str) -> str:
    """A label, shortened in the middle where it is very long."""
    half = LABEL_LENGTH // 2
    return label if len(label) <= LABEL_LENGTH else f"{label[: half - 1]}…{label[-half:]}"
