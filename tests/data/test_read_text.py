"""Texts from lines and from tables."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as papq
import pytest

from curate.core.values import SetAside
from curate.data import ReadOptions, read
from curate.errors import DataError, RequestError


def test_lines_are_numbered_from_0_and_blank_ones_set_aside(tmp_path: Path) -> None:
    """The id is the line number counting every line; blank lines carry their reason."""
    path = tmp_path / "t.txt"
    path.write_text("zero\n\n two \n \t\nfour")
    data = read(path)
    assert data.kind == "text"
    assert data.ids == ["0", "2", "4"]
    assert data.items == ["zero", " two ", "four"]
    assert data.set_aside == (
        SetAside("1", "empty text", "row 1"),
        SetAside("3", "empty text", "row 3"),
    )
    assert data.metadata.num_rows == 3
    assert data.label_column is None
    assert data.source_positions().tolist() == [0, 2, 4]


def test_byte_order_marks_and_line_ends_are_no_text(tmp_path: Path) -> None:
    """A BOM and carriage returns are dropped; Unicode separators stay inside a text."""
    path = tmp_path / "t.TXT"
    path.write_bytes("\ufeffé\r\nb\u2028c\x0bd\r\n".encode())
    data = read(path)
    assert data.items == ["é", "b\u2028c\x0bd"]
    assert data.set_aside == ()


def test_text_that_is_not_utf8_is_refused(tmp_path: Path, refused) -> None:
    """The message says that the file is not UTF-8, whatever its format."""
    for name, content in {
        "a.txt": "é\n".encode("latin-1"),
        "b.csv": "text\né\n".encode("latin-1"),
        "c.csv": "text,other\nx,é\n".encode("latin-1"),
        "d.csv": "text\nx\n".encode("utf-16"),
        "e.jsonl": '{"text": "é"}\n'.encode("latin-1"),
        "f.tsv": "text\té\nx\ty\n".encode("latin-1"),
    }.items():
        (tmp_path / name).write_bytes(content)
        refused(DataError, tmp_path / name, name, "not UTF-8", "Save it as UTF-8")


@pytest.mark.parametrize("content", ["", "\n\n", " \n"])
def test_a_file_without_text_is_refused(tmp_path: Path, refused, content: str) -> None:
    """If no line is usable there is no data set."""
    path = tmp_path / "t.txt"
    path.write_text(content)
    refused(DataError, path, "t has", "Give a source")


def write(path: Path) -> Path:
    """The same table in the format of `path`."""
    rows = [("007", "first, with comma", 1, "x"), ("8", "NA", 2, ""), ("09", "third", 3, "y")]
    if path.suffix == ".jsonl":
        path.write_text(
            "\r\n".join(
                f'{{"key":"{k}","text":"{t}","n":{n},"label":"{c}"}}' for k, t, n, c in rows
            )
        )
    elif path.suffix == ".parquet":
        keys, texts, numbers, labels = zip(*rows, strict=True)
        papq.write_table(
            pa.table(
                {
                    "key": pa.array(keys).dictionary_encode(),
                    "text": pa.array(texts, pa.large_string()),
                    "n": numbers,
                    "label": labels,
                }
            ),
            path,
        )
    else:
        tab = "\t" if path.suffix == ".tsv" else ","
        lines = [tab.join((k, f'"{t}"', str(n), c)) for k, t, n, c in rows]
        path.write_text("\ufeff" + "\r\n".join([tab.join(("key", "text", "n", "label")), *lines]))
    return path


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_every_table_format_gives_the_same_data_set(tmp_path: Path, suffix: str) -> None:
    """Texts, ids as written, labels and metadata do not depend on the file format."""
    data = read(write(tmp_path / f"t{suffix}"), ReadOptions(id_column="key"))
    assert data.kind == "text"
    assert data.ids == ["007", "8", "09"]
    assert data.items == ["first, with comma", "NA", "third"]
    assert data.metadata.column_names == ["n", "label"]
    written = ["1", "2", "3"] if suffix in (".csv", ".tsv") else [1, 2, 3]
    assert data.metadata.column("n").to_pylist() == written
    assert data.metadata.column("label").to_pylist() == ["x", None, "y"]
    assert data.label_column == "label"
    assert data.name == "t"


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_rows_are_numbered_unless_an_id_column_is_named(tmp_path: Path, suffix: str) -> None:
    """Without an id column ids are row numbers, and every column stays metadata."""
    data = read(write(tmp_path / f"t{suffix}"), ReadOptions(text_column="key"))
    assert data.ids == ["0", "1", "2"]
    assert data.items == ["007", "8", "09"]
    assert data.metadata.column_names == ["text", "n", "label"]


def test_a_column_called_id_is_metadata(tmp_path: Path) -> None:
    """A column named `id` becomes the ids only if it is asked for."""
    path = tmp_path / "t.csv"
    path.write_text("id,text\n7,a\n8,b\n")
    assert read(path).ids == ["0", "1"]
    assert read(path).metadata.column("id").to_pylist() == ["7", "8"]
    assert read(path, ReadOptions(id_column="id")).ids == ["7", "8"]


def test_quoted_values_may_hold_line_ends_and_commas(tmp_path: Path) -> None:
    """A quoted text is one item with all its lines."""
    path = tmp_path / "t.csv"
    path.write_text('text,n\n"one\ntwo, ""three""",1\nfour,2\n"five\nsix",3\n')
    assert read(path).items == ['one\ntwo, "three"', "four", "five\nsix"]


def test_a_last_cell_with_lines_is_not_an_open_quote(tmp_path: Path) -> None:
    """A closed quoted text at the very end is read."""
    path = tmp_path / "t.csv"
    path.write_text('n,text\n1,x\n2,"a\nb"\n\n')
    assert read(path).items == ["x", "a\nb"]


def test_null_and_blank_texts_ids_and_duplicates_are_set_aside(tmp_path: Path) -> None:
    """Each left-out row has its reason, and the first usable row of an id is kept."""
    path = tmp_path / "t.parquet"
    papq.write_table(
        pa.table(
            {
                "key": ["a", "b", None, "a", " ", "b"],
                "text": ["one", None, "three", "four", "five", "six"],
                "n": [0, 1, 2, 3, 4, 5],
            }
        ),
        path,
    )
    data = read(path, ReadOptions(id_column="key"))
    assert data.ids == ["a", "b"]
    assert data.items == ["one", "six"]
    assert data.metadata.column("n").to_pylist() == [0, 5]
    assert [(left.id, left.reason) for left in data.set_aside] == [
        ("b", "empty text"),
        ("row 2", "no id"),
        ("a", "duplicate id"),
        ("row 4", "no id"),
    ]
    assert data.set_aside[2].detail == "row 3; row 0 has it first"


def test_dates_stay_as_written_where_they_are_ids_or_texts(tmp_path: Path) -> None:
    """JSON strings that look like dates are not turned into dates."""
    path = tmp_path / "t.jsonl"
    path.write_text('{"day": "2024-01-01", "text": "2024-05-06"}\n')
    data = read(path, ReadOptions(id_column="day"))
    assert data.ids == ["2024-01-01"]
    assert data.items == ["2024-05-06"]


def test_a_late_change_of_type_is_no_error(tmp_path: Path) -> None:
    """A value that only fits a wider type is read, however far down it stands."""
    path = tmp_path / "t.csv"
    lines = [f"{row},{'x' * 200}" for row in range(8000)]
    path.write_text("n,text\n" + "\n".join(lines) + "\nlate,last\n")
    data = read(path)
    assert len(data) == 8001
    assert data.metadata.column("n")[-1].as_py() == "late"


def test_labels_are_found_or_named(tmp_path: Path) -> None:
    """`label`, else `labels`, is the label column, unless another is named."""
    path = tmp_path / "t.csv"
    path.write_text("text,labels,topic\na,x,u\nb,y,v\n")
    assert read(path).label_column == "labels"
    assert read(path, ReadOptions(label_column="topic")).label_column == "topic"


def test_the_id_column_can_also_be_the_label(tmp_path: Path) -> None:
    """A label column stays in the metadata whatever else it is used for."""
    path = tmp_path / "t.csv"
    path.write_text("text,key\na,x\nb,y\n")
    data = read(path, ReadOptions(id_column="key", label_column="key"))
    assert data.ids == data.metadata.column("key").to_pylist() == ["x", "y"]


def test_options_that_mean_nothing_for_lines_are_refused(tmp_path: Path, refused) -> None:
    """A .txt file has no columns, and no option that names one is ignored."""
    (tmp_path / "t.txt").write_text("x\n")
    for option in ("text_column", "label_column", "id_column", "vector_column", "ids"):
        refused(RequestError, tmp_path / "t.txt", "--" + option.replace("_", "-"), **{option: "x"})


def test_missing_permission_is_one_line(tmp_path, refused, monkeypatch) -> None:
    """A file that may not be read is bad data (simulated: root may read everything)."""
    (tmp_path / "t.txt").write_text("x\n")

    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("curate.data.text_lines.pa.memory_map", deny)
    refused(DataError, tmp_path / "t.txt", "permission denied", "t.txt")


def test_csv_metadata_stay_as_they_are_written(tmp_path: Path) -> None:
    """Leading zeros, trailing zeros and what looks like infinity are not numbers to a CSV."""
    path = tmp_path / "t.csv"
    path.write_text("text,sku,price\na,00123,0.10\nb,01,1e400\n")
    metadata = read(path).metadata
    assert metadata.column("sku").to_pylist() == ["00123", "01"]
    assert metadata.column("price").to_pylist() == ["0.10", "1e400"]


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_other_separators_are_seen_in_the_header(tmp_path: Path, sign: str) -> None:
    """A .csv whose header line has no comma is parted by what it has instead."""
    path = tmp_path / "t.csv"
    path.write_text(f"key{sign}text\n1{sign}one, two\n2{sign}three\n")
    assert read(path).items == ["one, two", "three"]
