"""Any source becomes a Dataset: the table of readers, and the one function in front of it.

Idea: the suffix decides. A new format is one file with one function, and one line in
`READERS`. A folder is a folder of images; one without images is read as the single
data file in it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from curate.core import Dataset
from curate.data.arrays import read_npy, read_npz
from curate.data.images import IMAGE_SUFFIXES, find_images, read_images
from curate.data.kinds import read_table
from curate.data.lines import read_lines
from curate.data.options import ReadOptions
from curate.data.trouble import reading
from curate.errors import DataError

READERS: dict[str, Callable[[Path, ReadOptions], Dataset]] = {
    ".txt": read_lines,
    ".csv": read_table,
    ".tsv": read_table,
    ".jsonl": read_table,
    ".parquet": read_table,
    ".npy": read_npy,
    ".npz": read_npz,
}


def read(source: Path | str, options: ReadOptions = ReadOptions()) -> Dataset:  # noqa: B008 (frozen)
    """The data set at `source`, a folder or a file.

    Raises DataError if there is no such path, its format is not known, or nothing in it
    can be read; RequestError if `options` name what the source does not have.
    """
    source = Path(source)
    with reading(source):
        if source.is_dir():
            return _read_folder(source, options)
        if not source.exists():
            raise DataError(f"no such file or folder: {source}. Check the path.")
        if not source.is_file():
            raise DataError(f"{source} is neither a file nor a folder. Give one of them.")
        return _reader_of(source)(source, options)


def _read_folder(folder: Path, options: ReadOptions) -> Dataset:
    images = find_images(folder)
    if images:
        return read_images(folder, images, options)
    files = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in READERS and not path.name.startswith(".") and path.is_file()
    )
    if not files:
        raise DataError(
            f"{folder} has no image and no data file. "
            f"Give a folder with images ({', '.join(IMAGE_SUFFIXES)}) or a file ({_formats()})."
        )
    if len(files) > 1:
        raise DataError(
            f"{folder} has no image and {len(files)} data files: "
            f"{', '.join(path.name for path in files)}. Name the one to read."
        )
    return _reader_of(files[0])(files[0], options)


def _reader_of(path: Path) -> Callable[[Path, ReadOptions], Dataset]:
    suffix = path.suffix.lower()
    if suffix in IMAGE_SUFFIXES:
        raise DataError(f"{path} is one image. Give the folder that it is in.")
    if suffix not in READERS:
        raise DataError(
            f"cannot read {path}: unknown format {suffix or 'without suffix'!r}. "
            f"Give a folder of images or one of {_formats()}."
        )
    return READERS[suffix]


def _formats() -> str:
    return ", ".join(READERS)
