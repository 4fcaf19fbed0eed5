"""Label Studio: a list of tasks, to import with the button of that name or through its API.

A picture is named as its local storage serves it, `/data/local-files/?d=` and the path below
LOCAL_FILES_DOCUMENT_ROOT, which must be the folder above the folder of the data, because
Label Studio requires the root to be above the storage. A text is in the task itself. The labelling
configuration refers to them as `$image` and `$text`.
"""

from __future__ import annotations

import json
from typing import IO
from urllib.parse import quote

from curate.core.values import Dataset, Selection
from curate.export.records import name_with_folder, plain, records

SERVED = "/data/local-files/?d="


def write(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    """One task a pick, in order, with its rank, id, distance and metadata beside the item."""
    tasks = []
    for row, record in zip(selection.picks, records(dataset, selection), strict=True):
        name, value = _item(dataset, int(row))
        beside = {
            (key if key != name else f"metadata.{key}"): entry for key, entry in record.items()
        }
        tasks.append({"data": {name: value} | beside})
    stream.write(json.dumps(plain(tasks), ensure_ascii=False, default=str).encode())


def _item(dataset: Dataset, row: int) -> tuple[str, str]:
    """The variable of the labelling configuration, and its value."""
    if dataset.kind == "text":
        return "text", dataset.items[row]
    return "image", SERVED + quote(name_with_folder(dataset.items[row], dataset.ids[row]))
