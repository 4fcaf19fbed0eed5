"""Vectors from .npy, .npz and memory."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as papq
import pytest

from curate.core import memory_map
from curate.data import ReadOptions, from_array, read
from curate.errors import DataError, RequestError


@pytest.fixture
def npy(tmp_path: Path) -> Path:
    np.save(tmp_path / "v.npy", np.arange(6, dtype=np.float32).reshape(3, 2))
    return tmp_path / "v.npy"


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_npy_files_stay_on_disk_in_their_type(tmp_path: Path, dtype) -> None:
    """Rows are a read-only memory map of the type in the file."""
    np.save(tmp_path / "v.npy", np.arange(6, dtype=dtype).reshape(3, 2))
    data = read(tmp_path / "v.npy")
    assert data.kind == "vectors"
    assert isinstance(data.items, np.memmap)
    assert not data.items.flags.writeable
    assert data.items.dtype == dtype
    assert data.items.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert data.ids == ["0", "1", "2"]
    assert data.metadata.num_rows == 3
    assert data.name == "v"


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (np.array([[True, False]]), np.float32),
        (np.array([[255, 0]], np.uint8), np.float32),
        (np.array([[-(2**15), 1]], np.int16), np.float32),
        (np.array([[-(2**24), 1]], np.int32), np.float32),
        (np.array([[-(2**24) - 1, 1]], np.int32), np.float64),
        (np.array([[2**24 + 1, 1]], np.uint64), np.float64),
        (np.array([[2**24, 1]], np.int64), np.float32),
        (np.array([[1.5, 2.5]], ">f4"), np.float32),
    ],
)
def test_other_numbers_become_native_floats_without_rounding(tmp_path, values, dtype) -> None:
    """Whole numbers, booleans and foreign byte orders keep every value."""
    np.save(tmp_path / "v.npy", values)
    items = read(tmp_path / "v.npy").items
    assert items.dtype == dtype
    assert items.dtype.isnative
    assert items.tolist() == values.tolist()


def test_rows_that_are_not_finite_are_set_aside(tmp_path: Path, monkeypatch) -> None:
    """NaN and infinity are found in every block, with the column of the first of a row."""
    monkeypatch.setattr(memory_map, "BLOCK_BYTES", 32)  # two rows of two float64
    values = np.arange(14, dtype=np.float64).reshape(7, 2)
    values[3, 1], values[4], values[6, 0] = np.nan, [np.inf, np.nan], -np.inf
    np.save(tmp_path / "v.npy", values)
    data = read(tmp_path / "v.npy")
    assert data.ids == ["0", "1", "2", "5"]
    assert data.items.tolist() == values[[0, 1, 2, 5]].tolist()
    assert data.metadata.num_rows == 4
    assert data.source_positions().tolist() == [0, 1, 2, 5]
    assert [(left.id, left.reason, left.detail) for left in data.set_aside] == [
        ("3", "not finite", "column 1 is nan"),
        ("4", "not finite", "column 0 is inf"),
        ("6", "not finite", "column 0 is -inf"),
    ]


def test_npz_with_one_array_needs_no_name(tmp_path: Path) -> None:
    """The only array of an archive is read, compressed or not."""
    np.savez_compressed(tmp_path / "v.npz", v=np.ones((2, 3)))
    assert read(tmp_path / "v.npz").items.tolist() == [[1, 1, 1], [1, 1, 1]]


def test_npz_with_several_arrays_needs_a_name(tmp_path: Path, refused) -> None:
    """--vector-column picks the array, and a wrong name gets the nearest."""
    np.savez(tmp_path / "v.npz", first=np.ones((2, 3)), second=np.zeros((2, 3)))
    assert read(tmp_path / "v.npz", ReadOptions(vector_column="second")).items.max() == 0
    path = tmp_path / "v.npz"
    refused(RequestError, path, "2 arrays", "first, second", "--vector-column")
    refused(RequestError, path, "'secnd'", "did you mean 'second'", vector_column="secnd")


def test_ids_come_from_lines(tmp_path: Path, npy: Path) -> None:
    """A .txt of ids has one a line; blank ones are set aside, and counts must match."""
    ids = tmp_path / "ids.txt"
    ids.write_text("007\n\n007 b\n")
    data = read(npy, ReadOptions(ids=ids))
    assert data.ids == ["007", "007 b"]
    assert [(left.id, left.reason) for left in data.set_aside] == [("row 1", "no id")]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_ids_and_metadata_come_from_a_table(tmp_path: Path, npy: Path, suffix: str) -> None:
    """The first column, or the one named, is the ids as written; the rest is metadata."""
    table = {"file": ["007", "b", "c"], "key": ["01", "02", "03"], "label": ["x", "y", "x"]}
    path = tmp_path / f"ids{suffix}"
    rows = list(zip(*table.values(), strict=True))
    if suffix == ".parquet":
        papq.write_table(pa.table(table), path)
    elif suffix == ".jsonl":
        path.write_text(
            "\n".join(f'{{"file":"{f}","key":"{k}","label":"{c}"}}' for f, k, c in rows)
        )
    else:
        tab = "\t" if suffix == ".tsv" else ","
        path.write_text("\n".join(tab.join(row) for row in [tuple(table), *rows]))
    data = read(npy, ReadOptions(ids=path))
    assert data.ids == ["007", "b", "c"]
    assert data.label_column == "label"
    assert data.metadata.column_names == ["key", "label"]
    named = read(npy, ReadOptions(ids=path, id_column="key", label_column="file"))
    assert named.ids == ["01", "02", "03"]
    assert named.label_column == "file"


def test_ids_must_be_as_many_as_vectors(tmp_path: Path, npy: Path, refused) -> None:
    """The message has both counts."""
    ids = tmp_path / "ids.txt"
    ids.write_text("a\nb\n")
    refused(DataError, npy, "ids.txt has 2 ids for 3 vectors", ids=ids)
    (tmp_path / "ids.csv").write_text("id\na\nb\n")
    refused(DataError, npy, "ids.csv has 2 ids for 3 vectors", ids=tmp_path / "ids.csv")


def test_id_files_that_cannot_be_read_are_refused(tmp_path: Path, npy: Path, refused) -> None:
    """The message names the file of ids, not the vectors."""
    refused(DataError, npy, "no.txt", "no such file", ids=tmp_path / "no.txt")
    refused(DataError, npy, "no.csv", "no such file", ids=tmp_path / "no.csv")
    refused(DataError, npy, "'.npy'", ".txt", ids=npy)
    ids = tmp_path / "ids.csv"
    ids.write_text("key\na\nb\nc\n")
    refused(RequestError, npy, "ids.csv", "did you mean 'key'", ids=ids, id_column="kee")
    refused(RequestError, npy, "ids.csv", "--label-column", ids=ids, label_column="topic")


@pytest.mark.parametrize("option", ["text_column", "id_column", "label_column", "vector_column"])
def test_options_that_mean_nothing_for_npy_are_refused(npy: Path, refused, option) -> None:
    """An array has no columns, and no option that names one is ignored."""
    refused(RequestError, npy, "--" + option.replace("_", "-"), "'x'", **{option: "x"})


def content(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


WHOLE = content(np.ones((100, 3)))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "EOF"),
        (WHOLE[:60], "EOF"),
        (WHOLE[:500], "greater than file size"),
        (WHOLE[:20] + b"(" * 20 + WHOLE[40:], "v.npy"),
        (b"no numpy file", "magic"),
        (pickle.dumps([1, 2]), "v.npy"),
        (content(np.ones(3)), "1 dimensions, shape (3,)"),
        (content(np.ones((1, 2, 3))), "3 dimensions, shape (1, 2, 3)"),
        (content(np.array(1.0)), "0 dimensions"),
        (content(np.ones((0, 3))), "empty"),
        (content(np.ones((3, 0))), "empty"),
        (content(np.ones((2, 2), complex)), "complex128"),
        (content(np.array([["a", "b"]])), "<U1"),
        (content(np.array([[1]], "datetime64[s]")), "datetime64"),
        (content(np.ones((2, 2), [("x", "f4")])), "'x'"),
        (content(np.full((2, 2), np.nan)), "2 not finite"),
    ],
)
def test_npy_files_that_are_no_vectors_are_refused(tmp_path, refused, data, words) -> None:
    """Truncated, foreign and misshapen arrays are bad data with a reason."""
    (tmp_path / "v.npy").write_bytes(data)
    refused(DataError, tmp_path / "v.npy", "v", words)


class Bomb:
    """Fails the test if it is ever unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return pytest.fail, ("a pickled object was loaded",)


def test_pickled_objects_are_refused_without_loading_them(tmp_path: Path, refused) -> None:
    """Object arrays are never unpickled, in .npy or .npz."""
    bomb = np.array([[Bomb(), 1]], object)
    np.save(tmp_path / "v.npy", bomb, allow_pickle=True)
    np.savez(tmp_path / "v.npz", v=bomb)
    (tmp_path / "raw.npz").write_bytes(pickle.dumps(Bomb()))
    refused(DataError, tmp_path / "v.npy", "pickled Python objects", "Save it again")
    refused(DataError, tmp_path / "v.npz", "pickled Python objects", "Save it again")
    refused(DataError, tmp_path / "raw.npz", "raw.npz")


def test_broken_archives_are_refused(tmp_path: Path, refused) -> None:
    """Truncated, empty and foreign .npz files are bad data."""
    path = tmp_path / "v.npz"
    np.savez(path, v=np.ones((100, 3)))
    whole = path.read_bytes()
    path.write_bytes(whole[:500])
    refused(DataError, path, "v.npz", "zip")
    path.write_bytes(whole[:200] + b"\xff" * 50 + whole[250:])
    refused(DataError, path, "v.npz", "CRC")
    path.write_bytes(WHOLE)
    refused(DataError, path, "v.npz", "zip")
    np.savez(path)
    refused(DataError, path, "no array")


def test_arrays_in_memory_are_a_source() -> None:
    """Vectors, ids and labels that are in memory make the same data set as files."""
    vectors = np.array([[1.0, 2.0], [np.nan, 0.0], [3.0, 4.0]], np.float32)
    data = from_array(vectors, ids=[10, 11, 12], labels=["x", "y", "z"], name="mine")
    assert data.kind == "vectors"
    assert data.ids == ["10", "12"]
    assert data.items.dtype == np.float32
    assert data.items.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert data.label_column == "label"
    assert data.metadata.column("label").to_pylist() == ["x", "z"]
    assert data.name == "mine"
    assert data.set_aside[0].id == "11"


def test_arrays_in_memory_are_not_copied() -> None:
    """If nothing is set aside the items are the caller's own array."""
    vectors = np.ones((2, 2))
    assert np.shares_memory(from_array(vectors).items, vectors)
    assert from_array(vectors).ids == ["0", "1"]
    assert from_array(vectors).positions is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"vectors": [1.0, 2.0]}, "1 dimensions"),
        ({"vectors": [["a"]]}, "type"),
        ({"vectors": np.ones((2, 2)), "ids": ["a"]}, "1 ids for 2 vectors"),
        ({"vectors": np.ones((2, 2)), "labels": ["a"]}, "1 labels for 2 vectors"),
        ({"vectors": np.ones((2, 2)), "labels": ["a", 1]}, "one column"),
    ],
)
def test_arrays_that_cannot_be_a_data_set_are_refused(arguments, words) -> None:
    """Shapes, types and counts are checked as for files."""
    with pytest.raises(DataError) as caught:
        from_array(**arguments)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
