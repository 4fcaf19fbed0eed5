"""The table of formats: the file that each tool reads, and the kinds of items in it.

A new format is a file with a function `write`, and a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import IO, NamedTuple

from curate.core.values import Dataset, Kind, Selection
from curate.errors import RequestError, did_you_mean
from curate.export import coco, cvat, fiftyone, hf, labelstudio, lightly
from curate.export.records import PictureObjects

Writer = Callable[[IO[bytes], Dataset, Selection], None]


class Format(NamedTuple):
    """The file of a selection for one tool.

    file   name of the side file
    what   a phrase that describes it
    kinds  of items that it can hold
    write  writes it to a stream
    check  raises RequestError if the n ids of a data set do not fit the format
    write_with_objects  writes it with the objects in the pictures; None without such
    """

    file: str
    what: str
    kinds: tuple[Kind, ...]
    write: Writer
    check: Callable[[Sequence[str]], None] = lambda _: None
    write_with_objects: Callable[[IO[bytes], Dataset, Selection, PictureObjects], None] | None = (
        None
    )


IMAGES: tuple[Kind, ...] = ("images",)

FORMATS: dict[str, Format] = {
    "lightly": Format("lightly.txt", "file names for LightlyOne", IMAGES, lightly.write),
    "labelstudio": Format(
        "labelstudio.json", "tasks for Label Studio", ("images", "text"), labelstudio.write
    ),
    "cvat": Format("cvat_manifest.jsonl", "dataset manifest for CVAT", IMAGES, cvat.write),
    "fiftyone": Format(
        "fiftyone.json", "labels file for FiftyOne", IMAGES, fiftyone.write, fiftyone.check
    ),
    "coco": Format(
        "coco.json",
        "images, and boxes if there are any, as in COCO",
        IMAGES,
        coco.write,
        write_with_objects=coco.write_with_objects,
    ),
    "hf": Format(
        "hf.parquet", "the items for Hugging Face datasets", ("images", "text", "vectors"), hf.write
    ),
}


def check_export_names(names: Iterable[str]) -> None:
    """Raise RequestError for a name that is not in the table."""
    for name in names:
        if name not in FORMATS:
            raise RequestError(f"no export is called {name!r}: {did_you_mean(name, FORMATS)}")


def check_exports(names: Iterable[str], dataset: Dataset) -> None:
    """Raise RequestError for an export that cannot hold the items of `dataset`."""
    for name in names:
        format_ = FORMATS[name]
        if dataset.kind not in format_.kinds:
            fitting = [other for other, known in FORMATS.items() if dataset.kind in known.kinds]
            raise RequestError(
                f"--export {name} takes {' or '.join(format_.kinds)}, the data are {dataset.kind}: "
                f"for {dataset.kind} there is {' and '.join(fitting)}."
            )
        format_.check(dataset.ids)
