"""Image files: a folder of them, a list, a pattern, or paths on the command line.

In a folder, ids are relative POSIX paths and the first folder level is the label. The tree is
listed, O(number of entries); no file is opened, so the embedder finds the files that are not
images. Hidden names and other formats are skipped. A link to a picture or folder of the same
tree adds nothing. What a link reaches outside the tree is set aside, unless `follow_links`.

In a list and on the command line every name is an item, also if the file is missing; the
embedder reports that. O(number of names), plus the entries below the fixed part of a pattern.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from curate.core.values import Dataset, Problem, Problems
from curate.data.assemble import name_of
from curate.data.options import ReadOptions
from curate.data.picture_paths import common_folder, picture_dataset, readable
from curate.data.read_errors import reading
from curate.data.video import frame_columns, time_order
from curate.errors import DataError, RequestError

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff")
OUTSIDE = "link outside the folder"
LIST_SIGN = "@"  # @FILE: the lines of FILE are the images
_MAGIC = re.compile(r"[*?[]")


@dataclass
class ImageFolder:
    """The image files below `folder`, and entries that cannot be used.

    links  number of links to pictures or folders that are counted elsewhere
    """

    folder: Path
    files: list[Path] = field(default_factory=list)
    unusable: dict[Path, Problem] = field(default_factory=dict)
    links: int = 0


def find_images(folder: Path, *, follow_links: bool = False) -> ImageFolder:
    """The image files below `folder`, and entries that are named like images and are none.

    Each real file and folder counts once, by its own path if that is below `folder`, so loops
    end. A dangling link that is named like an image is listed, so that the embedder can report
    it. With `follow_links`, links may lead out of the folder.
    Raises DataError if `folder` cannot be listed; a closed folder below it is set aside.
    """
    images = ImageFolder(folder)
    root = os.path.realpath(folder)
    seen: set[str] = set()
    waiting = deque([folder])
    links: deque[Path] = deque()  # after all real folders, whose paths are preferred
    linked_files: list[Path] = []
    like_images: list[Path] = []  # folders that are named like images
    real_files: set[str] = set()
    while waiting or links:
        current, linked = (waiting.popleft(), False) if waiting else (links.popleft(), True)
        real = os.path.realpath(current)
        if real in seen:
            images.links += linked
            continue
        if linked and not follow_links and not _inside(real, root):
            images.unusable[current] = _outside(real)
            continue
        seen.add(real)
        for entry in _entries(current, images):
            path = Path(entry.path)
            if _is_folder(path):
                (links if entry.is_symlink() else waiting).append(path)
                if path.suffix.lower() in IMAGE_SUFFIXES and not entry.is_symlink():
                    like_images.append(path)
            elif path.suffix.lower() in IMAGE_SUFFIXES and _is_file(path):
                if entry.is_symlink():
                    linked_files.append(path)
                else:
                    images.files.append(path)
                    real_files.add(os.path.join(real, entry.name))  # noqa: PTH118 (a string)
    for path in linked_files:
        target = os.path.realpath(path)
        if not follow_links and path.exists() and not _inside(target, root):
            images.unusable[path] = _outside(target)
        elif target in real_files:
            images.links += 1
        else:
            images.files.append(path)
            if path.exists():
                real_files.add(target)
    parents = {parent for path in images.files for parent in path.parents} if like_images else set()
    for path in like_images:
        if path not in parents and path not in images.unusable:
            images.unusable[path] = Problem("a folder", "named like an image, without one in it")
    return images


def read_images(images: ImageFolder, options: ReadOptions) -> Dataset:
    """The data set of `images`, with ids and labels from the paths below its folder.

    Raises RequestError for a label column other than `label`.
    """
    options.allow_only(("label_column", "follow_links", "frames"), "a folder of images")
    pictures = {
        readable(path.relative_to(images.folder).as_posix()): path
        for path in (*images.files, *images.unusable)
    }
    names = sorted(pictures, key=time_order if options.frames else None)
    paths = [pictures[name] for name in names]
    problems = {
        row: images.unusable[path] for row, path in enumerate(paths) if path in images.unusable
    }
    columns = frame_columns(names) if options.frames else None
    name = name_of(images.folder)
    return picture_dataset(names, paths, problems, options, name, images.folder, columns=columns)


def _entries(folder: Path, images: ImageFolder) -> list[os.DirEntry[str]]:
    """The entries of `folder` that are not hidden; none if it is unreadable, which is noted."""
    try:
        with os.scandir(folder) as entries:
            return sorted(
                (entry for entry in entries if not entry.name.startswith(".")),
                key=lambda entry: entry.name,
            )
    except OSError as error:
        if folder == images.folder:
            with reading(folder):
                raise
        closed = isinstance(error, PermissionError)
        reason = "permission denied" if closed else "unreadable folder"
        detail = "" if closed else error.strerror or str(error)
        images.unusable[folder] = Problem(reason, detail)
        return []


def _inside(real: str, root: str) -> bool:
    return real == root or real.startswith(root.rstrip(os.sep) + os.sep)


def _outside(target: str) -> Problem:
    return Problem(OUTSIDE, f"to {readable(target)}; --follow-links takes it")


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


# Images that are named one by one.


def is_pattern(source: str) -> bool:
    """Whether `source` has a character that makes it a glob pattern."""
    return _MAGIC.search(source) is not None


def read_list(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the image files that the lines of `path` name; the names are the ids.

    Paths are relative to the folder of the list. Blank lines are skipped. If the list contains
    zero bytes, they end the names instead of line ends, as `find -print0` writes them. The
    label is the folder below those that all files share.
    Raises DataError if the list cannot be read or names nothing.
    """
    options.allow_only(("label_column",), "a list of images")
    if path.is_dir():
        raise DataError(f"{path} is a folder, not a list. Give @FILE, a file with one path a line.")
    with reading(path):
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    lines = content.split(b"\0") if b"\0" in content else content.splitlines()
    written = [os.fsdecode(line) for line in lines if line.strip()]
    if not written:
        raise DataError(f"{path} names no file. Write one path a line.")
    pictures = [path.parent / name for name in written]
    if not any(picture.exists() for picture in pictures):
        raise DataError(
            f"{path} names {len(written)} files and none of them exists, such as {pictures[0]}. "
            f"Paths are relative to {path.parent.resolve()}."
        )
    names = [readable(Path(name).as_posix()) for name in written]
    return picture_dataset(names, pictures, {}, options, name_of(path), path, common_folder(names))


def read_files(files: Sequence[Path], options: ReadOptions, root: Path | None = None) -> Dataset:
    """The data set of image files, with ids relative to `root`, or to their common folder.

    A file that is named twice counts once. With a `root`, the folder of a pattern, links out of
    it are set aside, unless `follow_links`.
    """
    options.allow_only(("label_column", "follow_links"), "image files")
    base = root or Path(os.path.commonpath([path.absolute().parent for path in files]))
    names = [readable(Path(os.path.relpath(path, base)).as_posix()) for path in files]
    problems: Problems = {}
    real_root, first = os.path.realpath(base), dict[str, str]()
    kept: list[int] = []
    for row, path in enumerate(files):
        real = os.path.realpath(path)
        linked = root is not None and path.is_symlink() and path.exists()
        if linked and not options.follow_links and not real.startswith(real_root + os.sep):
            problems[len(kept)] = _outside(real)
        elif real in first:
            continue  # a link to a file of this list
        first[real] = names[row]
        kept.append(row)
    return picture_dataset(
        [names[row] for row in kept],
        [files[row] for row in kept],
        problems,
        options,
        name_of(base),
        base,
    )


def matches(pattern: str) -> tuple[Path, list[Path]]:
    """The folder that a pattern begins with, and its matches there, sorted, without hidden ones.

    `**` matches any number of folders and does not follow links. Folders are returned only if
    no file matches. Raises RequestError for an invalid pattern, DataError if nothing matches.
    """
    parts = Path(pattern).parts
    fixed = next(at for at, part in enumerate(parts) if is_pattern(part))
    base = Path(*parts[:fixed])
    inner = "/".join(parts[fixed:])
    if parts[-1] == "**":
        inner += "/*"
    try:
        entries = sorted(base.glob(inner))
    except (ValueError, NotImplementedError) as error:
        raise RequestError(
            f"{pattern!r} is not a pattern: {error}. Write one as 'photos/**/*.jpg'."
        ) from error
    visible = [
        path
        for path in entries
        if not any(part.startswith(".") for part in path.relative_to(base).parts)
    ]
    # A dangling link counts as a file if it is named like an image.
    files = [path for path in visible if path.is_file() or _names_an_image(path)]
    if not visible:
        raise DataError(f"nothing matches {pattern!r}. Check the pattern, and quote it.")
    return base, files or [path for path in visible if path.is_dir()]


def _names_an_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and path.is_symlink() and not path.exists()
