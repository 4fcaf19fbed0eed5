"""Reading back a selection: the same ids in the same order, whatever holds them."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest

import curate
from curate.core.values import Dataset, SetAside, no_metadata
from curate.data.selected_ids import read_selected_ids, rows_with_ids
from curate.errors import DataError, RequestError

ODD = ["007", "a b", "ü/東京.png", 'with "quotes", and commas', "12"]


def quoted(value):
    """As a csv cell."""
    return '"' + value.replace('"', '""') + '"'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "\n".join(ODD) + "\n\n"),
        ("b.csv", "rank,id,x\n" + "".join(f"{r},{quoted(i)},1\n" for r, i in enumerate(ODD))),
        ("c.csv", "anything\n" + "".join(f"{quoted(i)}\n" for i in ODD)),
        ("d.jsonl", "".join(json.dumps({"x": 1, "filename": i}) + "\n" for i in ODD)),
        ("e.json", json.dumps(ODD)),
    ],
)
def test_every_format_gives_the_ids_as_written(name, content, tmp_path):
    """A list of lines, a table with an id column or a single one, and JSON: same ids, in order."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert read_selected_ids(tmp_path / name) == ODD


def test_a_compressed_table_is_read_as_one(tmp_path):
    """A .csv.gz holds what the .csv in it holds."""
    with gzip.open(tmp_path / "f.csv.gz", "wt", encoding="utf-8") as file:
        file.write("id\n" + "".join(f"{quoted(i)}\n" for i in ODD))
    assert read_selected_ids(tmp_path / "f.csv.gz") == ODD


def test_a_run_gives_its_selection(tmp_path):
    """Its folder, its report.json and its files give what the run selected, in pick order."""
    names = [f"item {i}\nnext line" for i in range(30)]
    vectors = np.random.default_rng(1).normal(size=(30, 3))
    result = curate.select(vectors, n=7, ids=names, out=tmp_path / "run")
    for place in ("run", "run/report.json", "run/selected.jsonl", "run/selected.csv"):
        assert read_selected_ids(tmp_path / place) == result.ids, place


def test_a_report_that_holds_part_of_a_selection_looks_beside_itself(tmp_path):
    """Where report.json holds the first picks only, all of them come from the file it names."""
    held = {
        "selection": {"items": [{"id": "a"}], "files": {"jsonl": "selected.jsonl"}},
        "counts": {"selected": 2},
    }
    (tmp_path / "report.json").write_text(json.dumps(held))
    (tmp_path / "selected.jsonl").write_text('{"id": "a"}\n{"id": "b"}\n')
    assert read_selected_ids(tmp_path / "report.json") == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "content", "error", "says"),
    [
        ("none.txt", "\n\n", DataError, "no ids"),
        ("two.csv", "a,b\n1,2\n", RequestError, "no column 'id'"),
        ("half.json", "{", DataError, "holds no selection"),
        ("other.json", '{"a": 1}', DataError, "holds no selection"),
        ("notes.docx", "x", DataError, ".docx"),
        ("folder/x.bin", "x", DataError, "is not the folder of a run"),
    ],
)
def test_what_is_no_selection_is_said_so(name, content, error, says, tmp_path):
    """One line that names the file and what is missing in it."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    with pytest.raises(error, match=says):
        read_selected_ids(path.parent if name.startswith("folder") else path)


def letters(*aside):
    return Dataset(
        "text", list("abcd"), list("abcd"), no_metadata(4), "letters",
        set_aside=tuple(SetAside(id_, "corrupt") for id_ in aside),
    )  # fmt: skip


def test_rows_follow_the_order_of_the_ids():
    """Each id becomes the row of its item; nothing needs to be told."""
    rows, notes = rows_with_ids(["d", "a", "c"], letters(), "file")
    assert rows.tolist() == [3, 0, 2]
    assert notes == ()


def test_a_wrong_id_is_a_bad_request_unless_it_may_be_ignored():
    """The message counts the unknown ids and shows one; ignored ones are counted in a note."""
    with pytest.raises(RequestError, match=r"2 of the 3 ids of file are .*'x' .*--ignore-unknown"):
        rows_with_ids(["a", "x", "y"], letters(), "file")
    rows, notes = rows_with_ids(["a", "x", "y"], letters(), "file", ignore_unknown=True)
    assert rows.tolist() == [0]
    assert notes == ("2 of the 3 ids of file are not in the data: ignored.",)
    with pytest.raises(RequestError, match="none of the 1 ids"):
        rows_with_ids(["x"], letters(), "file", ignore_unknown=True)


def test_repeats_and_items_set_aside_are_told():
    """An id counts once, at its first place; an unusable item not at all; both get a note."""
    rows, notes = rows_with_ids(["b", "bad", "a", "b"], letters("bad"), "file")
    assert rows.tolist() == [1, 0]
    assert notes == (
        "1 of the 3 ids of file is set aside, because the item cannot be used.",
        "1 line repeats an id of file: each id counts once, at its first place.",
    )
