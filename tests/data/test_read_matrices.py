"""Vectors in the formats of other tools, and in several files: the values that were written."""

from __future__ import annotations

import sys
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as papq
import pytest
from safetensors.numpy import save_file

from curate.data import ReadOptions, read
from curate.errors import DataError, MissingExtraError, RequestError

VALUES = np.random.default_rng(3).normal(size=(60, 7)).astype(np.float32)


def write_vecs(path: Path, values: np.ndarray) -> Path:
    """Each row as its dimension and its values, written one by one."""
    with path.open("wb") as file:
        for row in values:
            file.write(np.int32(len(row)).tobytes() + row.tobytes())
    return path


def is_mapped(values: object) -> bool:
    while isinstance(values, np.ndarray):
        if isinstance(values, np.memmap):
            return True
        values = values.base
    return False


def test_fvecs_are_mapped(tmp_path: Path) -> None:
    """The values are those that were written, and stay on disk."""
    data = read(write_vecs(tmp_path / "v.fvecs", VALUES))
    assert np.array_equal(data.items, VALUES)
    assert data.items.dtype == np.float32
    assert is_mapped(data.items)
    assert data.ids == [str(row) for row in range(60)]


def test_bvecs_become_floats(tmp_path: Path) -> None:
    """Bytes are whole numbers from 0 to 255."""
    values = np.random.default_rng(0).integers(0, 256, (9, 5)).astype(np.uint8)
    data = read(write_vecs(tmp_path / "v.bvecs", values))
    assert np.array_equal(data.items, values)
    assert data.items.dtype == np.float32


def test_damaged_vecs_are_refused(tmp_path: Path, refused) -> None:
    """Empty, truncated, and of two dimensions: one line each."""
    path = tmp_path / "v.fvecs"
    path.write_bytes(b"")
    refused(DataError, path, "v.fvecs", "0 bytes")
    path.write_bytes(write_vecs(path, VALUES).read_bytes()[:-3])
    refused(DataError, path, "do not divide into rows of 7")
    raw = bytearray(write_vecs(path, VALUES).read_bytes())
    raw[32:36] = np.int32(6).tobytes()
    path.write_bytes(raw)
    refused(DataError, path, "6 dimensions in row 1 and 7 in row 0")


@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "int32", "uint8", "bool"])
def test_safetensors_hold_what_the_package_wrote(tmp_path: Path, kind: str) -> None:
    """Every type, checked against the package itself; floats stay on disk."""
    values = (VALUES * 9).astype(kind)
    save_file({"v": values, "other": np.ones(3, np.float32)}, tmp_path / "v.safetensors")
    data = read(tmp_path / "v.safetensors")
    assert np.array_equal(data.items, values)
    assert is_mapped(data.items) == kind.startswith("float")


def test_bfloat16_is_widened(tmp_path: Path) -> None:
    """The upper half of a float32 is a bfloat16, and comes back as that float32."""
    halves = (VALUES.view(np.uint32) >> 16).astype(np.uint16)
    save_file({"v": halves}, tmp_path / "v.safetensors")
    path = tmp_path / "v.safetensors"
    path.write_bytes(path.read_bytes().replace(b'"U16"', b'"BF16"'[:5] + b'"', 1))
    raw = path.read_bytes()
    header = raw[8 : 8 + int.from_bytes(raw[:8], "little")].replace(b" ", b"")
    path.write_bytes(len(header).to_bytes(8, "little") + header + raw[-halves.nbytes :])
    expected = (halves.astype(np.uint32) << 16).view(np.float32)
    assert np.array_equal(read(path).items, expected)


def test_one_of_several_tensors_is_named(tmp_path: Path, refused) -> None:
    """Which one is not guessed; unknown names and damage are one line each."""
    path = tmp_path / "v.safetensors"
    save_file({"a": VALUES, "b": VALUES + 1}, path)
    refused(RequestError, path, "2 tensors: a, b", "--vector-column")
    refused(RequestError, path, "no tensor 'c'", vector_column="c")
    assert np.array_equal(read(path, ReadOptions(vector_column="b")).items, VALUES + 1)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    refused(DataError, path, "truncated", vector_column="b")
    for damaged in (b"", whole[:20], b"\xff" * 99, (9).to_bytes(8, "little") + b"{[}" * 9):
        path.write_bytes(damaged)
        refused(DataError, path, "v.safetensors", vector_column="b")


@pytest.mark.parametrize("how", [{}, {"chunks": (8, 7), "compression": "gzip"}])
def test_hdf5_arrays_are_read(tmp_path: Path, how: dict) -> None:
    """In one piece or compressed, in a group or not, the values are those written."""
    with h5py.File(tmp_path / "v.h5", "w") as file:
        file.create_dataset("deep/train", data=VALUES, **how)
        file["names"] = [b"x"] * 60
    data = read(tmp_path / "v.h5")
    assert np.array_equal(data.items, VALUES)
    assert is_mapped(data.items) == (not how)


def test_hdf5_that_cannot_be_used_is_refused(tmp_path: Path, refused, monkeypatch) -> None:
    """Several arrays, texts, damage, and a missing package: one line each."""
    path = tmp_path / "v.h5"
    with h5py.File(path, "w") as file:
        file["train"], file["test"] = VALUES, VALUES[:9]
        file["names"] = [b"x"] * 60
    refused(RequestError, path, "2 arrays: test, train", "--vector-column")
    refused(DataError, path, "'/names'", "not numbers", vector_column="names")
    assert len(read(path, ReadOptions(vector_column="test"))) == 9
    path.write_bytes(path.read_bytes()[:900])
    refused(DataError, path, "v.h5")
    monkeypatch.setitem(sys.modules, "h5py", None)
    refused(MissingExtraError, path, 'pip install "curate-select[h5]"')


# -- several files -----------------------------------------------------------------------


def test_numbered_arrays_are_one(tmp_path: Path) -> None:
    """A folder of them, a pattern and all of their names give the rows in the same order."""
    for number, part in enumerate(np.array_split(VALUES, 12)):
        np.save(tmp_path / f"part-{number}.npy", part)
    (tmp_path / "notes.md").write_text("no data")
    (tmp_path / "ids.lst").write_text("x")
    names = sorted(tmp_path.glob("*.npy"))
    for source in (tmp_path, f"{tmp_path}/*.npy", names):
        data = read(source)
        assert np.array_equal(data.items, VALUES)
        assert data.ids == [str(row) for row in range(60)]


def test_numbered_tables_are_one(tmp_path: Path) -> None:
    """Rows are counted through all parts, and columns are those of all."""
    for number, rows in enumerate(np.array_split(np.arange(60), 3)):
        table = pa.table({"v": list(VALUES[rows]), "n": rows})
        papq.write_table(table, tmp_path / f"train-{number:05}-of-00003.parquet")
    data = read(tmp_path)
    assert np.array_equal(data.items, VALUES)
    assert data.ids == [str(row) for row in range(60)]
    assert data.metadata.column("n").to_pylist() == list(range(60))
    assert read(tmp_path, ReadOptions(id_column="n")).ids == data.ids


def test_files_that_are_no_parts_are_not_put_together(tmp_path: Path, refused) -> None:
    """Other names, other formats, other dimensions: one line each."""
    np.save(tmp_path / "train.npy", VALUES)
    np.save(tmp_path / "test.npy", VALUES)
    refused(DataError, tmp_path, "2 data files", "test.npy, train.npy", "or several")
    (tmp_path / "parts").mkdir()
    np.save(tmp_path / "parts" / "1.npy", VALUES)
    np.save(tmp_path / "parts" / "2.npy", VALUES[:, 1:])
    refused(DataError, tmp_path / "parts", "2.npy", "(60, 6)", "(60, 7)")
