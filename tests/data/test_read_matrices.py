"""Vectors in the formats of other tools, and in several files: the values that were written."""

from __future__ import annotations

import json
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


def write_tensors(path: Path, header: object, data: bytes = bytes(24), length: int = -1) -> Path:
    """A .safetensors file with this header, whatever it is, in front of `data`."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes((len(text) if length < 0 else length).to_bytes(8, "little") + text + data)
    return path


def tensor(**fields: object) -> dict[str, object]:
    """What a header says of a (2, 3) float32 tensor, with other fields or, where None, without."""
    whole = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]} | fields
    return {name: value for name, value in whole.items() if value is not None}


def test_bfloat16_is_widened(tmp_path: Path) -> None:
    """The upper half of a float32 is a bfloat16, and comes back as that float32."""
    halves = (VALUES.view(np.uint32) >> 16).astype(np.uint16)
    header = {"v": tensor(dtype="BF16", shape=halves.shape, data_offsets=[0, halves.nbytes])}
    path = write_tensors(tmp_path / "v.safetensors", header, halves.tobytes())
    expected = (halves.astype(np.uint32) << 16).view(np.float32)
    assert np.array_equal(read(path).items, expected)


@pytest.mark.parametrize("metadata", [{"metric": "cosine"}, {"curate": '{"metric": "cosine"}'}])
def test_safetensors_name_their_metric(tmp_path: Path, metadata: dict[str, str]) -> None:
    """The metric in the metadata is taken, other metadata are not."""
    path = tmp_path / "v.safetensors"
    save_file({"v": VALUES}, path, metadata | {"format": "pt"})
    assert read(path).metric == "cosine"
    save_file({"v": VALUES}, path, {"metric": "manhattan", "curate": "[{"})
    assert read(path).metric is None


def test_one_of_several_tensors_is_named(tmp_path: Path, refused) -> None:
    """Which tensor is meant is not guessed, and an unknown name lists those that there are."""
    path = tmp_path / "v.safetensors"
    save_file({"a": VALUES, "b": VALUES + 1}, path)
    refused(RequestError, path, "2 tensors: a, b", "--vector-column")
    refused(RequestError, path, "no tensor 'c'", vector_column="c")
    assert np.array_equal(read(path, ReadOptions(vector_column="b")).items, VALUES + 1)


DAMAGED_HEADERS = {
    "no file at all": (b"", b"", 0),
    "too short": (b'{"a', b"", 100),
    "length beyond the file": ({"a": tensor()}, bytes(24), 10**6),
    "length beyond the format": ({"a": tensor()}, bytes(24), 2**63),
    "not JSON": (b"{[}" * 9, bytes(24), -1),
    "not UTF-8": (b'{"\xff": 1}', bytes(24), -1),
    "not an object": ([1], bytes(24), -1),
    "a tensor that is no object": ({"a": 7}, bytes(24), -1),
    "no dtype": ({"a": tensor(dtype=None)}, bytes(24), -1),
    "no shape": ({"a": tensor(shape=None)}, bytes(24), -1),
    "no offsets": ({"a": tensor(data_offsets=None)}, bytes(24), -1),
    "offsets out of range": ({"a": tensor(shape=[4, 3], data_offsets=[0, 48])}, bytes(24), -1),
    "negative offsets": ({"a": tensor(data_offsets=[-24, 0])}, bytes(24), -1),
    "overlapping offsets": ({"a": tensor(), "b": tensor()}, bytes(24), -1),
    "offsets that do not fit the shape": ({"a": tensor(shape=[9, 9])}, bytes(24), -1),
    "a negative shape": ({"a": tensor(shape=[-2, 3])}, bytes(24), -1),
    "a shape that is no list": ({"a": tensor(shape="2, 3")}, bytes(24), -1),
    "an unknown dtype": ({"a": tensor(dtype="F31")}, bytes(24), -1),
    "truncated values": ({"a": tensor()}, bytes(19), -1),
}


@pytest.mark.parametrize("damage", DAMAGED_HEADERS)
def test_a_damaged_header_is_one_line(tmp_path: Path, refused, damage: str) -> None:
    """Every damage is a DataError that names the file, the damage and what to do."""
    path = write_tensors(tmp_path / "v.safetensors", *DAMAGED_HEADERS[damage])
    refused(DataError, path, str(path), "is no whole .safetensors file:", "Write it again.")


@pytest.mark.parametrize(("dtype", "size"), [("F8_E4M3", 1), ("C64", 8)])
def test_types_that_numpy_does_not_have_are_refused(
    tmp_path: Path, refused, dtype: str, size: int
) -> None:
    """A float8 or complex tensor is named with its type and the types that can be read."""
    header = {"a": tensor(dtype=dtype, data_offsets=[0, 6 * size])}
    path = write_tensors(tmp_path / "v.safetensors", header, bytes(6 * size))
    refused(DataError, path, f"'a' of {path} holds {dtype}", "Give float16, bfloat16")


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
