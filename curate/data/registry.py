"""Any source becomes a Dataset: the table of readers, and the function that chooses one.

The suffix of a file decides. A new format is one file with one function, and one line in
`READERS`; the format of a whole folder is one line in `FOLDER_READERS`. Any other folder is a
folder of images or videos; without any, it is read as the one data file in it, or as numbered
parts. `@FILE` is a list of images. A path that does not exist and contains `*`, `?` or `[` is
a pattern. Several sources are read one by one and joined.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from curate.core.values import Dataset
from curate.data.archives import read_tar, read_zip
from curate.data.arrays import read_npy, read_npz
from curate.data.assemble import format_of
from curate.data.images import (
    IMAGE_SUFFIXES,
    LIST_SIGN,
    find_images,
    is_pattern,
    matches,
    read_files,
    read_images,
    read_list,
)
from curate.data.library_folders import FOLDER_READERS
from curate.data.options import ReadOptions
from curate.data.read_errors import reading
from curate.data.several_sources import are_shards, joined, read_shards
from curate.data.table_items import read_table
from curate.data.tables import LOADERS
from curate.data.text_lines import read_lines
from curate.data.vector_files import read_bvecs, read_fvecs, read_hdf5, read_safetensors
from curate.data.video import VIDEO_SUFFIXES, find_videos, read_video, read_videos
from curate.errors import MOST_NAMES, DataError, RequestError

READERS: dict[str, Callable[[Path, ReadOptions], Dataset]] = {
    ".txt": read_lines,
    ".txt.gz": read_lines,
    **dict.fromkeys(LOADERS, read_table),
    **dict.fromkeys(VIDEO_SUFFIXES, read_video),
    ".npy": read_npy,
    ".npz": read_npz,
    ".fvecs": read_fvecs,
    ".bvecs": read_bvecs,
    ".safetensors": read_safetensors,
    ".h5": read_hdf5,
    ".hdf5": read_hdf5,
    ".zip": read_zip,
    ".tar": read_tar,
    ".tar.gz": read_tar,
    ".tgz": read_tar,
    ".tar.bz2": read_tar,
    ".tar.xz": read_tar,
}


def read(
    source: str | Path | Sequence[str | Path],
    options: ReadOptions = ReadOptions(),  # noqa: B008 (frozen)
) -> Dataset:
    """The data set at `source`: a folder, a file, `@LIST`, a pattern, or several of these.

    Raises DataError if there is no such path, its format is unknown, or nothing in it can be
    read; RequestError if the source does not have what `options` name.
    """
    if isinstance(source, str | Path):
        return _read_one(str(source), options)
    sources = [str(part) for part in source]
    if not sources:
        raise RequestError("no source is given. Name a folder or a file.")
    if len(sources) == 1:
        return _read_one(sources[0], options)
    if are_shards([Path(part) for part in sources]):
        return read_shards([Path(part) for part in sources], options)
    if options.ids is not None:
        raise RequestError(
            f"--ids {str(options.ids)!r} cannot be used with {len(sources)} sources. "
            "Give a table with vectors and ids for each source."
        )
    images = [Path(part) for part in sources if _is_image(Path(part))]
    if images:
        rest = [part for part in sources if not _is_image(Path(part))]
        datasets = [read_files(images, options), *(_read_one(part, options) for part in rest)]
        return joined(datasets, [str(images[0].parent), *rest])
    return joined([_read_one(part, options) for part in sources], sources)


def _read_one(source: str, options: ReadOptions) -> Dataset:
    path = Path(source)
    with reading(path):
        if path.is_dir():
            return _read_folder(path, options)
        if not path.exists():
            if source.startswith(LIST_SIGN):
                return read_list(Path(source[len(LIST_SIGN) :]), options)
            if is_pattern(source):
                return _read_pattern(source, options)
            raise DataError(f"no such file or folder: {source}. Check the path.")
        if not path.is_file():
            raise DataError(f"{source} is neither a file nor a folder. Give one of them.")
        return _reader_of(path)(path, options)


def _read_pattern(pattern: str, options: ReadOptions) -> Dataset:
    """The images that match; if there are none, the data files; else the folders."""
    base, paths = matches(pattern)
    images = [path for path in paths if path.suffix.lower() in IMAGE_SUFFIXES]
    if images and not images[0].is_dir():
        return read_files(images, options, base)
    sources = [path for path in paths if path.is_dir() or format_of(path, READERS) in READERS]
    if not sources:
        raise DataError(
            f"{len(paths)} files match {pattern!r}, and none is an image or one of {_formats()}. "
            "Check the pattern."
        )
    return read(sources, options)


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()


def _read_folder(folder: Path, options: ReadOptions) -> Dataset:
    for marks, reader in FOLDER_READERS.items():
        if all((folder / mark).exists() for mark in marks):
            return reader(folder, options)
    images = find_images(folder, follow_links=bool(options.follow_links))
    if images.files:
        return read_images(images, options)
    videos = find_videos(folder)
    if videos:
        return read_videos(folder, videos, options)
    files = sorted(
        path
        for path in folder.iterdir()
        if format_of(path, READERS) in READERS and not path.name.startswith(".") and path.is_file()
    )
    if not files and images.unusable:
        return read_images(images, options)  # raises, with the reasons
    if not files:
        raise DataError(
            f"{folder} has no image and no data file. "
            f"Give a folder with images ({', '.join(IMAGE_SUFFIXES)}) or a file ({_formats()})."
        )
    if are_shards(files):
        return read_shards(files, options)
    if len(files) > 1:
        raise DataError(
            f"{folder} has no image and {len(files)} data files: "
            f"{', '.join(path.name for path in files[:MOST_NAMES])}. Name the one to read, or "
            "several."
        )
    return _reader_of(files[0])(files[0], options)


def _reader_of(path: Path) -> Callable[[Path, ReadOptions], Dataset]:
    suffix = format_of(path, READERS)
    if suffix in IMAGE_SUFFIXES:
        raise DataError(f"{path} is one image. Give the folder that it is in.")
    if suffix not in READERS:
        raise DataError(
            f"cannot read {path}: unknown format {suffix or 'without suffix'!r}. "
            f"Give a folder of images or one of {_formats()}."
        )
    return READERS[suffix]


def _formats() -> str:
    return ", ".join(suffix for suffix in READERS if suffix.count(".") == 1)
