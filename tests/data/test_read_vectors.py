"""Vectors from tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as papq
import pytest

from curate.data import ReadOptions, read
from curate.errors import DataError, RequestError


def parquet(path: Path, columns: dict[str, object], **options: object) -> Path:
    papq.write_table(pa.table(columns), path, **options)
    return path


@pytest.mark.parametrize("kind", [pa.float16(), pa.float32(), pa.float64()])
@pytest.mark.parametrize("lists", [pa.list_, pa.large_list, lambda kind: pa.list_(kind, 2)])
def test_list_columns_are_rows_of_their_own_type(tmp_path: Path, kind, lists) -> None:
    """Lists of any sort become an (n, d) array whose floats are as they were."""
    rows = [[1.5, -2.0], [0.0, 4.25], [3.0, 3.0]]
    values = pa.array(np.asarray(rows).astype(kind.to_pandas_dtype()).tolist(), lists(kind))
    path = parquet(tmp_path / "v.parquet", {"v": values, "n": [1, 2, 3]}, row_group_size=2)
    data = read(path)
    assert data.kind == "vectors"
    assert data.items.dtype == kind.to_pandas_dtype()
    assert data.items.tolist() == rows
    assert data.ids == ["0", "1", "2"]
    assert data.metadata.column_names == ["n"]


@pytest.mark.parametrize("fixed", [False, True])
def test_unusable_rows_of_lists_are_set_aside(tmp_path: Path, fixed: bool) -> None:
    """No vector, another dimension and values that are not finite are three reasons."""
    short = None if fixed else [1.0]
    rows = [[1.0, 2.0], None, short, [3.0, None], [float("inf"), 0.0], [5.0, 6.0]]
    kind = pa.list_(pa.float32(), 2) if fixed else pa.list_(pa.float32())
    path = parquet(tmp_path / "v.parquet", {"v": pa.array(rows, kind), "n": list(range(6))})
    data = read(path)
    assert data.items.tolist() == [[1.0, 2.0], [5.0, 6.0]]
    assert data.ids == ["0", "5"]
    assert data.metadata.column("n").to_pylist() == [0, 5]
    reasons = {left.id: (left.reason, left.detail) for left in data.set_aside}
    assert reasons == {
        "1": ("no vector", "row 1"),
        "2": ("no vector", "row 2")
        if fixed
        else ("wrong dimension", "1 numbers, most rows have 2"),
        "3": ("not finite", "column 1 is nan"),
        "4": ("not finite", "column 0 is inf"),
    }


def test_the_dimension_is_that_of_most_rows_and_else_of_the_first(tmp_path: Path) -> None:
    """A first row of another length does not decide; of equally many the first length does."""
    path = parquet(tmp_path / "v.parquet", {"v": [[1.0], [1.0, 2.0], [3.0, 4.0]]})
    assert read(path).items.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    path = parquet(tmp_path / "w.parquet", {"v": [[1.0, 2.0, 3.0], [1.0, 2.0]]})
    assert read(path).items.tolist() == [[1.0, 2.0, 3.0]]


def test_jsonl_lists_are_vectors(tmp_path: Path) -> None:
    """A JSON list column is read like any other, with whole numbers among the values."""
    path = tmp_path / "v.jsonl"
    path.write_text('{"k":"a","v":[1,2.5]}\n{"k":"b","v":null}\n{"k":"c","v":[3,4]}\n')
    data = read(path, ReadOptions(id_column="k"))
    assert data.items.tolist() == [[1.0, 2.5], [3.0, 4.0]]
    assert data.items.dtype == np.float64
    assert data.ids == ["a", "c"]


def test_whole_numbers_become_the_smallest_exact_float(tmp_path: Path) -> None:
    """Integers are float32 up to 2**24 and float64 beyond, where float32 would round."""
    path = parquet(tmp_path / "small.parquet", {"v": [[1, -(2**24)], [3, 4]]})
    assert read(path).items.dtype == np.float32
    path = parquet(tmp_path / "large.parquet", {"v": [[1, 2**24 + 1], [3, 4]]})
    assert read(path).items.dtype == np.float64
    assert read(path).items[0, 1] == 2**24 + 1
    path = parquet(tmp_path / "bits.parquet", {"v": [[True, False], [False, True]]})
    assert read(path).items.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    path = parquet(tmp_path / "hole.parquet", {"v": [[1, None], [3, 4]]})
    assert read(path).items.tolist() == [[3.0, 4.0]]


@pytest.mark.parametrize("comma", [",", ", "])
def test_lightlyone_embeddings_are_read(tmp_path: Path, comma: str) -> None:
    """Ids are the file names and the label column is `labels`, with or without padding."""
    path = tmp_path / "embeddings.csv"
    rows = [
        ("filenames", "embedding_0", "embedding_1", "labels"),
        ("007", "0", "0.25", "cat"),
        ("b/2.jpg", "1.5", "1e-3", "dog"),
    ]
    path.write_text("\n".join(comma.join(row) for row in rows))
    data = read(path)
    assert data.kind == "vectors"
    assert data.ids == ["007", "b/2.jpg"]
    assert data.items.tolist() == [[0.0, 0.25], [1.5, 0.001]]
    assert data.label_column == "labels"
    assert data.metadata.column_names == ["labels"]
    assert data.metadata.column("labels").to_pylist() == ["cat", "dog"]


def test_columns_that_are_not_finite_are_named(tmp_path: Path) -> None:
    """A missing value, NaN and infinity in a row set it aside with the first such column."""
    path = tmp_path / "v.csv"
    path.write_text("embedding_0,embedding_1\n1,2\n,nan\n3,inf\n4,-inf\n5,6\n")
    data = read(path)
    assert data.items.tolist() == [[1.0, 2.0], [5.0, 6.0]]
    assert [(left.id, left.reason, left.detail) for left in data.set_aside] == [
        ("1", "not finite", "embedding_0 is nan"),
        ("2", "not finite", "embedding_1 is inf"),
        ("3", "not finite", "embedding_1 is -inf"),
    ]


def test_the_vector_column_may_be_a_list_a_number_or_a_prefix(tmp_path: Path) -> None:
    """--vector-column names one column, or all columns that carry its number."""
    path = parquet(
        tmp_path / "v.parquet",
        {"a": [[1.0], [2.0]], "b": [[3.0], [4.0]], "p_0": [5, 6], "p_1": [7, 8], "p_x": [0, 0]},
    )
    read_with = lambda name: read(path, ReadOptions(vector_column=name))  # noqa: E731
    assert read_with("b").items.tolist() == [[3.0], [4.0]]
    assert read_with("p").items.tolist() == [[5.0, 7.0], [6.0, 8.0]]
    assert read_with("p_1").items.tolist() == [[7.0], [8.0]]
    assert read_with("p").metadata.column_names == ["a", "b", "p_x"]


def test_a_parquet_file_of_numbers_is_vectors(tmp_path: Path) -> None:
    """All number columns are dimensions, but for ids and labels."""
    path = parquet(
        tmp_path / "v.parquet",
        {"id": [7, 8], "x": pa.array([1, 2], pa.float32()), "y": [3, 4], "label": [0, 1]},
    )
    data = read(path)
    assert data.items.tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert data.metadata.column_names == ["id", "label"]
    assert data.label_column == "label"
    assert read(path, ReadOptions(id_column="id")).ids == ["7", "8"]


def test_vectors_come_before_text(tmp_path: Path) -> None:
    """A table with one vector column is vectors, its text metadata, unless text is named."""
    path = parquet(tmp_path / "v.parquet", {"text": ["a", "b"], "v": [[1.0], [2.0]]})
    assert read(path).kind == "vectors"
    assert read(path).metadata.column("text").to_pylist() == ["a", "b"]
    assert read(path, ReadOptions(text_column="text")).kind == "text"


def test_several_vector_columns_are_refused(tmp_path: Path, refused) -> None:
    """Which of two vector columns is meant is not guessed, and long runs are folded."""
    columns = {f"embedding_{i}": [0.5] for i in range(300)}
    path = parquet(tmp_path / "v.parquet", {"v": [[1.0]], **columns})
    refused(RequestError, path, "v, embedding_0 … embedding_299", "Pass --text-column")


def test_columns_that_hold_no_numbers_are_refused(tmp_path: Path, refused) -> None:
    """The column at fault is named with what it holds."""
    path = tmp_path / "v.csv"
    path.write_text("embedding_0,embedding_1\n1,2\n3,oops\n")
    refused(DataError, path, "'embedding_1'", "string", "not numbers", "Correct")
    path = parquet(tmp_path / "v.parquet", {"name": ["a"], "v": [[1.0]]})
    refused(RequestError, path, "'name'", "holds string", vector_column="name")


def test_nothing_left_is_refused_with_the_counts(tmp_path: Path, refused) -> None:
    """If every vector is unusable the message counts the reasons."""
    path = parquet(tmp_path / "v.parquet", {"v": [[float("nan")], None, [float("nan")]]})
    refused(DataError, path, "3 items", "2 not finite", "1 no vector", "Give a source")
    path = parquet(tmp_path / "w.parquet", {"v": pa.array([[], []], pa.list_(pa.float32()))})
    refused(DataError, path, "2 items", "2 no vector")


def test_a_folder_named_like_a_partition_adds_no_column(tmp_path: Path) -> None:
    """`label=x` in a path is not read as a column."""
    (tmp_path / "label=x").mkdir()
    data = read(parquet(tmp_path / "label=x" / "v.parquet", {"v": [[1.0], [2.0]]}))
    assert data.metadata.column_names == []
    assert data.metadata.num_rows == 2
