"""Columns as they are: numbers, scaled or not, and categories one-hot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as papq
import pytest

from curate.data import ReadOptions, read
from curate.errors import DataError, RequestError

TABLE = """id,age,income,city,ok
007,30,1000.5,Rome,true
008,40,,Oslo,false
009,50,3000.25,,true
010,20,2000,Oslo,true
011,70,500,Rome,false
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "t.csv").write_text(TABLE)
    return tmp_path / "t.csv"


def chosen(columns: str, **options: str) -> ReadOptions:
    return ReadOptions(id_column="id", columns=columns, **options)


def test_numbers_are_taken_as_they_are(table: Path) -> None:
    """The columns in the order of their names, a row without a value set aside."""
    data = read(table, chosen("income,age"))
    assert data.kind == "vectors"
    assert np.array_equal(data.items, [[1000.5, 30], [3000.25, 50], [2000, 20], [500, 70]])
    assert data.ids == ["007", "009", "010", "011"]
    assert [(one.id, one.reason, one.detail) for one in data.set_aside] == [
        ("008", "no value", "income in row 1")
    ]
    assert data.metadata.column_names == ["age", "income", "city", "ok"]


def test_texts_are_one_hot_and_booleans_numbers(table: Path) -> None:
    """One dimension a text, sorted, over all rows."""
    data = read(table, chosen("age,city,ok"))
    assert data.ids == ["007", "008", "010", "011"]
    expected = [[30, 0, 1, 1], [40, 1, 0, 0], [20, 1, 0, 1], [70, 0, 1, 0]]
    assert np.array_equal(data.items, expected)


@pytest.mark.parametrize("scale", ["standard", "minmax"])
def test_numbers_are_scaled_over_the_usable_rows(table: Path, scale: str) -> None:
    """The columns have mean 0 and deviation 1, or the range 0 to 1; categories stay."""
    data = read(table, chosen("age,income,city", scale=scale))
    raw = np.array([[30, 1000.5], [20, 2000], [70, 500]], np.float64)
    shift, by = (
        (raw.mean(axis=0), raw.std(axis=0))
        if scale == "standard"
        else (raw.min(axis=0), np.ptp(raw, axis=0))
    )
    assert np.allclose(data.items[:, :2], (raw - shift) / by, rtol=1e-14, atol=1e-14)
    assert np.array_equal(data.items[:, 2:], [[0, 1], [1, 0], [0, 1]])


def test_a_constant_column_is_scaled_to_zero(tmp_path: Path) -> None:
    """No division by zero."""
    papq.write_table(pa.table({"a": [2, 2, 2], "b": [1, 2, 3]}), tmp_path / "t.parquet")
    for scale in ("standard", "minmax"):
        data = read(tmp_path / "t.parquet", ReadOptions(columns="*", scale=scale))
        assert np.array_equal(data.items[:, 0], np.zeros(3))


def test_patterns_name_many_columns(tmp_path: Path) -> None:
    """As they stand in the table, each once; quotes keep a comma in a name."""
    table = pa.table({"b_2": [1], "a": [2], "b_1": [3], "x,y": [4]})
    papq.write_table(table, tmp_path / "t.parquet")
    data = read(tmp_path / "t.parquet", ReadOptions(columns='a, b_*,b_1,"x,y"'))
    assert np.array_equal(data.items, [[2, 1, 3, 4]])


def test_requests_that_cannot_be_right_are_refused(table: Path, refused) -> None:
    """Unknown names, empty lists, scaling of nothing, other options beside: one line each."""
    refused(RequestError, table, "did you mean 'income'", "--columns", columns="incom")
    refused(RequestError, table, "names no column", columns=" , ")
    refused(RequestError, table, "--scale standard", "Pass --columns", scale="standard")
    refused(RequestError, table, "are both given", columns="age", text_column="city")


def test_columns_that_are_no_numbers_are_refused(tmp_path: Path, refused) -> None:
    """Lists, and texts that are no categories."""
    papq.write_table(
        pa.table({"v": [[1.0]] * 1001, "t": [str(at) for at in range(1001)]}),
        tmp_path / "t.parquet",
    )
    refused(RequestError, tmp_path / "t.parquet", "'v'", "holds list", columns="v")
    refused(DataError, tmp_path / "t.parquet", "1,001 distinct texts", columns="t")
