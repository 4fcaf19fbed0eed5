"""Boxes in a data set of pictures: which can be used, and the crop of each.

A box is cut off at the edge of its picture. One that has no area there, that names a picture
which is not in the data, or that holds no numbers is set aside with its reason. An object's id is
that of its picture, `#` and its place among the picture's boxes in the file, from 0.
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

from curate.core.pictures import UnreadablePictureError, bombs_are_errors, load_picture
from curate.core.values import Dataset, IntArray, Picture
from curate.data.assemble import assemble
from curate.data.fingerprint import KEY_BYTES
from curate.data.options import ReadOptions
from curate.data.read_errors import reading
from curate.data.tables import LOADERS, load_table
from curate.errors import DataError, did_you_mean
from curate.export.records import upright_size

if TYPE_CHECKING:
    from PIL import Image

# --------------------------------------------------------------------------------------
# Boxes of objects, from a COCO file or a table, as they are written.
#
# Idea: reading decides nothing. A box is four numbers, a label, and the name that the file gives
# its picture; whether the picture is there and the box lies in it is found out later, box by
# box, so that one bad line costs one box. Polygons and masks of COCO are passed over. O(boxes).


COLUMNS = ("image", "x", "y", "width", "height")  # of a table; label and score are optional


@dataclass(frozen=True)
class BoundingBox:
    """One object: `x`, `y` of its upper left corner, `width`, `height`, in pixels of the upright
    picture called `image`. `trouble` is why it cannot be used, as (reason, detail)."""

    image: str
    x: float
    y: float
    width: float
    height: float
    label: str | None = None
    score: float | None = None
    trouble: tuple[str, str] | None = None


def read_boxes(path: Path) -> list[BoundingBox]:
    """Every box in `path`, in its order.

    Raises DataError for a file that cannot be read or holds no boxes of a known form.
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
    """Annotations with a `bbox`; those of crowds are no objects."""
    with reading(path):
        try:
            whole = json.loads(path.read_text(encoding="utf-8-sig"))
            names = {one["id"]: str(one["file_name"]) for one in whole["images"]}
            labels = {one["id"]: str(one["name"]) for one in whole.get("categories") or ()}
            return [_annotation(one, names, labels) for one in whole["annotations"]]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            missing = f"no {error}" if isinstance(error, KeyError) else str(error)
            raise DataError(
                f"{path} is no COCO file: {' '.join(missing.split())}. It needs images with id and "
                "file_name, and annotations with image_id and bbox."
            ) from None


def _annotation(
    one: Mapping[str, Any], names: Mapping[Any, str], labels: Mapping[Any, str]
) -> BoundingBox:
    image = names.get(one["image_id"])
    category = one.get("category_id")
    label = labels.get(category, None if category is None else str(category))
    if image is None:
        known = f"image_id {one['image_id']}"
        return BoundingBox(
            known, 0, 0, 0, 0, label, trouble=("unknown image", f"{known} is not in images")
        )
    if one.get("iscrowd"):
        return BoundingBox(image, 0, 0, 0, 0, label, trouble=("crowd", "a region of many objects"))
    return _box(image, one.get("bbox") or (), label, one.get("score"))


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
    """A box of what was written; what is no number makes it unusable, a bad score is none."""
    try:
        x, y, width, height = (float(number) for number in numbers)
    except (TypeError, ValueError):
        return BoundingBox(
            image, 0, 0, 0, 0, label, trouble=("no box", f"it says {str(numbers)[:80]}")
        )
    return BoundingBox(image, x, y, width, height, label, _or_none(float, score))


def _or_none(convert: Callable[[Any], float], value: Any) -> float | None:
    try:
        return None if value is None or value == "" else convert(value)
    except (TypeError, ValueError):
        return None


# --------------------------------------------------------------------------------------
# The part of a picture inside a box, as a picture of its own.
#
# Idea: a `Crop` has bytes like every picture, so any embedder takes it. They are made when they
# are asked for: the picture is decoded upright, cut, and written as a plain bitmap in memory. The
# picture decoded last is kept, for the objects of one picture follow each other. Cost: decoding a
# picture once for all its objects that are embedded together.


WHOLE = 1 << 20  # no picture has a longer side, so none is made smaller
_kept = threading.local()  # the picture that this thread decoded last


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
        """The name of the picture and the box."""
        return f"{self.picture.name}[{self.left},{self.top},{self.right},{self.bottom}]"

    def open(self, _mode: Literal["rb"], /) -> BytesIO:
        """The crop as a bitmap. Raises OSError where the picture cannot be decoded."""
        stream = BytesIO()
        box = (self.left, self.top, self.right, self.bottom)
        _decoded(self.picture).crop(box).save(stream, "BMP")
        stream.seek(0)
        return stream

    def key(self, picture_key: bytes) -> bytes:
        """16 bytes for its content: that of the picture, and the box."""
        box = f"{self.left},{self.top},{self.right},{self.bottom}".encode()
        return hashlib.blake2b(picture_key + b"crop" + box, digest_size=KEY_BYTES).digest()


def _decoded(picture: Picture) -> Image.Image:
    last: tuple[Picture, Image.Image] | None = getattr(_kept, "last", None)
    if last is None or last[0] is not picture:
        try:
            _kept.last = last = (picture, load_picture(picture, WHOLE))
        except UnreadablePictureError as error:
            raise OSError(str(error)) from None
    return last[1]


# --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UsableBoxes:
    """m usable boxes.

    dataset  their crops, ids, metadata (image, x, y, width, height, label, score), and the boxes
             that were set aside
    owners   (m,) int64 the row of the picture that each is in
    keys     m content hashes
    """

    dataset: Dataset
    owners: IntArray
    keys: list[bytes]


def usable_boxes(path: Path, dataset: Dataset, keys: Sequence[bytes]) -> UsableBoxes:
    """The boxes in the file `path` that lie in a picture of `dataset`, with `keys` (n).

    Raises DataError if the file cannot be read or no box can be used.
    """
    with bombs_are_errors():  # and odd headers no matter
        found, owners = _usable(read_boxes(path), dataset, path)
    pairs = zip(found.items, owners.tolist(), strict=True)
    return UsableBoxes(found, owners, [crop.key(keys[owner]) for crop, owner in pairs])


def _usable(boxes: Sequence[BoundingBox], dataset: Dataset, path: Path) -> tuple[Dataset, IntArray]:
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
    box: BoundingBox, picture: Picture, size: tuple[int, int]
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
