"""Folders that a program wrote as one data set, recognised by the names of their files.

`datasets.save_to_disk` writes `state.json` beside Arrow files, which are mapped and read without
that package. clip-retrieval writes `img_emb/img_emb_*.npy` (or `text_emb`), and a table for each
in `metadata/`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from curate.core.values import Dataset
from curate.data.arrays import mapped_npy
from curate.data.assemble import assemble, name_of, row_numbers
from curate.data.columns import ids_of, label_of, metadata_of, require
from curate.data.numeric_columns import as_floats, not_finite
from curate.data.options import ReadOptions
from curate.data.read_errors import reading
from curate.data.several_sources import in_order, one_matrix, stacked
from curate.data.table_items import items_of
from curate.data.tables import checked, load_arrow, load_table
from curate.errors import DataError, RequestError

_EMBEDDINGS = ("img_emb", "text_emb")  # folders of clip-retrieval
_CLIP_IDS = ("image_path", "key", "id")  # columns of its metadata that may be ids


def read_saved(folder: Path, options: ReadOptions) -> Dataset:
    """The data set that `datasets` saved to `folder`: Arrow files, named in state.json.

    Raises DataError if a file is missing or damaged, and as `items_of`.
    """
    with reading(folder / "state.json"):
        state, info = _json(folder / "state.json"), _json(folder / "dataset_info.json")
        if state.get("_indices_data_files"):
            raise DataError(
                f"{folder} stores a shuffled view of its rows. Save it again with a newer "
                "version of datasets."
            )
        names = [
            Path(str(file.get("filename", ""))).name for file in state.get("_data_files") or []
        ]
    if not names:
        raise DataError(f"{folder / 'state.json'} names no data file. Save the data set again.")
    tables = []
    for name in names:
        with reading(folder / name):
            tables.append(load_arrow(folder / name, options))
    table = checked(pa.concat_tables(tables), folder, info.get("features"))
    return items_of(table, folder, options, typed=True)


def read_splits(folder: Path, _options: ReadOptions) -> Dataset:
    """Raise RequestError for the folder of a saved DatasetDict: the user must name a split."""
    with reading(folder / "dataset_dict.json"):
        splits = [str(name) for name in _json(folder / "dataset_dict.json").get("splits", [])]
    raise RequestError(
        f"{folder} has the splits {', '.join(splits) or 'none'}. Name one of them, as in "
        f"{folder / (splits[0] if splits else 'train')}, or several to take them together."
    )


def read_clip(folder: Path, options: ReadOptions) -> Dataset:
    """The vectors that clip-retrieval wrote to `folder`, with their metadata.

    --vector-column names the folder of the vectors, by default img_emb, else text_emb. Ids are
    those of --id-column, else of image_path or key, else row numbers.
    Raises DataError if the numbers of vectors and rows of metadata differ.
    """
    options.allow_only(("vector_column", "id_column", "label_column"), "a folder of clip-retrieval")
    present = [name for name in _EMBEDDINGS if (folder / name).is_dir()]
    subfolder = options.vector_column or present[0]
    if subfolder not in present:
        require(present, subfolder, "vector_column", folder)
    files = in_order(list((folder / subfolder).glob("*.npy")))
    if not files:
        raise DataError(f"{folder / subfolder} has no .npy file. Check that the run was finished.")
    whole = one_matrix(files) if len(files) > 1 else mapped_npy(files[0])
    matrix = as_floats(whole)
    tables = in_order(list((folder / "metadata").glob("*.parquet")))
    table = stacked([load_table(path, ReadOptions()) for path in tables]) if tables else None
    if table is None:
        if options.id_column or options.label_column:
            raise RequestError(f"{folder} has no metadata for --id-column and --label-column.")
        ids: list[str | None] = [*row_numbers(len(matrix))]
        metadata = label = None
    else:
        if table.num_rows != len(matrix):
            raise DataError(
                f"{folder} has {len(matrix)} vectors and {table.num_rows} rows of metadata. "
                "Check that the run was finished."
            )
        column = options.id_column or next((c for c in _CLIP_IDS if c in table.column_names), None)
        if column:
            require(table.column_names, column, "id_column", folder)
        label = label_of(table.column_names, options, folder)
        ids, metadata = ids_of(table, column, folder), metadata_of(table, (column,), label)
    return assemble(
        "vectors",
        ids,
        matrix,
        not_finite(matrix),
        name=name_of(folder),
        metadata=metadata,
        label_column=label,
    )


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{path} is damaged: it is not JSON. Save the data set again.") from error
    return content if isinstance(content, dict) else {}


# Names that are together in a folder -> the reader of the folder.
FOLDER_READERS: dict[tuple[str, ...], Callable[[Path, ReadOptions], Dataset]] = {
    ("state.json", "dataset_info.json"): read_saved,
    ("dataset_dict.json",): read_splits,
    ("img_emb",): read_clip,
    ("text_emb",): read_clip,
}
