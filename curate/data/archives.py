"""Archives of images (.zip, .tar, compressed tar), read without unpacking them.

The table of contents is read once; a member is read when it is needed, by any thread. A
compressed tar can be read only from its beginning, so it is decompressed once, to an unnamed
temporary file. Ids are the paths in the archive, sorted; the label is the first folder below
the folders that all members share. Files of operating systems (`__MACOSX`, hidden names) are
skipped, and so are links, because the member that they point to is in the archive too.
Not here: archives in archives, passwords, data files in archives.

`zipfile` and `tarfile` read the tables of contents. Members of a tar are then read from the
mapped file, because one `tarfile.TarFile` cannot be read by several threads.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import mmap
import shutil
import tarfile
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from curate.core.values import Dataset, Picture, Problem, Problems
from curate.data.assemble import name_of
from curate.data.images import IMAGE_SUFFIXES
from curate.data.options import ReadOptions
from curate.data.picture_paths import common_folder, picture_dataset
from curate.data.read_errors import reading
from curate.errors import DataError, one_line

LARGEST = 1 << 30  # bytes of one picture: protects against archives made to fill the memory
_ENCRYPTED = 0x1  # flag of a zip member
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError)
_OPENERS: dict[str, Callable[..., Any]] = {
    ".gz": gzip.open,
    ".tgz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}


@dataclass(frozen=True)
class ArchiveMember:
    """A picture in an archive; `content` reads its bytes and may be called by any thread."""

    path: str
    content: Callable[[], bytes]

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.path).suffix

    def open(self, mode: Literal["rb"], /) -> io.BytesIO:  # noqa: ARG002 (as Path has it)
        return io.BytesIO(self.content())


def read_zip(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the images in a .zip archive.

    Raises DataError if it is damaged or holds no image.
    """
    with reading(path):
        try:
            archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise _damaged(path, error) from error
    lock = threading.Lock()  # ZipFile counts its open members without one
    images = _ArchiveImages(path)
    for info in archive.infolist():
        if not info.is_dir():
            problem = Problem("encrypted") if info.flag_bits & _ENCRYPTED else None
            images.add(info.filename, _zip_reader(archive, lock, info), info.file_size, problem)
    return images.dataset(options)


def read_tar(path: Path, options: ReadOptions) -> Dataset:
    """The data set of the images in a .tar, .tar.gz, .tgz, .tar.bz2 or .tar.xz archive.

    The whole members of a truncated archive are read, and the rest is set aside.
    Raises DataError if it is damaged before the first image, or holds no image.
    """
    images = _ArchiveImages(path)
    with reading(path):
        whole, damage = _mapped(path)
        try:
            with tarfile.open(fileobj=_MappedStream(whole), mode="r:") as archive:
                for info in archive:
                    if info.isreg():
                        end = info.offset_data + info.size
                        problem = Problem("truncated archive") if end > len(whole) else None
                        content = _tar_reader(whole, slice(info.offset_data, end))
                        images.add(info.name, content, info.size, problem)
        except tarfile.TarError as error:
            damage = damage or one_line(error)
            if not images.names:
                raise _damaged(path, error) from error
    if damage is not None and images.names:
        images.names.append(f"{path.name} (the rest)")
        images.pictures.append(images.pictures[-1])
        images.problems[len(images.names) - 1] = Problem("truncated archive", damage)
    return images.dataset(options)


class _ArchiveImages:
    """The images of an archive, added while its table of contents is read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names: list[str] = []
        self.pictures: list[Picture] = []
        self.problems: Problems = {}
        self.others = 0

    def add(
        self, name: str, content: Callable[[], bytes], size: int, problem: Problem | None
    ) -> None:
        pure = PurePosixPath(name.removeprefix("./"))
        if any(part == "__MACOSX" or (part[0] == "." and part != "..") for part in pure.parts):
            return
        if pure.suffix.lower() not in IMAGE_SUFFIXES:
            self.others += 1
            return
        if pure.is_absolute() or ".." in pure.parts:
            problem = Problem("unsafe path", "it leads out of the archive")
        elif size > LARGEST:
            problem = Problem("file too large", f"{size:,} bytes")
        if problem is not None:
            self.problems[len(self.names)] = problem
        self.names.append(_valid(str(pure)))
        self.pictures.append(ArchiveMember(str(pure), content))

    def dataset(self, options: ReadOptions) -> Dataset:
        options.allow_only(("label_column",), "an archive of images")
        if not self.names:
            advice = "Give an archive of images."
            if self.others:
                advice = (
                    f"It has {self.others:,} other files: unpack them, and give the data files."
                )
            raise DataError(f"{self.path} holds no image. {advice}")
        below = common_folder(
            [name for row, name in enumerate(self.names) if row not in self.problems]
        )
        order = sorted(range(len(self.names)), key=self.names.__getitem__)  # as in a folder
        return picture_dataset(
            [self.names[row] for row in order],
            [self.pictures[row] for row in order],
            {at: self.problems[row] for at, row in enumerate(order) if row in self.problems},
            options,
            name_of(self.path),
            self.path,
            below,
        )


def _zip_reader(
    archive: zipfile.ZipFile, lock: threading.Lock, info: zipfile.ZipInfo
) -> Callable[[], bytes]:
    def content() -> bytes:
        try:
            with lock:
                return archive.read(info)
        except (*_DAMAGE, NotImplementedError, RuntimeError) as error:
            raise OSError(f"damaged in the archive: {one_line(error)}") from error

    return content


def _tar_reader(whole: mmap.mmap, place: slice) -> Callable[[], bytes]:
    return lambda: whole[place]


def _mapped(path: Path) -> tuple[mmap.mmap, str | None]:
    """The tar archive as mapped memory, decompressed if needed; and the error that cut it short."""
    opener, damage = _OPENERS.get(path.suffix.lower()), None
    with path.open("rb") as packed:
        if opener is None:
            return _map(path, packed), None
        with tempfile.TemporaryFile() as plain:
            try:
                with opener(packed) as stream:
                    shutil.copyfileobj(
                        stream, plain, 1 << 16
                    )  # what a truncated file loses at most
            except _DAMAGE as error:
                damage = one_line(error)
            plain.flush()
            return _map(path, plain, damage), damage


def _map(path: Path, stream: Any, damage: str | None = None) -> mmap.mmap:
    if not stream.seek(0, io.SEEK_END):
        raise DataError(f"{path} is empty{f': {damage}' if damage else ''}. Give a whole archive.")
    return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


class _MappedStream(io.RawIOBase):
    """Mapped memory as a stream for tarfile. (`mmap.seek` itself raises beyond the end.)"""

    def __init__(self, whole: mmap.mmap) -> None:
        self._whole, self._at = whole, 0

    def read(self, size: int = -1) -> bytes:
        start = min(self._at, len(self._whole))
        end = len(self._whole) if size < 0 else min(start + size, len(self._whole))
        self._at = end
        return self._whole[start:end]

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + (0, self._at, len(self._whole))[whence]
        return self._at

    def tell(self) -> int:
        return self._at


def _damaged(path: Path, error: BaseException) -> DataError:
    return DataError(f"cannot read {path}: {one_line(error)}. Check that it is a whole archive.")


def _valid(name: str) -> str:
    """`name`, whose bytes in a tar may be invalid UTF-8, with those bytes escaped."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
