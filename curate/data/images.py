"""A folder of images: ids are relative POSIX paths, the first folder level is the label.

Idea: the tree is listed, never opened. O(number of entries); no pixel is read, so
a file that is no image inside is found by the embedder, which decodes it anyway.
No file metadata (size, dates) is computed. Hidden names and other formats are
passed over.
"""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path

import pyarrow as pa

from curate.core import Dataset
from curate.data.assemble import assemble, name_of
from curate.data.columns import require
from curate.data.options import ReadOptions
from curate.data.trouble import reading

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff")


def find_images(folder: Path) -> list[Path]:
    """Image files below `folder`, sorted by their relative POSIX path.

    Linked folders are followed, each real folder at most once: a loop ends, and a
    link to a folder of the tree adds nothing. A dangling link that is named like an
    image is listed, so that the embedder can report it.
    Raises DataError if a folder cannot be listed.
    """
    found: list[Path] = []
    seen: set[str] = set()
    waiting = deque([folder])
    links: deque[Path] = deque()  # after all real folders, which have the better paths
    while waiting or links:
        current = waiting.popleft() if waiting else links.popleft()
        real = os.path.realpath(current)
        if real in seen:
            continue
        seen.add(real)
        with reading(current), os.scandir(current) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name.startswith("."):
                    continue
                path = Path(entry.path)
                if _is_folder(path):
                    (links if entry.is_symlink() else waiting).append(path)
                elif path.suffix.lower() in IMAGE_SUFFIXES and _is_file(path):
                    found.append(path)
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def read_images(folder: Path, paths: list[Path], options: ReadOptions) -> Dataset:
    """The data set of `paths`, all below `folder`.

    Column `label` holds the name of the first folder level, null for an image directly
    in the root; it is absent if no image is in a subfolder.
    Raises RequestError for a label column other than `label`.
    """
    options.allow_only(("label_column",), "a folder of images")
    relative = [path.relative_to(folder) for path in paths]
    labels = [_text(path.parts[0]) if len(path.parts) > 1 else None for path in relative]
    columns = {}
    if any(label is not None for label in labels):
        columns["label"] = pa.array(labels, pa.string())
    if options.label_column is not None:
        require(list(columns), options.label_column, "label_column", folder)
    return assemble(
        "images",
        [_text(path.as_posix()) for path in relative],
        paths,
        {},
        name=name_of(folder),
        metadata=pa.table(columns),
        label_column="label" if columns else None,
    )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a link to itself
        return False


def _is_file(path: Path) -> bool:
    """True for files and dangling links, not for pipes and devices, which may block."""
    try:
        return path.is_file() or path.is_symlink()
    except OSError:
        return True


def _text(name: str) -> str:
    """A file name as valid Unicode: names are bytes to the system, ids go to JSON."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
