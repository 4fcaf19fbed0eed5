"""A folder of images: ids are relative POSIX paths, the first folder level is the label.

Idea: the tree is listed, never opened. O(number of entries); no pixel is read, so
a file that is no image inside is found by the embedder, which decodes it anyway.
No file metadata (size, dates) is computed. Hidden names and other formats are
passed over.

Links lead to pictures that are counted once: a link to a picture or a folder of the tree
adds nothing. What a link reaches outside the tree is set aside, unless it is asked for.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from curate.core.values import Dataset
from curate.data.assemble import name_of
from curate.data.options import ReadOptions
from curate.data.picture_paths import common_folder, picture_dataset, readable
from curate.data.read_errors import reading
from curate.data.video import frame_columns, time_order
from curate.errors import DataError, RequestError

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff")
OUTSIDE = "link outside the folder"


@dataclass
class ImageFolder:
    """What a folder holds: image files, and what cannot be one of them, with the reason.

    links  how many links lead to pictures or folders that are counted elsewhere
    """

    folder: Path
    files: list[Path] = field(default_factory=list)
    unusable: dict[Path, tuple[str, str]] = field(default_factory=dict)
    links: int = 0


def find_images(folder: Path, *, follow_links: bool = False) -> ImageFolder:
    """Image files below `folder`, and what is named like one and is none.

    Each real file and folder is taken at most once, by its own path if it has one here, so
    loops end. A dangling link that is named like an image is listed, so that the embedder
    can report it. With `follow_links`, links may lead out of the folder.
    Raises DataError if `folder` cannot be listed; a folder below it is set aside.
    """
    found = ImageFolder(folder)
    root = os.path.realpath(folder)
    seen: set[str] = set()
    waiting = deque([folder])
    links: deque[Path] = deque()  # after all real folders, which have the better paths
    linked_files: list[Path] = []
    like_images: list[Path] = []  # folders
    real_files: set[str] = set()
    while waiting or links:
        current, linked = (waiting.popleft(), False) if waiting else (links.popleft(), True)
        real = os.path.realpath(current)
        if real in seen:
            found.links += linked
            continue
        if linked and not follow_links and not _inside(real, root):
            found.unusable[current] = _outside(real)
            continue
        seen.add(real)
        for entry in _entries(current, found):
            path = Path(entry.path)
            if _is_folder(path):
                (links if entry.is_symlink() else waiting).append(path)
                if path.suffix.lower() in IMAGE_SUFFIXES and not entry.is_symlink():
                    like_images.append(path)
            elif path.suffix.lower() in IMAGE_SUFFIXES and _is_file(path):
                if entry.is_symlink():
                    linked_files.append(path)
                else:
                    found.files.append(path)
                    real_files.add(os.path.join(real, entry.name))  # noqa: PTH118 (a string)
    for path in linked_files:
        target = os.path.realpath(path)
        if not follow_links and path.exists() and not _inside(target, root):
            found.unusable[path] = _outside(target)
        elif target in real_files:
            found.links += 1
        else:
            found.files.append(path)
            if path.exists():
                real_files.add(target)
    parents = {parent for path in found.files for parent in path.parents} if like_images else set()
    for path in like_images:
        if path not in parents and path not in found.unusable:
            found.unusable[path] = ("a folder", "named like an image, and without one in it")
    return found


def read_images(found: ImageFolder, options: ReadOptions) -> Dataset:
    """The data set of `found`, ids and labels from the paths below its folder.

    Raises RequestError for a label column other than `label`.
    """
    options.allow_only(("label_column", "follow_links", "frames"), "a folder of images")
    pictures = {
        readable(path.relative_to(found.folder).as_posix()): path
        for path in (*found.files, *found.unusable)
    }
    names = sorted(pictures, key=time_order if options.frames else None)
    paths = [pictures[name] for name in names]
    bad = {row: found.unusable[path] for row, path in enumerate(paths) if path in found.unusable}
    columns = frame_columns(names) if options.frames else None
    name = name_of(found.folder)
    return picture_dataset(names, paths, bad, options, name, found.folder, columns=columns)


def _entries(folder: Path, found: ImageFolder) -> list[os.DirEntry[str]]:
    """What stands in `folder` and is not hidden; nothing, with a reason, if it is closed."""
    try:
        with os.scandir(folder) as entries:
            return sorted(
                (entry for entry in entries if not entry.name.startswith(".")),
                key=lambda entry: entry.name,
            )
    except OSError as error:
        if folder == found.folder:
            with reading(folder):
                raise
        closed = isinstance(error, PermissionError)
        reason = "permission denied" if closed else "unreadable folder"
        found.unusable[folder] = (reason, "" if closed else error.strerror or str(error))
        return []


def _inside(real: str, root: str) -> bool:
    return real == root or real.startswith(root.rstrip(os.sep) + os.sep)


def _outside(target: str) -> tuple[str, str]:
    return OUTSIDE, f"to {readable(target)}; --follow-links takes it"


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


# --------------------------------------------------------------------------------------
# Images that are named one by one: lists of files, glob patterns, paths on a command line.
#
# Idea: what is named is an item, whether it is there or not; the embedder says what is
# wrong with it. O(number of names), and of entries below the fixed part of a pattern.


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
    return picture_dataset(names, pictures, {}, options, name_of(path), path, common_folder(names))


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
    return picture_dataset(
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
