"""FiftyOne: the labels file of a FiftyOneImageClassificationDataset.

`Dataset.from_dir(dataset_type=…, data_path=FOLDER, labels_path=FILE)` finds the pictures in the
folder of the data and loads those that the file names, the picks. FiftyOne names a picture by
its path without the suffix, so two pictures that differ only in the suffix are refused. The
format has no field for rank and distance; `selected.csv` has them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import IO

from curate.core.values import Dataset, Selection
from curate.errors import RequestError
from curate.export.records import labels


def check(ids: Sequence[str]) -> None:
    """Raise RequestError if FiftyOne would give two of the pictures one name."""
    seen: dict[str, str] = {}
    for id_ in ids:
        twin = seen.setdefault(_without_suffix(id_), id_)
        if twin != id_:
            raise RequestError(
                f"--export fiftyone cannot tell {twin} and {id_} apart, because it leaves out "
                "the suffix. Rename one of them, or load coco with FiftyOne."
            )


def write(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    """The label of each pick by its path without suffix, null if it has none."""
    names = (_without_suffix(dataset.ids[row]) for row in selection.picks)
    label_of = dict(zip(names, labels(dataset, selection), strict=True))
    stream.write(json.dumps({"labels": label_of}, ensure_ascii=False).encode())


def _without_suffix(id_: str) -> str:
    return id_.removesuffix(PurePosixPath(id_).suffix)
