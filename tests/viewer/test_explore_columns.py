"""Columns of the page of `curate explore`: numbers are numbers, dates dates and labels names."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import curate
from curate.viewer.pack import pack_column
from pages import column, told, unpacked

N = 40


def packed(values, type_=None, **options):
    return pack_column("c", pa.chunked_array([pa.array(values, type_)]), **options)


@pytest.fixture
def table(tmp_path):
    """A CSV file, in which everything is text."""
    file = tmp_path / "t.csv"
    rows = [
        f"{row},text of {row},{row % 5},{row / 4},2026-01-{1 + row % 30:02d},{row:03d}"
        for row in range(N)
    ]
    file.write_text("\n".join(["id,text,y,price,day,code", *rows]))
    return file


def test_a_csv_file_has_numbers_and_dates(table):
    """Text that is a number or a date throughout is one; names with leading zeros are names."""
    page = curate.explore(table, id_column="id", text_column="text", embedder="tfidf", maps="pca")
    assert unpacked(column(page, "price")["values"]).tolist() == [row / 4 for row in range(N)]
    days = np.array([f"2026-01-{1 + row % 30:02d}" for row in range(N)], "datetime64[ms]")
    day = column(page, "day")
    assert day["time"]
    assert unpacked(day["values"]).tolist() == days.astype(float).tolist()
    assert column(page, "code")["kind"] == "words"
    # Few different ones are classes, each with a colour of its own.
    assert column(page, "y")["kind"] == "words"


def test_labels_are_names_even_where_they_are_numbers():
    """Classes that are counted, as in most training sets, are no scale from low to high."""
    vectors = np.random.default_rng(0).normal(size=(N, 4))
    held = told(curate.explore(vectors, labels=np.arange(N) % 30, maps="pca"))
    (label,) = (one for one in held["columns"] if one["name"] == held["label"])
    assert label["kind"] == "words"
    assert sorted(map(int, label["names"])) == list(range(30))
    assert packed([1.5, 2.5], is_label=True)["names"] == ["1.5", "2.5"]


def test_numbers_are_told_as_they_are():
    """What float64 cannot hold stays text, empty text is a gap, digits are those of the type."""
    large = [2**60 + row for row in range(N)]
    assert packed(large)["names"] == sorted(map(str, large))
    assert packed(list(map(str, large)))["kind"] == "words"
    gaps = unpacked(packed(["", None, *map(str, range(N))])["values"])
    assert np.isnan(gaps[:2]).all()
    assert gaps[2:].tolist() == list(range(N))
    assert packed([0.1, 0.2], pa.float32())["digits"] == 7
    assert packed([0.1, 0.2], pa.float64())["digits"] == 15
    assert packed([*map(str, range(N)), "many"])["kind"] == "words"
    assert packed([f"2026-02-{row:02d}" for row in range(1, 31)])["kind"] == "words"


def test_typed_dates_are_dates():
    """Dates and times of a parquet file are milliseconds since 1970, with their gaps."""
    days = np.array(["1969-12-31", "2026-03-01T12:30:00.250"], "datetime64[ms]")
    for type_ in (pa.timestamp("us"), pa.timestamp("ms", "UTC")):
        found = unpacked(packed([*days.tolist(), None], type_)["values"])
        assert found[:2].tolist() == days.astype(float).tolist()
        assert np.isnan(found[2])


def test_the_head_says_what_is_missing(tmp_path):
    """Items set aside, items of one space alone and the sample are told, and what is selected."""
    vectors = np.random.default_rng(0).normal(size=(N, 4))
    vectors[3] = np.nan
    held = told(curate.explore(vectors, np.nan_to_num(vectors)[:, :3], maps="pca"))
    assert held["notes"] == [
        "array 1: 1 of 40 items were set aside (1 not finite).",
        "1 items of array 2 are not in the other space.",
    ]
    np.save(tmp_path / "v.npy", vectors)
    curate.select(tmp_path / "v.npy", n=7, out=tmp_path / "run")
    assert told(curate.explore(tmp_path / "run", maps="pca"))["title"] == "7 of 39 selected: v"


def test_a_map_is_made_once(table):
    """A map that is named twice is there once."""
    page = curate.explore(table, id_column="id", text_column="text", maps="pca, pca")
    assert [one["name"] for one in told(page)["spaces"][0]["maps"]] == ["pca"]


def test_a_run_is_shown_with_another_label(table, tmp_path):
    """The label of a run's page can be named, though the run had none."""
    words = {"id_column": "id", "text_column": "text", "embedder": "tfidf"}
    curate.select(table, n=5, out=tmp_path / "run", **words)
    assert told(curate.explore(tmp_path / "run", maps="pca"))["label"] is None
    assert told(curate.explore(tmp_path / "run", maps="pca", label_column="y"))["label"] == "y"
