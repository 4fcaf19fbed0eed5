"""Objects in pictures: boxes from a COCO file or a table, and the crop of each usable box.

Reading a file of boxes decides nothing: a box is four numbers, a label, and the name of its
picture. Then each box is checked by itself, so that one bad line costs one box. A box is cut
off at the edge of its picture. One without area there, one that names a picture which is not
in the data, and one without numbers are set aside. Polygons and masks of COCO are ignored.
O(boxes), and the header of each picture with boxes.

The id of an object is that of its picture, `#`, and its number among the boxes of the picture
in the file, from 0. A crop has bytes like every picture, so any embedder takes it. They are
made when they are needed: the picture is decoded upright, cut, and written as a bitmap in
memory. Each thread keeps the picture decoded last, because the objects of one picture follow
each other, so it is decoded once for all of them.
"""

from __future__ import annotations

import hashlib
import json
import math
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from curate.core.pictures import (
    UnreadablePictureError,
    bombs_are_errors,
    load_picture,
    upright_size,
)
from curate.core.values import Dataset, IntArray, Picture, Problem, Problems
from curate.data.assemble import assemble
from curate.data.fingerprint import KEY_BYTES
from curate.data.options import ReadOptions
from curate.data.read_errors import reading
from curate.data.tables import LOADERS, load_table
from curate.errors import DataError, did_you_mean

if TYPE_CHECKING:
    from PIL import Image

COLUMNS = ("image", "x", "y", "width", "height")  # of a table, with optional label and score
WHOLE = 1 << 20  # pixels; no picture has a longer side, so none is reduced
_last_decoded = threading.local()  # the picture that this thread decoded last


# Boxes as they are written.


@dataclass(frozen=True)
class BoundingBox:
    """One object in the picture called `image`.

    x, y           upper left corner, in pixels of the upright picture
    width, height  in pixels
    problem        why the box cannot be used, as far as the file tells
    """

    image: str
    x: float
    y: float
    width: float
    height: float
    label: str | None = None
    score: float | None = None
    problem: Problem | None = None


def read_boxes(path: Path) -> list[BoundingBox]:
    """All boxes in the file `path`, in its order.

    Raises DataError for a file that cannot be read or does not hold boxes in a known form.
    """
    suffix = path.suffix.lower()
    if not path.is_file():
        raise DataError(f"no file of boxes at {path}. Check --objects.")
    if suffix == ".json":
        boxes = _from_coco(path)
    elif suffix in LOADERS:
        boxes = _from_table(path)
    else:
        raise DataError(
            f"cannot read boxes from {path}: give a COCO file (.json) or a table "
            f"({', '.join(LOADERS)}) with the columns {', '.join(COLUMNS)}."
        )
    if not boxes:
        raise DataError(f"{path} has no boxes. Give a file with at least one, or no --objects.")
    return boxes


def _from_coco(path: Path) -> list[BoundingBox]:
    """The annotations of a COCO file; regions of crowds are not usable."""
    with reading(path):
        try:
            whole = json.loads(path.read_text(encoding="utf-8-sig"))
            names = {image["id"]: str(image["file_name"]) for image in whole["images"]}
            labels = {label["id"]: str(label["name"]) for label in whole.get("categories") or ()}
            return [_from_annotation(entry, names, labels) for entry in whole["annotations"]]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            missing = f"no {error}" if isinstance(error, KeyError) else str(error)
            raise DataError(
                f"{path} is not a COCO file: {' '.join(missing.split())}. It needs images with id "
                "and file_name, and annotations with image_id and bbox."
            ) from None


def _from_annotation(
    entry: Mapping[str, Any], names: Mapping[Any, str], labels: Mapping[Any, str]
) -> BoundingBox:
    image = names.get(entry["image_id"])
    category = entry.get("category_id")
    label = labels.get(category, None if category is None else str(category))
    if image is None:
        known = f"image_id {entry['image_id']}"
        return BoundingBox(
            known, 0, 0, 0, 0, label, problem=Problem("unknown image", f"{known} is not in images")
        )
    if entry.get("iscrowd"):
        return BoundingBox(
            image, 0, 0, 0, 0, label, problem=Problem("crowd", "a region of many objects")
        )
    return _box(image, entry.get("bbox") or (), label, entry.get("score"))


def _from_table(path: Path) -> list[BoundingBox]:
    table = load_table(path, ReadOptions())
    for name in COLUMNS:
        if name not in table.column_names:
            raise DataError(
                f"{path} has no column {name!r}, which a table of boxes needs: "
                f"{did_you_mean(name, table.column_names)}"
            )
    optional = [name for name in ("label", "score") if name in table.column_names]
    rows = table.select([*COLUMNS, *optional]).to_pylist()
    return [
        _box(
            str(row["image"]),
            [row[name] for name in COLUMNS[1:]],
            None if row.get("label") is None else str(row["label"]),
            row.get("score"),
        )
        for row in rows
    ]


def _box(image: str, numbers: Any, label: str | None, score: Any) -> BoundingBox:
    """A box with these values; one without four numbers is unusable, a bad score becomes None."""
    try:
        x, y, width, height = (float(number) for number in numbers)
    except (TypeError, ValueError):
        return BoundingBox(
            image, 0, 0, 0, 0, label, problem=Problem("no box", f"it says {str(numbers)[:80]}")
        )
    return BoundingBox(image, x, y, width, height, label, _or_none(float, score))


def _or_none(convert: Callable[[Any], float], value: Any) -> float | None:
    try:
        return None if value is None or value == "" else convert(value)
    except (TypeError, ValueError):
        return None


# Crops.


@dataclass(frozen=True)
class Crop:
    """The pixels of `picture` in [left, right) × [top, bottom), which lie inside it."""

    picture: Picture
    left: int
    top: int
    right: int
    bottom: int
    suffix: str = ".bmp"

    @property
    def name(self) -> str:
        """The name of the picture, and the box."""
        return f"{self.picture.name}[{self.left},{self.top},{self.right},{self.bottom}]"

    def open(self, _mode: Literal["rb"], /) -> BytesIO:
        """The crop as a bitmap. Raises OSError where the picture cannot be decoded."""
        stream = BytesIO()
        box = (self.left, self.top, self.right, self.bottom)
        _decoded(self.picture).crop(box).save(stream, "BMP")
        stream.seek(0)
        return stream

    def key(self, picture_key: bytes) -> bytes:
        """16 bytes for its content, from the key of the picture and the box."""
        box = f"{self.left},{self.top},{self.right},{self.bottom}".encode()
        return hashlib.blake2b(picture_key + b"crop" + box, digest_size=KEY_BYTES).digest()


def _decoded(picture: Picture) -> Image.Image:
    last: tuple[Picture, Image.Image] | None = getattr(_last_decoded, "last", None)
    if last is None or last[0] is not picture:
        try:
            _last_decoded.last = last = (picture, load_picture(picture, WHOLE))
        except UnreadablePictureError as error:
            raise OSError(str(error)) from None
    return last[1]


# Usable boxes.


@dataclass(frozen=True)
class UsableBoxes:
    """m usable boxes.

    dataset  their crops, ids and metadata (image, x, y, width, height, label, score), and the
             boxes that were set aside
    owners   (m,) int64 row of the picture of each
    keys     m content hashes
    """

    dataset: Dataset
    owners: IntArray
    keys: list[bytes]


def usable_boxes(path: Path, dataset: Dataset, keys: Sequence[bytes]) -> UsableBoxes:
    """The boxes in the file `path` that lie in a picture of `dataset`, whose items have `keys`.

    Raises DataError if the file cannot be read or no box can be used.
    """
    with bombs_are_errors():
        objects, owners = _usable(read_boxes(path), dataset, path)
    pairs = zip(objects.items, owners.tolist(), strict=True)
    return UsableBoxes(objects, owners, [crop.key(keys[owner]) for crop, owner in pairs])


def _usable(boxes: Sequence[BoundingBox], dataset: Dataset, path: Path) -> tuple[Dataset, IntArray]:
    """The data set of the crops, and the (m,) rows of their pictures."""
    names = _PictureNames(dataset)
    sizes: dict[int, tuple[int, int] | Problem] = {}
    problems: Problems = {}
    rows: list[int] = []
    crops: list[Crop | None] = []
    for place, box in enumerate(boxes):
        row = names.find(box.image)
        crop: Crop | None = None
        problem = box.problem
        if problem is None and row is None:
            problem = names.why_not(box.image)
        if problem is None and row is not None:
            if row not in sizes:
                sizes[row] = _size(dataset.items[row])
            crop, problem = _cut(box, dataset.items[row], sizes[row])
        if problem is not None:
            problems[place] = problem
        rows.append(-1 if row is None else row)
        crops.append(crop)
    numbers: Counter[str] = Counter()
    ids: list[str | None] = []
    for box, row in zip(boxes, rows, strict=True):
        name = box.image if row < 0 else dataset.ids[row]
        ids.append(f"{name}#{numbers[name]}")
        numbers[name] += 1
    objects = assemble(
        "images",
        ids,
        crops,
        problems,
        name=path.name,
        metadata=_metadata(boxes, [None if row < 0 else dataset.ids[row] for row in rows]),
        label_column="label",
    )
    return objects, np.array(rows, dtype=np.int64)[objects.source_positions()]


def _size(picture: Picture) -> tuple[int, int] | Problem:
    try:
        return upright_size(picture)
    except UnreadablePictureError as error:
        return error.problem


def _cut(
    box: BoundingBox, picture: Picture, size: tuple[int, int] | Problem
) -> tuple[Crop | None, Problem | None]:
    """The crop of a box, or why there is none."""
    if isinstance(size, Problem):
        return None, size
    numbers = (box.x, box.y, box.width, box.height)
    written = " ".join(f"{number:g}" for number in numbers)
    if not all(math.isfinite(number) for number in numbers):
        return None, Problem("not finite", written)
    if box.width <= 0 or box.height <= 0:
        return None, Problem("empty box", written)
    left, top = max(0, math.floor(box.x)), max(0, math.floor(box.y))
    right = min(size[0], math.ceil(box.x + box.width))
    bottom = min(size[1], math.ceil(box.y + box.height))
    if left >= right or top >= bottom:
        return None, Problem("outside the picture", f"{written} in {size[0]} × {size[1]} pixels")
    return Crop(picture, left, top, right, bottom), None


def _metadata(boxes: Sequence[BoundingBox], images: Sequence[str | None]) -> pa.Table:
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


class _PictureNames:
    """Finds pictures by the names in a file of boxes.

    A name is an id, or, because the file may have been written for a folder above or below the
    data, a name that ends with the id or that the id ends with, if there is exactly one.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._rows = {id_: row for row, id_ in enumerate(dataset.ids)}
        self._aside = {item.id for item in dataset.set_aside}
        self._files: dict[str, list[str]] = {}
        for id_ in (*dataset.ids, *self._aside):
            self._files.setdefault(id_.rsplit("/", 1)[-1], []).append(id_)

    def find(self, name: str) -> int | None:
        """The row of the picture called `name`; None if missing or ambiguous."""
        ids = self._matches(name)
        return self._rows.get(ids[0]) if len(ids) == 1 else None

    def why_not(self, name: str) -> Problem:
        """Why `find` returns None."""
        ids = self._matches(name)
        if not ids:
            return Problem("unknown image", f"no picture is called {name}")
        if len(ids) > 1:
            return Problem("ambiguous image", f"{name} may be {ids[0]} or {ids[1]}")
        return Problem("image set aside", ids[0])

    def _matches(self, name: str) -> list[str]:
        if name in self._rows or name in self._aside:
            return [name]
        same = self._files.get(name.rsplit("/", 1)[-1], [])
        return [id_ for id_ in same if id_.endswith(f"/{name}") or name.endswith(f"/{id_}")]
