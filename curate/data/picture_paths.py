"""Pictures that have paths, whether in a folder, an archive or a list: ids and labels.

Idea: the path below what holds all pictures is the id, its first folder is the label.
O(n); no picture is opened.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from curate.core.values import Dataset, Picture
from curate.data.assemble import Problems, assemble
from curate.data.columns import require
from curate.data.options import ReadOptions


def picture_dataset(
    names: Sequence[str],
    pictures: Sequence[Picture],
    bad: Problems,
    options: ReadOptions,
    name: str,
    source: Path,
    below: str = "",
    *,
    labels: Sequence[str | None] | None = None,
    columns: Mapping[str, pa.Array] | None = None,
) -> Dataset:
    """The data set of n `pictures` with n POSIX paths as `names`, which become the ids.

    below    folder that all are in, which is no label
    labels   n labels in place of the first folders
    columns  more metadata, n values each
    Column `label` holds the first folder of each path below that, null where there is none;
    it is absent if there is none at all.
    Raises RequestError for a label column other than `label`.
    """
    if labels is None:
        paths = [path.removeprefix(below).split("/") for path in names]
        labels = [path[0] if len(path) > 1 else None for path in paths]
    columns = dict(columns or {})
    labelled = any(label and row not in bad for row, label in enumerate(labels))
    if labelled:
        columns["label"] = pa.array(labels, pa.string())
    if options.label_column is not None:
        require(list(columns), options.label_column, "label_column", source)
    return assemble(
        "images",
        list(names),
        pictures,
        bad,
        name=name,
        metadata=pa.table(columns),
        label_column="label" if labelled else None,
    )


def common_folder(names: Sequence[str]) -> str:
    """The folders that all `names` begin with, as `a/b/`, or nothing."""
    folders = [name.split("/")[:-1] for name in names]
    common = folders[0] if folders else []
    for parts in folders:
        while parts[: len(common)] != common:
            common = common[:-1]
    return "/".join(common) + "/" if common else ""


def readable(name: str) -> str:
    """A file name as valid Unicode: names are bytes to the system, ids go to JSON."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
