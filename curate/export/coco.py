"""COCO: the images of the selection, ready for annotations.

An image has an id of its own, 1 for the pick of rank 1, the path below the data's folder and its
upright size. The label of a picture is no box, so there are no annotations and no categories.
"""

from __future__ import annotations

import json
from typing import IO

from curate.core import Dataset, Selection
from curate.export.pictures import upright_sizes


def write(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    """Images in the order in which they were picked."""
    sizes = upright_sizes(dataset, selection)
    images = [
        {"id": rank, "file_name": dataset.ids[row], "width": width, "height": height}
        for rank, (row, (width, height)) in enumerate(zip(selection.picks, sizes, strict=True), 1)
    ]
    whole = {
        "info": {"description": f"{len(images)} of {len(dataset)} images of {dataset.name}"},
        "licenses": [],
        "images": images,
        "annotations": [],
        "categories": [],
    }
    stream.write(json.dumps(whole, ensure_ascii=False).encode())
