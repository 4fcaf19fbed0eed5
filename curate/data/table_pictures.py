"""Images from a column of a table: paths, or the encoded pictures themselves.

A path is relative to the folder of the table. A picture in a cell (`datasets` writes a struct
of bytes and path) is read when it is needed, so that a memory-mapped table stays on disk. A
cell without path and picture is set aside. O(n).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from curate.core.values import Dataset, Picture, Problem, Problems
from curate.data.assemble import assemble, name_of
from curate.data.columns import ids_of, is_text, label_of, metadata_of, strings
from curate.data.images import IMAGE_SUFFIXES
from curate.data.options import ReadOptions
from curate.data.picture_paths import readable
from curate.errors import DataError, RequestError

_SAMPLED = 1000  # values of a column that are inspected


@dataclass(frozen=True, repr=False)
class PictureCell:
    """An encoded picture in row `row` of a column of bytes; `path` is its name."""

    column: pa.ChunkedArray
    row: int
    path: str

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.path).suffix

    def open(self, mode: Literal["rb"], /) -> io.BytesIO:  # noqa: ARG002 (as Path has it)
        return io.BytesIO(self.column[self.row].as_py())


def holds_pictures(kind: pa.DataType) -> bool:
    """True for a struct with the bytes of a picture, as `datasets` writes it."""
    return bool(
        pt.is_struct(kind) and kind.get_field_index("bytes") >= 0 and _is_bytes(kind["bytes"].type)
    )


def names_images(column: pa.ChunkedArray) -> bool:
    """Whether the first values of a text column that are not blank all end like image files."""
    if not is_text(column.type):
        return False
    texts = [text.strip().lower() for text in column.slice(0, _SAMPLED).to_pylist() if text]
    names = [text for text in texts if text]
    return bool(names) and all(name.endswith(IMAGE_SUFFIXES) for name in names)


def read_cells(table: pa.Table, column: str, path: Path, options: ReadOptions) -> Dataset:
    """The data set of the images in `column`; the other columns are its metadata.

    path  the table, a file or a folder
    Ids are those of --id-column, else the paths if every picture has a path of its own, else
    row numbers. Raises RequestError if the column holds neither paths nor pictures, DataError
    if none of its paths exists.
    """
    values = table.column(column)
    label = label_of(table.column_names, options, path)
    if is_text(values.type):
        names = [name and name.strip() for name in strings(table, column, "image_column", path)]
        pictures, problems = _files(names, column, path)
    elif holds_pictures(values.type) or _is_bytes(values.type):
        pictures, names, problems = _contents(values, path)
    else:
        raise RequestError(
            f"column {column!r} of {path.name} cannot be --image-column: it holds {values.type}. "
            "Name a column of paths or of encoded pictures."
        )
    usable = [name for row, name in enumerate(names) if row not in problems]
    distinct = is_text(values.type) or (all(usable) and len(set(usable)) == len(usable))
    use_names = options.id_column is None and distinct
    ids = (
        [None if name is None else readable(name) for name in names]
        if use_names
        else ids_of(table, options.id_column, path)
    )
    for row in problems if use_names else ():
        ids[row] = ids[row] or f"row {row}"
    return assemble(
        "images",
        ids,
        pictures,
        problems,
        name=name_of(path),
        metadata=metadata_of(table, (column, options.id_column), label),
        label_column=label,
    )


def _files(names: list[str | None], column: str, path: Path) -> tuple[list[Picture], Problems]:
    """Files that a column names, relative to the folder of the table."""
    folder = path if path.is_dir() else path.parent
    problems: Problems = {}
    pictures: list[Picture] = []
    for row, name in enumerate(names):
        if not name:
            problems[row] = Problem("no image", f"row {row}")
        elif "://" in name:
            problems[row] = Problem("not a local file", "download it first")
        pictures.append(folder / (name or ""))
    usable = [picture for row, picture in enumerate(pictures) if row not in problems]
    if usable and not any(isinstance(file, Path) and file.exists() for file in usable):
        raise DataError(
            f"column {column!r} of {path} names {len(usable)} files and none of them exists, such "
            f"as {usable[0]}. Paths are relative to {folder.resolve()}."
        )
    return pictures, problems


def _contents(
    values: pa.ChunkedArray, path: Path
) -> tuple[list[Picture], list[str | None], Problems]:
    """The pictures in cells, or the files at their paths; the paths; and the cells with neither."""
    content, names = values, list[str | None]([None]) * len(values)
    if pt.is_struct(values.type):
        content = pc.struct_field(values, "bytes")
        if values.type.get_field_index("path") >= 0:
            names = pc.struct_field(values, "path").to_pylist()
    folder = path if path.is_dir() else path.parent
    problems: Problems = {}
    pictures: list[Picture] = []
    for row, (has_bytes, name) in enumerate(zip(_valid(content), names, strict=True)):
        if not has_bytes and not name:
            problems[row] = Problem("no image", f"row {row}")
        pictures.append(
            PictureCell(content, row, name or "") if has_bytes or not name else folder / name
        )
    return pictures, names, problems


def _valid(content: pa.ChunkedArray) -> list[bool]:
    valid: list[bool] = pc.is_valid(content).to_pylist()
    return valid


def _is_bytes(kind: Any) -> bool:
    return bool(pt.is_binary(kind) or pt.is_large_binary(kind) or pt.is_fixed_size_binary(kind))
