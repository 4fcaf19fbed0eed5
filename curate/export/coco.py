"""COCO: the images of the selection, and the boxes in them if there are any.

An image has an id of its own, 1 for the pick of rank 1, the path below the data's folder and its
upright size. Boxes are those that were read, as they were written; their labels are the
categories, from 1, in alphabetical order; a box without a label is an `object`. The label of a
picture is no box: without boxes there are no annotations and no categories.
"""

from __future__ import annotations

import json
from typing import IO

from curate.core.values import Dataset, Selection
from curate.export.records import PictureObjects, upright_sizes

UNNAMED = "object"


def write(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    """Images in the order in which they were picked."""
    _write(stream, dataset, selection, [], [])


def write_with_parts(
    stream: IO[bytes], dataset: Dataset, selection: Selection, parts: PictureObjects
) -> None:
    """Images in the order in which they were picked, and the boxes in them in file order."""
    rank = {row: place for place, row in enumerate(selection.picks.tolist(), 1)}
    boxes = [
        (rank[owner], box)
        for owner, box in zip(
            parts.owners.tolist(), parts.dataset.metadata.to_pylist(), strict=True
        )
        if owner in rank
    ]
    names = sorted({box["label"] or UNNAMED for _, box in boxes})
    categories = [{"id": place, "name": name} for place, name in enumerate(names, 1)]
    annotations: list[dict[str, object]] = []
    for image, box in boxes:
        x, y, width, height = (box[name] for name in ("x", "y", "width", "height"))
        one: dict[str, object] = {
            "id": len(annotations) + 1,
            "image_id": image,
            "category_id": names.index(box["label"] or UNNAMED) + 1,
            "bbox": [x, y, width, height],
            "area": width * height,
            "iscrowd": 0,
        }
        annotations.append(one if box["score"] is None else one | {"score": box["score"]})
    _write(stream, dataset, selection, annotations, categories)


def _write(
    stream: IO[bytes],
    dataset: Dataset,
    selection: Selection,
    annotations: list[dict[str, object]],
    categories: list[dict[str, object]],
) -> None:
    sizes = upright_sizes(dataset, selection)
    images = [
        {"id": rank, "file_name": dataset.ids[row], "width": width, "height": height}
        for rank, (row, (width, height)) in enumerate(zip(selection.picks, sizes, strict=True), 1)
    ]
    whole = {
        "info": {"description": f"{len(images)} of {len(dataset)} images of {dataset.name}"},
        "licenses": [],
        "images": images,
        "annotations": annotations,
        "categories": categories,
    }
    stream.write(json.dumps(whole, ensure_ascii=False).encode())
