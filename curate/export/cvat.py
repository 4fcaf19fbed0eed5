"""CVAT: a dataset manifest, version 1.1, of the pictures on its file share or cloud storage.

Names are relative to the folder of the data, which must be the root of the share or bucket. A
task made from the manifest has only the picks, in their order (sorting method "predefined").
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import IO

from curate.core.values import Dataset, Selection
from curate.export.records import upright_sizes


def write(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    """Two lines of header, then a line a pick: name, extension, upright width and height."""
    lines: list[dict[str, object]] = [{"version": "1.1"}, {"type": "images"}]
    sizes = upright_sizes(dataset, selection)
    for row, (width, height) in zip(selection.picks, sizes, strict=True):
        id_ = dataset.ids[row]
        extension = PurePosixPath(id_).suffix
        name = id_.removesuffix(extension)
        lines.append({"name": name, "extension": extension, "width": width, "height": height})
    for line in lines:
        stream.write(json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode() + b"\n")
