"""COCO files made of boxes, for tests."""

from __future__ import annotations

import json


def coco_of(boxes, names, **more):
    """The boxes as a COCO file, as text."""
    labels = sorted({box[5] for box in boxes})
    whole = {
        "images": [
            {"id": 100 + i, "file_name": name, "width": 80, "height": 60}
            for i, name in enumerate(names)
        ],
        "categories": [{"id": i, "name": label} for i, label in enumerate(labels)],
        "annotations": [
            {
                "id": i,
                "image_id": 100 + names.index(name),
                "category_id": labels.index(label),
                "bbox": [x, y, width, height],
                "segmentation": [[x, y, x + width, y, x + width, y + height]],
                "iscrowd": 0,
            }
            for i, (name, x, y, width, height, label) in enumerate(boxes)
        ],
    }
    return json.dumps(whole | more)
