"""Objects in pictures, as formats write them."""

from __future__ import annotations

from dataclasses import dataclass

from curate.core import Dataset, IntArray


@dataclass(frozen=True)
class Parts:
    """m objects.

    dataset  their ids, and metadata with x, y, width, height, label and score
    owners   (m,) int64 the row of the picture that each is in
    """

    dataset: Dataset
    owners: IntArray
