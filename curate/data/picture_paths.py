"""Pictures with paths, in a folder, an archive or a list: ids and labels.

The path relative to the source is the id, its first folder is the label. O(n); no picture is
opened.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from curate.core.values import Dataset, Picture, Problems
from curate.data.assemble import assemble
from curate.data.columns import require
from curate.data.options import ReadOptions


def picture_dataset(
    names: Sequence[str],
    pictures: Sequence[Picture],
    problems: Problems,
    options: ReadOptions,
    name: str,
    source: Path,
    below: str = "",
    *,
    labels: Sequence[str | None] | None = None,
    columns: Mapping[str, pa.Array] | None = None,
) -> Dataset:
    """The data set of n `pictures` with n POSIX paths as `names`, which become the ids.

    below    folder of all pictures, as `a/b/`; it is not a label
    labels   n labels instead of the first folders
    columns  further metadata, n values each
    The column `label` is the first folder of each path below `below`, null if there is none;
    there is no such column if all usable pictures lack a label.
    Raises RequestError for a label column other than `label`.
    """
    if labels is None:
        paths = [path.removeprefix(below).split("/") for path in names]
        labels = [path[0] if len(path) > 1 else None for path in paths]
    columns = dict(columns or {})
    labelled = any(label and row not in problems for row, label in enumerate(labels))
    if labelled:
        columns["label"] = pa.array(labels, pa.string())
    if options.label_column is not None:
        require(list(columns), options.label_column, "label_column", source)
    return assemble(
        "images",
        list(names),
        pictures,
        problems,
        name=name,
        metadata=pa.table(columns),
        label_column="label" if labelled else None,
    )


def common_folder(names: Sequence[str]) -> str:
    """The folders that all `names` have in common, as `a/b/`; empty if there are none."""
    folders = [name.split("/")[:-1] for name in names]
    common = folders[0] if folders else []
    for parts in folders:
        while parts[: len(common)] != common:
            common = common[:-1]
    return "/".join(common) + "/" if common else ""


def readable(name: str) -> str:
    """A file name as valid Unicode, for JSON: to the system a name is bytes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
