"""Tables: every format the same rows; images in columns; class names."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.feather as feather
import pyarrow.parquet as papq
import pytest

from curate.core.values import Picture
from curate.data import ReadOptions, content_keys, read
from curate.errors import DataError, RequestError

ROWS = [{"id": f"0{at}", "text": f"text {at}", "label": "ab"[at % 2]} for at in range(5)]


def write(path: Path, rows: list[dict], kind: str) -> Path:
    """The rows as a file of format `kind`, which ends its name."""
    path = path.with_name(path.name + kind)
    table = pa.Table.from_pylist(rows)
    plain = path.with_suffix("") if kind.endswith(".gz") else path
    if kind.startswith(".csv"):
        pacsv.write_csv(table, plain)
    elif kind.startswith(".tsv"):
        pacsv.write_csv(table, plain, pacsv.WriteOptions(delimiter="\t"))
    elif kind.startswith(".jsonl"):
        plain.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif kind == ".parquet":
        papq.write_table(table, path)
    elif kind == ".feather":
        feather.write_feather(table, path)
    elif kind == ".arrow":
        with pa.ipc.new_stream(path, table.schema) as file:
            file.write_table(table, max_chunksize=2)
    if kind.endswith(".gz"):
        path.write_bytes(gzip.compress(plain.read_bytes()))
    return path


KINDS = [".csv", ".csv.gz", ".tsv", ".tsv.gz", ".jsonl", ".jsonl.gz", ".parquet"]


@pytest.mark.parametrize("kind", [*KINDS, ".arrow", ".feather"])
def test_every_format_gives_the_same_data_set(tmp_path: Path, kind: str) -> None:
    """Ids, texts, labels and the name do not depend on the format."""
    data = read(write(tmp_path / "some", ROWS, kind), ReadOptions(id_column="id"))
    assert data.name == "some"
    assert data.ids == ["00", "01", "02", "03", "04"]
    assert data.items == [f"text {at}" for at in range(5)]
    assert data.metadata.to_pydict() == {"label": ["a", "b", "a", "b", "a"]}


def test_an_arrow_file_with_an_index_is_read_too(tmp_path: Path) -> None:
    """`.arrow` may be a file or a stream."""
    table = pa.Table.from_pylist(ROWS)
    with pa.ipc.new_file(tmp_path / "t.arrow", table.schema) as file:
        file.write_table(table)
    assert read(tmp_path / "t.arrow").items == [row["text"] for row in ROWS]


def test_compressed_lines_are_lines(tmp_path: Path) -> None:
    """A .txt.gz is its .txt, line ends of every kind included."""
    (tmp_path / "t.txt.gz").write_bytes(gzip.compress("\ufeffone\r\ntwo\rthree\n".encode()))
    data = read(tmp_path / "t.txt.gz")
    assert (data.items, data.name) == (["one", "two", "three"], "t")


@pytest.mark.parametrize("kind", [*KINDS, ".arrow", ".feather", ".txt.gz"])
def test_damaged_files_are_one_line(tmp_path: Path, refused, kind: str) -> None:
    """Empty, truncated and foreign files name themselves."""
    path = tmp_path / f"bad{kind}"
    path.write_bytes(b"")
    refused(DataError, path, "bad")
    path.write_bytes(b"\x89\xff\xfe nothing of the kind\n\x00" * 9)
    refused(DataError, path, path.name)
    if kind.endswith(".gz"):
        path.write_bytes(gzip.compress(b"text\n" * 999)[:-9])
        refused(DataError, path, path.name, ".gz")


# -- images in columns -------------------------------------------------------------------


def images(root: Path) -> Path:
    (root / "img").mkdir()
    for at in range(3):
        (root / "img" / f"{at}.png").write_bytes(b"picture %d" % at)
    return root


def test_a_column_of_paths_is_known_by_its_values(tmp_path: Path) -> None:
    """Paths are relative to the table and are the ids; the other columns are metadata."""
    path = images(tmp_path) / "t.csv"
    path.write_text("where,label\nimg/0.png,a\nimg/2.png,b\nimg/gone.png,b\n,a\nimg/0.png,c\n")
    data = read(path)
    assert data.kind == "images"
    assert data.ids == ["img/0.png", "img/2.png", "img/gone.png"]
    assert data.items[1] == tmp_path / "img" / "2.png"
    assert data.metadata.to_pydict() == {"label": ["a", "b", "b"]}
    assert [(one.id, one.reason) for one in data.set_aside] == [
        ("row 3", "no image"),
        ("img/0.png", "duplicate id"),
    ]


def test_paths_and_texts_are_not_guessed_between(tmp_path: Path, refused) -> None:
    """A table with both is asked about, and each can be named."""
    path = images(tmp_path) / "t.csv"
    path.write_text("file,caption\nimg/0.png,one\nimg/1.png,two\n")
    refused(RequestError, path, "file, caption", "--image-column")
    assert read(path, ReadOptions(image_column="file")).kind == "images"
    assert read(path, ReadOptions(text_column="caption")).kind == "text"
    both = ReadOptions(image_column="file", text_column="caption")
    with pytest.raises(RequestError, match="--text-column 'caption' and --image-column 'file'"):
        read(path, both)


def test_columns_that_cannot_be_images_are_refused(tmp_path: Path, refused) -> None:
    """Numbers, unknown names, and paths of which none is there: one line each."""
    path = tmp_path / "t.jsonl"
    path.write_text('{"file": "a.png", "n": 1}\n{"file": "b.png", "n": 2}\n')
    refused(RequestError, path, "'n'", "holds int64", image_column="n")
    refused(RequestError, path, "did you mean 'file'", image_column="fil")
    refused(DataError, path, "names 2 files and none of them exists", "relative to", "a.png")


def test_addresses_are_set_aside(tmp_path: Path) -> None:
    """Nothing is fetched."""
    path = images(tmp_path) / "t.csv"
    path.write_text("file\nimg/0.png\nhttps://example.org/1.png\n")
    data = read(path, ReadOptions(image_column="file"))
    assert data.ids == ["img/0.png"]
    assert data.set_aside[0].reason == "not a local file"


def content(item: Picture) -> bytes:
    with item.open("rb") as stream:
        return stream.read()


def cells(*pairs: tuple[bytes | None, str | None]) -> pa.Array:
    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    return pa.array([None if p == () else {"bytes": p[0], "path": p[1]} for p in pairs], kind)


@pytest.mark.parametrize("kind", [".parquet", ".arrow", ".feather"])
def test_pictures_in_cells_are_read_from_the_table(tmp_path: Path, kind: str) -> None:
    """As `datasets` writes them: bytes, or a path only, or nothing, which is set aside."""
    images(tmp_path)
    rows = [
        {"image": {"bytes": b"one", "path": "a.jpg"}, "label": 1, "score": 0.5},
        {"image": {"bytes": None, "path": "img/1.png"}, "label": 0, "score": 0.25},
        {"image": None, "label": 0, "score": 0.0},
        {"image": {"bytes": b"four", "path": "b.PNG"}, "label": -1, "score": 1.0},
    ]
    data = read(write(tmp_path / "t", rows, kind))
    assert data.kind == "images"
    assert data.ids == ["a.jpg", "img/1.png", "b.PNG"]
    assert [content(item) for item in data.items] == [b"one", b"picture 1", b"four"]
    assert [item.suffix for item in data.items] == [".jpg", ".png", ".PNG"]
    assert data.metadata.column_names == ["label", "score"]
    assert [(one.id, one.reason) for one in data.set_aside] == [("row 2", "no image")]
    assert len(set(content_keys(data))) == 3


def test_pictures_without_names_of_their_own_have_row_numbers(tmp_path: Path) -> None:
    """A path that is missing or comes twice is no id; a plain column of bytes can be named."""
    table = pa.table({"image": cells((b"1", "x.png"), (b"2", "x.png")), "jpg": [b"3", b"4"]})
    papq.write_table(table, tmp_path / "t.parquet")
    assert read(tmp_path / "t.parquet").ids == ["0", "1"]
    data = read(tmp_path / "t.parquet", ReadOptions(image_column="jpg"))
    assert [content(item) for item in data.items] == [b"3", b"4"]
    assert data.metadata.column_names == []


def test_class_numbers_become_names(tmp_path: Path) -> None:
    """A ClassLabel in the schema names its numbers; −1 and what is beyond are null."""
    features = {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}, "n": {"dtype": "int64"}}
    table = pa.table({"text": list("abcde"), "label": [1, 0, -1, 2, None], "n": range(5)})
    stored = json.dumps({"info": {"features": features}})
    papq.write_table(table.replace_schema_metadata({"huggingface": stored}), tmp_path / "t.parquet")
    data = read(tmp_path / "t.parquet")
    assert data.metadata.to_pydict() == {
        "label": ["dog", "cat", None, None, None],
        "n": [0, 1, 2, 3, 4],
    }
