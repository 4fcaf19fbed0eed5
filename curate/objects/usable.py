"""Boxes in a data set of pictures: which can be used, and the crop of each.

A box is cut off at the edge of its picture. One that has no area there, that names a picture
which is not in the data, or that holds no numbers is set aside with its reason. An object's id is
that of its picture, `#` and its place among the picture's boxes in the file, from 0.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from curate.core import Dataset, IntArray, Picture
from curate.data.assemble import assemble
from curate.embed.pictures import bombs_are_errors
from curate.export.pictures import upright_size
from curate.objects.boxes import Box, read_boxes
from curate.objects.crops import Crop


@dataclass(frozen=True)
class Boxes:
    """m usable boxes.

    dataset  their crops, ids, metadata (image, x, y, width, height, label, score), and the boxes
             that were set aside
    owners   (m,) int64 the row of the picture that each is in
    keys     m content hashes
    """

    dataset: Dataset
    owners: IntArray
    keys: list[bytes]


def usable_boxes(path: Path, dataset: Dataset, keys: Sequence[bytes]) -> Boxes:
    """The boxes in the file `path` that lie in a picture of `dataset`, with `keys` (n).

    Raises DataError if the file cannot be read or no box can be used.
    """
    with bombs_are_errors():  # and odd headers no matter
        found, owners = _usable(read_boxes(path), dataset, path)
    pairs = zip(found.items, owners.tolist(), strict=True)
    return Boxes(found, owners, [crop.key(keys[owner]) for crop, owner in pairs])


def _usable(boxes: Sequence[Box], dataset: Dataset, path: Path) -> tuple[Dataset, IntArray]:
    names = _Names(dataset)
    sizes: dict[int, tuple[int, int]] = {}
    bad: dict[int, tuple[str, str]] = {}
    rows: list[int] = []
    crops: list[Crop | None] = []
    for place, box in enumerate(boxes):
        row = names.find(box.image)
        crop: Crop | None = None
        trouble = box.trouble
        if trouble is None and row is None:
            trouble = names.why_not(box.image)
        if trouble is None and row is not None:
            if row not in sizes:
                sizes[row] = upright_size(dataset.items[row])
            crop, trouble = _cut(box, dataset.items[row], sizes[row])
        if trouble is not None:
            bad[place] = trouble
        rows.append(-1 if row is None else row)
        crops.append(crop)
    numbers: Counter[str] = Counter()
    ids: list[str | None] = []
    for box, row in zip(boxes, rows, strict=True):
        name = box.image if row < 0 else dataset.ids[row]
        ids.append(f"{name}#{numbers[name]}")
        numbers[name] += 1
    found = assemble(
        "images",
        ids,
        crops,
        bad,
        name=path.name,
        metadata=_metadata(boxes, [None if row < 0 else dataset.ids[row] for row in rows]),
        label_column="label",
    )
    return found, np.array(rows, dtype=np.int64)[found.source_positions()]


def _cut(
    box: Box, picture: Picture, size: tuple[int, int]
) -> tuple[Crop | None, tuple[str, str] | None]:
    """The crop of a box, or why there is none."""
    numbers = (box.x, box.y, box.width, box.height)
    said = " ".join(f"{number:g}" for number in numbers)
    if not all(math.isfinite(number) for number in numbers):
        return None, ("not finite", said)
    if box.width <= 0 or box.height <= 0:
        return None, ("empty box", said)
    left, top = max(0, math.floor(box.x)), max(0, math.floor(box.y))
    right = min(size[0], math.ceil(box.x + box.width))
    bottom = min(size[1], math.ceil(box.y + box.height))
    if left >= right or top >= bottom:
        return None, ("outside the picture", f"{said} in {size[0]} × {size[1]} pixels")
    return Crop(picture, left, top, right, bottom), None


def _metadata(boxes: Sequence[Box], images: Sequence[str | None]) -> pa.Table:
    return pa.table(
        {
            "image": pa.array(images, pa.string()),
            **{
                name: pa.array([getattr(box, name) for box in boxes], pa.float64())
                for name in ("x", "y", "width", "height")
            },
            "label": pa.array([box.label for box in boxes], pa.string()),
            "score": pa.array([box.score for box in boxes], pa.float64()),
        }
    )


class _Names:
    """Finds the picture that a file of boxes means.

    By its id; or, because the file may have been written above or below the data's folder, by
    the one id that ends with the name, or that the name ends with.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._rows = {id_: row for row, id_ in enumerate(dataset.ids)}
        self._aside = {one.id for one in dataset.set_aside}
        self._files: dict[str, list[str]] = {}
        for id_ in (*dataset.ids, *self._aside):
            self._files.setdefault(id_.rsplit("/", 1)[-1], []).append(id_)

    def find(self, name: str) -> int | None:
        """The row of the picture called `name`, None if there is none or not one alone."""
        ids = self._meant(name)
        return self._rows.get(ids[0]) if len(ids) == 1 else None

    def why_not(self, name: str) -> tuple[str, str]:
        """Why `find` has none: reason and detail."""
        ids = self._meant(name)
        if not ids:
            return "unknown image", f"no picture is called {name}"
        if len(ids) > 1:
            return "ambiguous image", f"{name} may be {ids[0]} or {ids[1]}"
        return "image set aside", ids[0]

    def _meant(self, name: str) -> list[str]:
        if name in self._rows or name in self._aside:
            return [name]
        same = self._files.get(name.rsplit("/", 1)[-1], [])
        return [id_ for id_ in same if id_.endswith(f"/{name}") or name.endswith(f"/{id_}")]
