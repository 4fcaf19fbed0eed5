"""Tables, and the options for them, that are refused in one line."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as papq
import pytest

from curate.errors import DataError, RequestError


def test_a_quote_that_is_never_closed_is_refused(tmp_path: Path, refused) -> None:
    """Rows swallowed by an open quote are not lost in silence."""
    path = tmp_path / "t.csv"
    path.write_text('n,text\n1,"x\n2,y\n3,z\n')
    refused(DataError, path, "quote", "never closed", "x 2,y", "Close it")


@pytest.mark.parametrize("option", ["id_column", "label_column", "text_column", "vector_column"])
def test_unknown_columns_are_refused_with_the_nearest(tmp_path, refused, option) -> None:
    """The message has the flag, the columns there are, and the nearest name."""
    path = tmp_path / "t.csv"
    path.write_text("text,topic,words\na,b,c\n")
    refused(
        RequestError,
        path,
        "t.csv",
        "'topik'",
        "--" + option.replace("_", "-"),
        "did you mean 'topic'",
        "text, topic, words",
        **{option: "topik"},
    )


def test_an_undecided_table_is_refused_with_its_columns(tmp_path: Path, refused) -> None:
    """If no column or more than one could be the items, the caller is asked."""
    words = ("Pass --text-column, --image-column",)
    (tmp_path / "none.csv").write_text("a,b\nx,1\n")
    refused(RequestError, tmp_path / "none.csv", "none.csv", "a, b", *words)
    (tmp_path / "two.csv").write_text("title,text\nx,y\n")
    refused(RequestError, tmp_path / "two.csv", "title, text", *words)
    (tmp_path / "numbers.csv").write_text("0.5,0.25\n1,2\n")
    refused(RequestError, tmp_path / "numbers.csv", "0.5, 0.25", *words)
    (tmp_path / "lines.csv").write_text('"a\nb",c\nx,1\n')
    refused(RequestError, tmp_path / "lines.csv", "a b, c", *words)


def test_text_and_vectors_at_once_are_refused(tmp_path: Path, refused) -> None:
    """Items are texts or vectors, not both."""
    path = tmp_path / "t.csv"
    path.write_text("a,b\nx,1\n")
    refused(RequestError, path, "Name only", text_column="a", vector_column="b")


def test_a_column_of_lists_cannot_be_text_or_id(tmp_path: Path, refused) -> None:
    """A column of the wrong type is refused with its type."""
    path = tmp_path / "t.jsonl"
    path.write_text('{"v": [1, 2], "text": "a"}\n')
    refused(RequestError, path, "'v'", "--text-column", "list", text_column="v")
    refused(RequestError, path, "'v'", "--id-column", "list", text_column="text", id_column="v")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ragged.csv", b"text,n\na,1\nb\n"),
        ("empty.csv", b""),
        ("empty.jsonl", b""),
        ("broken.jsonl", b'{"text": "a"}\n{"text": \n'),
        ("array.jsonl", b'[{"text": "a"}]'),
        ("mixed.jsonl", b'{"text": "a"}\n{"text": 1}\n'),
        ("broken.parquet", b"PAR1 not really PAR1"),
        ("empty.parquet", b""),
    ],
)
def test_tables_that_cannot_be_parsed_are_refused(tmp_path, refused, name, content) -> None:
    """A parser's complaint becomes one line with the file."""
    (tmp_path / name).write_bytes(content)
    refused(DataError, tmp_path / name, name, text_column=None)


def test_a_truncated_parquet_file_is_refused(tmp_path: Path, refused) -> None:
    """Half a Parquet file is bad data."""
    path = tmp_path / "t.parquet"
    papq.write_table(pa.table({"text": ["one", "two"]}), path)
    path.write_bytes(path.read_bytes()[:-20])
    refused(DataError, path, "t.parquet", "Check that it is a whole")


def test_tables_without_rows_are_refused(tmp_path: Path, refused) -> None:
    """A header alone is no data."""
    (tmp_path / "t.csv").write_text("text,label\n")
    refused(DataError, tmp_path / "t.csv", "no rows", "Give a file")
    (tmp_path / "t.jsonl").write_text("\n")
    refused(DataError, tmp_path / "t.jsonl", "no rows")


def test_two_columns_of_one_name_are_refused(tmp_path: Path, refused) -> None:
    """Of two columns with one name none is picked in silence."""
    (tmp_path / "t.csv").write_text("text,a,a\nx,1,2\n")
    refused(DataError, tmp_path / "t.csv", "two columns named 'a'", "Rename")
