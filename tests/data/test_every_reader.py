"""Every line of the tables of readers gives a data set that keeps the promises of `Dataset`."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import av
import h5py
import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as papq
import pytest
from PIL import Image
from safetensors.numpy import save_file

from curate.data import ReadOptions, content_keys, fingerprint, read
from curate.data.library_folders import FOLDER_READERS, read_splits
from curate.data.registry import READERS
from curate.errors import CurateError, DataError, RequestError

VECTORS = np.arange(12, dtype=np.float32).reshape(4, 3)
TEXTS = ["one", "two", "three", "four"]
TABLE = pa.table({"text": TEXTS, "label": ["a", "b", "a", "b"]})


def csv_text(delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(TABLE.column_names)
    writer.writerows(zip(*TABLE.to_pydict().values(), strict=True))
    return text.getvalue().encode()


def jsonl_text() -> bytes:
    return "".join(json.dumps(row) + "\n" for row in TABLE.to_pylist()).encode()


def pictures() -> dict[str, bytes]:
    found = {}
    for at, name in enumerate(("a/0.png", "a/1.png", "b/2.png", "b/3.png")):
        stream = io.BytesIO()
        Image.new("RGB", (9, 7), (60 * at, 9, 9)).save(stream, "PNG")
        found[name] = stream.getvalue()
    return found


def write_tar(path: Path) -> None:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, content in pictures().items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    pack = {".gz": gzip.compress, ".tgz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
    path.write_bytes(pack.get(path.suffix, bytes)(plain.getvalue()))


def write_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in pictures().items():
            archive.writestr(name, content)


def write_video(path: Path) -> None:
    codec = "libvpx" if path.suffix == ".webm" else "mpeg4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=1)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for number in range(4):
            pixels = np.full((32, 32, 3), 60 * number, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def write_arrow(path: Path) -> None:
    with pa.ipc.new_stream(path, TABLE.schema) as stream:
        stream.write_table(TABLE)


def write_vecs(path: Path, kind: str) -> None:
    rows = (np.int32(3).tobytes() + row.astype(kind).tobytes() for row in VECTORS)
    path.write_bytes(b"".join(rows))


def write_hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["vectors"] = VECTORS


def write_npz(path: Path) -> None:
    np.savez(path, vectors=VECTORS)


def saved_folder(folder: Path) -> None:
    """As `datasets.save_to_disk` writes it."""
    write_arrow(folder / "data-00000-of-00001.arrow")
    (folder / "state.json").write_text(
        '{"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}'
    )
    (folder / "dataset_info.json").write_text("{}")


def splits_folder(folder: Path) -> None:
    """As `datasets.save_to_disk` writes a DatasetDict, which has several data sets."""
    (folder / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')


def clip_folder(name: str) -> Callable[[Path], None]:
    """As clip-retrieval writes it."""

    def write(folder: Path) -> None:
        (folder / name).mkdir()
        np.save(folder / name / f"{name}_0.npy", VECTORS)

    return write


# Suffix -> what writes a file of four items.
FILES: dict[str, Callable[[Path], object]] = {
    ".txt": lambda path: path.write_text("\n".join(TEXTS)),
    ".txt.gz": lambda path: path.write_bytes(gzip.compress("\n".join(TEXTS).encode())),
    ".csv": lambda path: path.write_bytes(csv_text(",")),
    ".csv.gz": lambda path: path.write_bytes(gzip.compress(csv_text(","))),
    ".tsv": lambda path: path.write_bytes(csv_text("\t")),
    ".tsv.gz": lambda path: path.write_bytes(gzip.compress(csv_text("\t"))),
    ".jsonl": lambda path: path.write_bytes(jsonl_text()),
    ".jsonl.gz": lambda path: path.write_bytes(gzip.compress(jsonl_text())),
    ".parquet": lambda path: papq.write_table(TABLE, path),
    ".arrow": write_arrow,
    ".feather": lambda path: feather.write_feather(TABLE, path),
    **dict.fromkeys((".mp4", ".avi", ".mov", ".mkv", ".webm"), write_video),
    ".npy": lambda path: np.save(path, VECTORS),
    ".npz": write_npz,
    ".fvecs": lambda path: write_vecs(path, "<f4"),
    ".bvecs": lambda path: write_vecs(path, "u1"),
    ".safetensors": lambda path: save_file({"vectors": VECTORS}, path),
    ".h5": write_hdf5,
    ".hdf5": write_hdf5,
    ".zip": write_zip,
    **dict.fromkeys((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"), write_tar),
}
# Names in a folder -> what writes such a folder, of four items but for the splits.
FOLDERS: dict[tuple[str, ...], Callable[[Path], None]] = {
    ("state.json", "dataset_info.json"): saved_folder,
    ("dataset_dict.json",): splits_folder,
    ("img_emb",): clip_folder("img_emb"),
    ("text_emb",): clip_folder("text_emb"),
}


def written(folder: Path, suffix: str) -> Path:
    path = folder / f"items{suffix}"
    FILES[suffix](path)
    return path


def check_promises(source: Path, frames: Path) -> None:
    """What `Dataset` says of its fields holds for the four items of `source`."""
    options = ReadOptions(frame_cache=frames)
    data = read(source, options)
    assert data.kind in ("images", "text", "vectors")
    assert len(data) == len(set(data.ids)) == len(data.items) == data.metadata.num_rows == 4
    assert all(isinstance(id_, str) and id_ for id_ in data.ids)
    assert data.name
    assert data.set_aside == ()
    assert data.label_column is None or data.label_column in data.metadata.column_names
    assert data.source_positions().tolist() == [0, 1, 2, 3]
    if data.kind == "vectors":
        assert data.items.dtype.kind == "f"
        assert data.items.dtype.isnative
        assert np.array_equal(data.items, VECTORS)
    elif data.kind == "text":
        assert list(data.items) == TEXTS
    else:
        for item in data.items:
            with item.open("rb") as stream:
                assert stream.read(1)
    keys = content_keys(data)
    assert len(set(keys)) == 4
    again = read(source, options)
    assert fingerprint(content_keys(again), again.ids) == fingerprint(keys, data.ids)


@pytest.mark.parametrize("suffix", READERS)
def test_every_format_gives_a_data_set(tmp_path: Path, suffix: str) -> None:
    """The four items of a file come with unique ids, metadata and keys, the same twice."""
    check_promises(written(tmp_path, suffix), tmp_path / "frames")


@pytest.mark.parametrize("marks", FOLDER_READERS)
def test_every_kind_of_folder_gives_a_data_set(tmp_path: Path, marks: tuple[str, ...]) -> None:
    """A folder of each program is read like a file; of several splits one must be named."""
    folder = tmp_path / "saved"
    folder.mkdir()
    FOLDERS[marks](folder)
    if FOLDER_READERS[marks] is read_splits:
        with pytest.raises(RequestError, match="Name one of them"):
            read(folder)
    else:
        check_promises(folder, tmp_path / "frames")


@pytest.mark.parametrize("suffix", READERS)
def test_every_format_refuses_options_that_it_does_not_have(
    tmp_path: Path, refused, suffix: str
) -> None:
    """No option is silently ignored: --frames is for folders of images only."""
    refused(RequestError, written(tmp_path, suffix), "--frames", frames=True)


@pytest.mark.parametrize("content", [b"", b"\0\xff nothing of the kind \xfe"])
@pytest.mark.parametrize("suffix", READERS)
def test_every_format_refuses_what_is_not_of_it(
    tmp_path: Path, suffix: str, content: bytes
) -> None:
    """An empty file and one of other bytes are one line that names the file, never a crash."""
    path = tmp_path / f"items{suffix}"
    path.write_bytes(content)
    with pytest.raises(CurateError) as caught:
        read(path, ReadOptions(frame_cache=tmp_path / "frames"))
    assert isinstance(caught.value, DataError)
    assert "items" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith((".", "?"))
