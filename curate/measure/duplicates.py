"""Items with exactly the same content, in groups."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from curate.core import FloatArray
from curate.mapped import row_blocks


def duplicate_groups(keys: Sequence[bytes]) -> list[list[int]]:
    """Rows of equal `keys` (content hashes), groups of two and more, in order of first row."""
    rows: dict[bytes, list[int]] = {}
    for row, key in enumerate(keys):
        rows.setdefault(key, []).append(row)
    return [group for group in rows.values() if len(group) > 1]


def count_distinct(vectors: FloatArray) -> int:
    """How many different rows (n, d) `vectors` has; −0.0 equals 0.0.

    Rows are told apart by 16 bytes of their hash, so that 4 GB of them need no 4 GB here.
    """
    seen: set[bytes] = set()
    for rows in row_blocks(vectors):
        signless = np.ascontiguousarray(vectors[rows] + vectors.dtype.type(0))
        seen.update(blake2b(row, digest_size=16).digest() for row in signless)
    return len(seen)
