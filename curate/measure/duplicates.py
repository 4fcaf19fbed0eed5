"""Items with exactly the same content, in groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from curate.core import FloatArray


def duplicate_groups(keys: Sequence[bytes]) -> list[list[int]]:
    """Rows of equal `keys` (content hashes), groups of two and more, in order of first row."""
    rows: dict[bytes, list[int]] = {}
    for row, key in enumerate(keys):
        rows.setdefault(key, []).append(row)
    return [group for group in rows.values() if len(group) > 1]


def count_distinct(vectors: FloatArray) -> int:
    """How many different rows (n, d) `vectors` has; −0.0 equals 0.0."""
    block = 1 << 16  # rows at a time: vectors may be memory-mapped
    seen: set[bytes] = set()
    for start in range(0, len(vectors), block):
        rows = np.ascontiguousarray(vectors[start : start + block] + vectors.dtype.type(0))
        seen.update(map(bytes, rows.view(np.uint8).reshape(len(rows), -1)))
    return len(seen)
