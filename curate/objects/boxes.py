"""Boxes of objects, from a COCO file or a table, as they are written.

Idea: reading decides nothing. A box is four numbers, a label, and the name that the file gives
its picture; whether the picture is there and the box lies in it is found out later, box by
box, so that one bad line costs one box. Polygons and masks of COCO are passed over. O(boxes).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate.data.options import ReadOptions
from curate.data.tables import LOADERS, load_table
from curate.data.trouble import reading
from curate.errors import DataError, did_you_mean

COLUMNS = ("image", "x", "y", "width", "height")  # of a table; label and score are optional


@dataclass(frozen=True)
class Box:
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


def read_boxes(path: Path) -> list[Box]:
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


def _from_coco(path: Path) -> list[Box]:
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


def _annotation(one: Mapping[str, Any], names: Mapping[Any, str], labels: Mapping[Any, str]) -> Box:
    image = names.get(one["image_id"])
    category = one.get("category_id")
    label = labels.get(category, None if category is None else str(category))
    if image is None:
        known = f"image_id {one['image_id']}"
        return Box(known, 0, 0, 0, 0, label, trouble=("unknown image", f"{known} is not in images"))
    if one.get("iscrowd"):
        return Box(image, 0, 0, 0, 0, label, trouble=("crowd", "a region of many objects"))
    return _box(image, one.get("bbox") or (), label, one.get("score"))


def _from_table(path: Path) -> list[Box]:
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


def _box(image: str, numbers: Any, label: str | None, score: Any) -> Box:
    """A box of what was written; what is no number makes it unusable, a bad score is none."""
    try:
        x, y, width, height = (float(number) for number in numbers)
    except (TypeError, ValueError):
        return Box(image, 0, 0, 0, 0, label, trouble=("no box", f"it says {str(numbers)[:80]}"))
    return Box(image, x, y, width, height, label, _or_none(float, score))


def _or_none(convert: Callable[[Any], float], value: Any) -> float | None:
    try:
        return None if value is None or value == "" else convert(value)
    except (TypeError, ValueError):
        return None
