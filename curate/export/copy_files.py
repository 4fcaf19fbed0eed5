"""The picked files, copied or linked to a folder with their subfolders; checks of all outputs.

The folder must be new or empty, so nothing is overwritten and it holds exactly the selection.
It is filled beside its place and renamed when it is whole. Names are the ids without the parts
that lead out of the folder. A name that another file has already (also in upper and lower case,
or as a folder) gets a number.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from curate.core.values import Dataset, Picture, Selection
from curate.errors import DataError, RequestError
from curate.export.registry import check_exports


def check_outputs(
    exports: Sequence[str], copy_to: str | None, link_to: str | None, dataset: Dataset
) -> None:
    """Raise RequestError, before the work, for outputs that are impossible with these data."""
    check_exports(exports, dataset)
    for flag, folder in (("--copy-to", copy_to), ("--link-to", link_to)):
        if folder:
            check_target_folder(flag, Path(folder), dataset, links=flag == "--link-to")


def check_target_folder(flag: str, folder: Path, dataset: Dataset, *, links: bool) -> None:
    """Raise RequestError if the files cannot be placed in `folder`, the value of `flag`."""
    if dataset.kind != "images":
        raise RequestError(
            f"{flag} takes files of images, the data are {dataset.kind}: leave it out; "
            "selected.csv and selected.jsonl have the picks."
        )
    if links and not all(isinstance(item, Path) for item in dataset.items):
        raise RequestError(
            f"{flag} links to files, but some pictures are inside other files: pass --copy-to."
        )
    if folder.is_symlink() or folder.exists():
        if not folder.is_dir():
            raise RequestError(f"{flag} {folder} is a file: pass a new or an empty folder.")
        if any(folder.iterdir()):
            raise RequestError(
                f"{flag} {folder} is not empty, and nothing is overwritten: pass a new folder, "
                "or empty this one."
            )


def copy_picks(folder: Path, dataset: Dataset, selection: Selection) -> None:
    """Copy the picked files to `folder`. Raises DataError if that is impossible."""
    _place(folder, dataset, selection, _copy)


def link_picks(folder: Path, dataset: Dataset, selection: Selection) -> None:
    """Link from `folder` to the picked files. Raises DataError if that is impossible."""
    _place(folder, dataset, selection, _link)


def safe_names(ids: Iterable[str]) -> list[PurePosixPath]:
    """A relative path for each id, no two the same and none inside another."""
    files: set[str] = set()
    folders: set[str] = set()
    names = []
    for id_ in ids:
        parts = [part for part in PurePosixPath(id_).parts if part not in ("/", "//", "..", ".")]
        wanted = PurePosixPath(*parts) if parts else PurePosixPath("item")
        name, number = wanted, 1
        while not _free(name, files, folders):
            number += 1
            # If a file has the name of the folder, the whole folder gets a number.
            blocked = next((up for up in wanted.parents if up.as_posix().casefold() in files), None)
            name = (
                wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
                if blocked is None
                else blocked.with_name(f"{blocked.name}-{number}") / wanted.relative_to(blocked)
            )
        files.add(name.as_posix().casefold())
        folders.update(up.as_posix().casefold() for up in name.parents)
        names.append(name)
    return names


def _free(name: PurePosixPath, files: set[str], folders: set[str]) -> bool:
    folded = name.as_posix().casefold()
    inside = any(up.as_posix().casefold() in files for up in name.parents)
    return folded not in files and folded not in folders and not inside


def _place(
    folder: Path,
    dataset: Dataset,
    selection: Selection,
    put: Callable[[Any, Path], None],
) -> None:
    names = safe_names(dataset.ids[row] for row in selection.picks)
    folder = folder.absolute()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            for row, name in zip(selection.picks, names, strict=True):
                target = beside / name
                target.parent.mkdir(parents=True, exist_ok=True)
                put(dataset.items[row], target)
            beside.chmod(0o755)  # temporary folders are private, outputs are shared
            beside.replace(folder)  # which fails unless `folder` is missing or empty
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    except OSError as error:
        raise DataError(
            f"cannot place the picked files in {folder}: {error.strerror or error}. Pass another "
            "folder; all other outputs are written."
        ) from None


def _copy(source: Picture, target: Path) -> None:
    with source.open("rb") as read, target.open("wb") as written:
        shutil.copyfileobj(read, written)


def _link(source: Path, target: Path) -> None:
    target.symlink_to(source.absolute())
