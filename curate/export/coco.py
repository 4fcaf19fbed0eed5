"""COCO: the images of the selection, and the boxes in them if there are any.

The id of an image is its rank, from 1; its name is the path below the folder of the data, its
size that of the upright picture. Boxes are written as they were read. Their labels are the
categories, from 1 in alphabetical order; a box without a label is an `object`. Labels of
pictures are not written: without boxes there are no annotations and no categories.
"""

from __future__ import annotations

import json
from typing import IO

from curate.core.values import Dataset, Selection
from curate.export.records import PictureObjects, upright_sizes

UNNAMED = "object"


def write(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    """Images in the order of selection."""
    _write(stream, dataset, selection, [], [])


def write_with_objects(
    stream: IO[bytes], dataset: Dataset, selection: Selection, objects: PictureObjects
) -> None:
    """Images in the order of selection, and the boxes in them in the order of their file."""
    rank = {row: place for place, row in enumerate(selection.picks.tolist(), 1)}
    boxes = [
        (rank[owner], box)
        for owner, box in zip(
            objects.owners.tolist(), objects.dataset.metadata.to_pylist(), strict=True
        )
        if owner in rank
    ]
    names = sorted({box["label"] or UNNAMED for _, box in boxes})
    categories = [{"id": place, "name": name} for place, name in enumerate(names, 1)]
    annotations: list[dict[str, object]] = []
    for image, box in boxes:
        x, y, width, height = (box[name] for name in ("x", "y", "width", "height"))
        annotation: dict[str, object] = {
            "id": len(annotations) + 1,
            "image_id": image,
            "category_id": names.index(box["label"] or UNNAMED) + 1,
            "bbox": [x, y, width, height],
            "area": width * height,
            "iscrowd": 0,
        }
        if box["score"] is not None:
            annotation["score"] = box["score"]
        annotations.append(annotation)
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
