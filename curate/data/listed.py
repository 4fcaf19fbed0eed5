"""Images that are named one by one: lists of files, glob patterns, paths on a command line.

Idea: what is named is an item, whether it is there or not; the embedder says what is
wrong with it. O(number of names), and of entries below the fixed part of a pattern.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from curate.core import Dataset
from curate.data.assemble import name_of
from curate.data.images import IMAGE_SUFFIXES, OUTSIDE
from curate.data.named import common_folder, named_pictures, readable
from curate.data.options import ReadOptions
from curate.data.trouble import reading
from curate.errors import DataError, RequestError

LIST_SIGN = "@"  # @FILE: the sources are the lines of FILE
_MAGIC = re.compile(r"[*?[]")


def is_pattern(source: str) -> bool:
    """True if `source` has a sign that makes it a glob pattern."""
    return _MAGIC.search(source) is not None


def read_list(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the image files that the lines of `path` name, which are the ids.

    Paths are relative to the folder of the list. Blank lines are passed over. A list with
    zero bytes in it ends its names with those, as `find -print0` does, so that names may
    hold line ends. The label is the folder below those that all files share.
    Raises DataError if the list cannot be read or names nothing.
    """
    options.allow_only(("label_column",), "a list of images")
    if path.is_dir():
        raise DataError(f"{path} is a folder, no list. Give @FILE, a file with one path a line.")
    with reading(path):
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    lines = content.split(b"\0") if b"\0" in content else content.splitlines()
    written = [os.fsdecode(line) for line in lines if line.strip()]
    if not written:
        raise DataError(f"{path} names no file. Write one path a line.")
    pictures = [path.parent / name for name in written]
    if not any(picture.exists() for picture in pictures):
        raise DataError(
            f"{path} names {len(written)} files and none is there, such as {pictures[0]}. "
            f"Paths are relative to {path.parent.resolve()}."
        )
    names = [readable(Path(name).as_posix()) for name in written]
    return named_pictures(names, pictures, {}, options, name_of(path), path, common_folder(names))


def read_files(files: Sequence[Path], options: ReadOptions, root: Path | None = None) -> Dataset:
    """The data set of image files, with ids relative to `root`, or to the folder of all.

    A file that is reached twice is counted once. Links that a pattern found below `root` may
    not lead out of it, unless that is asked for; what is named by itself may.
    """
    options.allow_only(("label_column", "follow_links"), "image files")
    base = root or Path(os.path.commonpath([path.absolute().parent for path in files]))
    names = [readable(Path(os.path.relpath(path, base)).as_posix()) for path in files]
    bad = {}
    real_root, first = os.path.realpath(base), dict[str, str]()
    kept: list[int] = []
    for row, path in enumerate(files):
        real = os.path.realpath(path)
        linked = root is not None and path.is_symlink() and path.exists()
        if linked and not options.follow_links and not real.startswith(real_root + os.sep):
            bad[len(kept)] = (OUTSIDE, f"to {readable(real)}; --follow-links takes it")
        elif real in first:
            continue  # a link to a file that is here
        first[real] = names[row]
        kept.append(row)
    return named_pictures(
        [names[row] for row in kept],
        [files[row] for row in kept],
        bad,
        options,
        name_of(base),
        base,
    )


def matches(pattern: str) -> tuple[Path, list[Path]]:
    """The folder that a pattern begins with, and what it matches there, sorted, none hidden.

    `**` stands for any number of folders, without following links.
    Files are returned if there are any, folders otherwise.
    Raises RequestError for a pattern that is none, DataError if nothing matches.
    """
    parts = Path(pattern).parts
    fixed = next(at for at, part in enumerate(parts) if is_pattern(part))
    base = Path(*parts[:fixed])
    inner = "/".join(parts[fixed:])
    if parts[-1] == "**":
        inner += "/*"
    try:
        found = sorted(base.glob(inner))
    except (ValueError, NotImplementedError) as error:
        raise RequestError(
            f"{pattern!r} is no pattern: {error}. Write one as 'photos/**/*.jpg'."
        ) from error
    visible = [
        path
        for path in found
        if not any(part.startswith(".") for part in path.relative_to(base).parts)
    ]
    # A dangling link is neither: it is named like an image, or not at all.
    files = [path for path in visible if path.is_file() or _names_an_image(path)]
    if not visible:
        raise DataError(f"nothing matches {pattern!r}. Check the pattern, and quote it.")
    return base, files or [path for path in visible if path.is_dir()]


def _names_an_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and path.is_symlink() and not path.exists()
