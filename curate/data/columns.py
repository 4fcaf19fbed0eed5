"""Columns of a table by their names: ids, labels and texts as strings.

Values that can be ids or texts become `str` here, once, and every unknown name ends in the
same message. O(n) for a column that is used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from curate.data.assemble import row_numbers
from curate.data.options import ReadOptions, flag
from curate.errors import RequestError, did_you_mean

LABEL_NAMES = ("label", "labels")
_NUMBERED = re.compile(r"(.+)_\d+")


def require(names: Sequence[str], name: str, option: str, path: Path) -> None:
    """Raise RequestError if `name`, the value of `option`, is not among `names`."""
    if name not in names:
        raise RequestError(
            f"{path.name} has no column {name!r} for {flag(option)}: "
            f"{did_you_mean(name, folded_names(names))}"
        )


def folded_names(names: Sequence[str]) -> list[str]:
    """Names for a message; a run such as embedding_0 … embedding_767 counts as one."""
    runs: dict[str, list[str]] = {}
    for raw in names:
        name = " ".join(raw.split())  # a quoted header may contain line ends
        match = _NUMBERED.fullmatch(name)
        runs.setdefault(match[1] + "_" if match else name, []).append(name)
    return [run[0] if len(run) == 1 else f"{run[0]} … {run[-1]}" for run in runs.values()]


def numbered_columns(names: Sequence[str], prefix: str) -> list[str]:
    """The names `prefix_0`, `prefix_1`, … in the order of `names`."""
    pattern = re.compile(re.escape(prefix) + r"_\d+")
    return [name for name in names if pattern.fullmatch(name)]


def is_text(kind: pa.DataType) -> bool:
    """True if a column of this type holds strings."""
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind))


def strings(table: pa.Table, name: str, option: str, path: Path) -> list[str | None]:
    """Values of a column as n strings, None where null.

    Raises RequestError if its type, such as lists, cannot be cast to strings.
    """
    column = table.column(name)
    try:
        texts: list[str | None] = pc.cast(column, pa.large_string()).to_pylist()
    except pa.ArrowException as error:
        raise RequestError(
            f"column {name!r} of {path.name} cannot be {flag(option)}: it holds {column.type}. "
            "Name a column of text or whole numbers."
        ) from error
    return texts


def ids_of(table: pa.Table, column: str | None, path: Path) -> list[str | None]:
    """n ids: the values of `column`, or the row numbers from 0."""
    if column is None:
        return list(row_numbers(table.num_rows))
    return strings(table, column, "id_column", path)


def label_of(names: Sequence[str], options: ReadOptions, path: Path) -> str | None:
    """The label column: the one in `options`, or else `label` or `labels`; None if there is none.

    Raises RequestError if the column in `options` does not exist.
    """
    if options.label_column is not None:
        require(names, options.label_column, "label_column", path)
        return options.label_column
    return next((name for name in LABEL_NAMES if name in names), None)


def metadata_of(table: pa.Table, used: Sequence[str | None], label: str | None) -> pa.Table:
    """The columns that are not in `used`, and the label column; columns of bytes are left out.

    An empty string in the label column becomes null: it is not a label.
    """
    rest = table.select(
        [
            name
            for name in table.column_names
            if (name not in used or name == label) and not _holds_bytes(table.schema.field(name))
        ]
    )
    if label is not None and is_text(rest.schema.field(label).type):
        at = rest.column_names.index(label)
        labels = rest.column(label)
        empty = pc.equal(labels, pa.scalar("", labels.type))
        rest = rest.set_column(at, label, pc.if_else(empty, pa.scalar(None, labels.type), labels))
    return rest


def _holds_bytes(field: pa.Field) -> bool:
    kind = field.type
    if pt.is_struct(kind):
        return any(_holds_bytes(kind.field(at)) for at in range(kind.num_fields))
    return bool(pt.is_binary(kind) or pt.is_large_binary(kind) or pt.is_fixed_size_binary(kind))
