"""Folders that programs write: `datasets.save_to_disk` and clip-retrieval."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as papq
import pytest

from curate.data import ReadOptions, read
from curate.errors import DataError, RequestError

LABEL = {"names": ["cat", "dog"], "_type": "ClassLabel"}


def save(folder: Path, table: pa.Table, features: dict[str, Any], shards: int = 2) -> Path:
    """A folder as `datasets` 5.2 lays it out: streams of Arrow, a state and a description."""
    folder.mkdir(parents=True)
    names = [f"data-{at:05}-of-{shards:05}.arrow" for at in range(shards)]
    for name, rows in zip(names, np.array_split(np.arange(table.num_rows), shards), strict=True):
        with pa.ipc.new_stream(folder / name, table.schema) as file:
            file.write_table(table.take(rows))
    state = {
        "_data_files": [{"filename": name} for name in names],
        "_fingerprint": "f43cb97a7f42989e",
        "_format_columns": None,
        "_format_kwargs": {},
        "_format_type": None,
        "_output_all_columns": False,
        "_split": None,
    }
    (folder / "state.json").write_text(json.dumps(state, indent=2))
    info = {"citation": "", "description": "", "features": features, "homepage": ""}
    (folder / "dataset_info.json").write_text(json.dumps(info, indent=2))
    return folder


def pictures(folder: Path) -> Path:
    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    cells = [{"bytes": b"picture %d" % at, "path": f"{at}.png"} for at in range(5)]
    table = pa.table({"image": pa.array(cells, kind), "label": [0, 1, 1, 0, 1]})
    return save(folder, table, {"image": {"_type": "Image"}, "label": LABEL})


def test_saved_images_are_read_from_arrow(tmp_path: Path) -> None:
    """Pictures, their names as ids and the names of classes, in the order of the files."""
    data = read(pictures(tmp_path / "pets"))
    assert (data.kind, data.name, data.label_column) == ("images", "pets", "label")
    assert data.ids == [f"{at}.png" for at in range(5)]
    for at, item in enumerate(data.items):
        with item.open("rb") as stream:
            assert stream.read() == b"picture %d" % at
    assert data.metadata.to_pydict() == {"label": ["cat", "dog", "dog", "cat", "dog"]}


def test_saved_texts_and_vectors_are_read(tmp_path: Path) -> None:
    """Options of tables work as for a file."""
    table = pa.table({"text": ["a", "b", "c"], "name": ["x", "y", "z"]})
    assert read(save(tmp_path / "t", table, {})).items == ["a", "b", "c"]
    assert read(tmp_path / "t", ReadOptions(id_column="name")).ids == ["x", "y", "z"]
    vectors = pa.table({"emb": pa.array([[1, 2], [3, 4], [5, 6]], pa.list_(pa.float32()))})
    data = read(save(tmp_path / "v", vectors, {}, shards=3))
    assert np.array_equal(data.items, [[1, 2], [3, 4], [5, 6]])


def test_splits_are_not_guessed_between(tmp_path: Path, refused) -> None:
    """A saved DatasetDict names its splits; one of them, or several, can be given."""
    for split in ("train", "test"):
        pictures(tmp_path / "both" / split)
    (tmp_path / "both" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    refused(RequestError, tmp_path / "both", "splits train, test", "both/train")
    assert len(read(tmp_path / "both" / "train")) == 5
    data = read([tmp_path / "both" / "train", tmp_path / "both" / "test"])
    assert data.ids[0] == "train/0.png"
    assert len(data) == 10


def test_saved_folders_that_are_damaged_are_refused(tmp_path: Path, refused) -> None:
    """Missing and truncated files, broken JSON and shuffled views: one line each."""
    folder = pictures(tmp_path / "pets")
    shard = folder / "data-00001-of-00002.arrow"
    whole, state = shard.read_bytes(), (folder / "state.json").read_text()
    shard.write_bytes(whole[: len(whole) // 2])
    refused(DataError, folder, shard.name)
    shard.write_bytes(b"")
    refused(DataError, folder, shard.name)
    shard.unlink()
    refused(DataError, folder, shard.name, "no such file")
    (folder / "state.json").write_text(state[:50])
    refused(DataError, folder, "state.json", "not JSON")
    (folder / "state.json").write_text('{"_data_files": []}')
    refused(DataError, folder, "names no data file")
    (folder / "state.json").write_text('{"_indices_data_files": [{"filename": "i.arrow"}]}')
    refused(DataError, folder, "shuffled view")


VALUES = np.random.default_rng(0).normal(size=(23, 4)).astype(np.float16)


def clip(folder: Path, parts: int = 11) -> Path:
    """A folder as clip-retrieval writes it: numbered arrays, and a table for each."""
    for name in ("img_emb", "text_emb", "metadata"):
        (folder / name).mkdir(parents=True)
    for at, rows in enumerate(np.array_split(np.arange(23), parts)):
        np.save(folder / "img_emb" / f"img_emb_{at}.npy", VALUES[rows])
        np.save(folder / "text_emb" / f"text_emb_{at}.npy", VALUES[rows] + np.float16(1))
        names = [f"photos/{row}.jpg" for row in rows]
        table = pa.table({"image_path": names, "caption": [f"caption {row}" for row in rows]})
        papq.write_table(table, folder / "metadata" / f"metadata_{at}.parquet")
    return folder


def test_clip_retrieval_folders_are_read(tmp_path: Path) -> None:
    """Vectors in the order of their numbers, with paths as ids and captions as metadata."""
    data = read(clip(tmp_path / "laion"))
    assert (data.kind, data.name) == ("vectors", "laion")
    assert np.array_equal(data.items, VALUES)
    assert data.ids == [f"photos/{row}.jpg" for row in range(23)]
    assert data.metadata.column("caption").to_pylist() == [f"caption {row}" for row in range(23)]
    texts = read(tmp_path / "laion", ReadOptions(vector_column="text_emb", id_column="caption"))
    assert np.array_equal(texts.items, VALUES + np.float16(1))
    assert texts.ids[-1] == "caption 22"


def test_one_array_of_clip_retrieval_stays_on_disk(tmp_path: Path) -> None:
    """There is nothing to put together, so nothing is copied; metadata need not be there."""
    folder = clip(tmp_path / "one", parts=1)
    assert isinstance(read(folder).items, np.memmap)
    (folder / "metadata" / "metadata_0.parquet").unlink()
    assert read(folder).ids == [str(row) for row in range(23)]
    with pytest.raises(RequestError, match="no metadata"):
        read(folder, ReadOptions(id_column="caption"))


def test_clip_retrieval_folders_that_do_not_fit_are_refused(tmp_path: Path, refused) -> None:
    """Missing vectors or metadata, and unknown names: one line each."""
    folder = clip(tmp_path / "laion")
    refused(RequestError, folder, "did you mean 'img_emb'", vector_column="im_emb")
    refused(RequestError, folder, "did you mean 'caption'", id_column="captoin")
    (folder / "metadata" / "metadata_3.parquet").unlink()
    refused(DataError, folder, "23 vectors and 2", "rows of metadata")
    for path in (folder / "img_emb").glob("*.npy"):
        path.unlink()
    refused(DataError, folder, "no .npy file")
