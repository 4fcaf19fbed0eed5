"""Labels as codes: text is told apart as text, so no number is ever rounded on the way.

A label cast to float32 makes 16777216 and 16777217 one class; a code cannot.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curate.core.values import IntArray


@dataclass(frozen=True)
class Labels:
    """The classes of n items.

    codes  (n,) int64 place of each item's class in `names`, -1 where it has none
    names  the classes as text, in order of first appearance
    """

    codes: IntArray
    names: list[str]

    def sizes(self) -> IntArray:
        """(c,) items of each class."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.names))

    def of(self, rows: IntArray) -> Labels:
        """The labels of some rows, without classes that none of them has."""
        return encode([None if c < 0 else self.names[c] for c in self.codes[rows].tolist()])


def encode(values: Sequence[Any]) -> Labels:
    """Codes of n values; None, NaN and empty text are no label."""
    places: dict[str, int] = {}
    codes = np.full(len(values), -1, dtype=np.int64)
    for row, value in enumerate(values):
        if value is None or (isinstance(value, float) and math.isnan(value)):
            continue
        name = str(value)
        if name.strip():
            codes[row] = places.setdefault(name, len(places))
    return Labels(codes, list(places))
