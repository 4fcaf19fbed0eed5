"""The table of formats: what each tool reads, in which file, for which kinds of items.

A new one is a file with a function `write` and a line here.
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
    """How a selection goes to one tool.

    file   name of the side file
    what   what it is, as a phrase
    kinds  of items that it can say
    write  writes it to a stream
    check  raises RequestError where the ids (n,) of a data set do not fit
    write_with_parts  writes it with the objects in the pictures, where the format has them
    """

    file: str
    what: str
    kinds: tuple[Kind, ...]
    write: Writer
    check: Callable[[Sequence[str]], None] = lambda _: None
    write_with_parts: Callable[[IO[bytes], Dataset, Selection, PictureObjects], None] | None = None


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
        write_with_parts=coco.write_with_parts,
    ),
    "hf": Format(
        "hf.parquet", "the items for Hugging Face datasets", ("images", "text", "vectors"), hf.write
    ),
}


def known(names: Iterable[str]) -> None:
    """Raise RequestError for a name that is not in the table."""
    for name in names:
        if name not in FORMATS:
            raise RequestError(f"no export is called {name!r}: {did_you_mean(name, FORMATS)}")


def check_exports(names: Iterable[str], dataset: Dataset) -> None:
    """Raise RequestError, before the work is done, for an export that cannot say `dataset`."""
    for name in names:
        chosen = FORMATS[name]
        if dataset.kind not in chosen.kinds:
            fitting = [other for other, one in FORMATS.items() if dataset.kind in one.kinds]
            raise RequestError(
                f"--export {name} takes {' or '.join(chosen.kinds)}, the data are {dataset.kind}: "
                f"for {dataset.kind} there is {' and '.join(fitting)}."
            )
        chosen.check(dataset.ids)
