"""Spaces as they are handed over in a training loop: labels, rows, names, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import curate
from curate.errors import DataError, RequestError
from curate.report.words.evaluation import sampling_note
from curate.run.output_folder import space_folder


def test_a_label_for_every_row_of_the_source_is_taken(rng):
    """A row with NaN is set aside with its label: the same numbers as without both."""
    vectors, labels = rng.normal(size=(60, 5)), rng.integers(0, 3, size=60)
    broken = vectors.copy()
    broken[3] = np.nan
    result = curate.evaluate(broken, labels=labels).report
    without = curate.evaluate(np.delete(vectors, 3, 0), labels=np.delete(labels, 3)).report
    assert result.spaces[0].space.set_aside == 1
    assert result.spaces[0].retrieval == without.spaces[0].retrieval
    assert result.spaces[0].classes == without.spaces[0].classes


def test_labels_follow_the_items_that_all_spaces_have(rng):
    """Where two spaces lack different rows, every other item still has its own label."""
    vectors, labels = rng.normal(size=(60, 5)), [f"c{row % 4}" for row in range(60)]
    first, second = vectors.copy(), vectors @ np.diag([1, 2, 3, 4, 5])
    first[3], second[50] = np.nan, np.inf
    result = curate.evaluate({"a": first, "b": second}, labels=labels)
    assert [space.space.missing for space in result.report.spaces] == [1, 1]
    kept = [row for row in range(60) if row not in (3, 50)]
    lines = result.files["queries.csv"].decode().splitlines()[1:]
    assert [line.split(",")[:2] for line in lines] == [[str(row), labels[row]] for row in kept]


def test_rows_of_arrays_of_different_length_are_no_ids(rng, tmp_path):
    """Arrays without ids are joined by row only if they have as many; with ids by id."""
    first, second = rng.normal(size=(30, 4)), rng.normal(size=(31, 4))
    for ask in (curate.compare, lambda a, b: curate.evaluate({"a": a, "b": b})):
        with pytest.raises(DataError, match=r"30 rows, .* has 31, and neither has ids"):
            ask(first, second)
    np.save(tmp_path / "one.npy", first)
    np.save(tmp_path / "two.npy", second)
    for name, begin in (("one", 0), ("two", 2)):
        (tmp_path / f"{name}.txt").write_text("".join(f"i{begin + row}\n" for row in range(31)))
    (tmp_path / "one.txt").write_text("".join(f"i{row}\n" for row in range(30)))
    spaces = [f"{tmp_path}/{name}.npy,ids={tmp_path}/{name}.txt" for name in ("one", "two")]
    report = curate.compare(*spaces).report
    assert (report.items, [space.missing for space in report.spaces]) == (28, [2, 3])
    first[4] = np.nan  # a row that is set aside is no other number of rows
    assert curate.compare(first, second[:30]).report.items == 29


def test_no_space_and_a_space_of_one_item_are_refused_in_one_line():
    """Nothing to judge is a bad request, one item bad data."""
    for nothing in ({}, []):
        with pytest.raises((RequestError, DataError), match=r"^[^\n]+$"):
            curate.evaluate(nothing)
    with pytest.raises(DataError, match="has one usable item: give a space of two or more"):
        curate.evaluate(np.ones((1, 3)))


def test_a_row_number_and_a_file_of_one_row_are_queries(rng, tmp_path):
    """item=3 is the row, and a vector may be saved as (d,) as well as (1, d)."""
    space = rng.normal(size=(40, 4))
    assert curate.neighbors(space, item=3) == curate.neighbors(space, item="3")
    np.save(tmp_path / "flat.npy", space[5])
    np.save(tmp_path / "row.npy", space[5:6])
    flat, row = (
        curate.neighbors(space, vector=str(tmp_path / name)) for name in ("flat.npy", "row.npy")
    )
    assert flat == row
    assert flat[0].hits[0].id == "5"


def test_the_command_says_all_that_was_asked(rng):
    """What makes the report again stands in it: clusters, labels, settings."""
    points = rng.normal(size=(30, 3))
    made = curate.drift(points, points[:20], n=2, clusters=4, metric="cosine").report.made
    assert made.command == "curate.drift(array, array, n=2, clusters=4, metric='cosine')"
    assert curate.compare(points, points).report.made.command == "curate.compare(array, array)"


def test_a_set_against_itself_has_not_drifted(rng):
    """Energy distance of a set to itself is 0, not the root of a rounding."""
    points = rng.normal(size=(150, 40)) + 3
    report = curate.drift(points, points[::-1]).report
    assert report.energy.distance == 0
    assert (report.arrived.far, report.gone.far, report.moved) == (0, 0, 0)


def test_long_names_make_a_folder_that_can_be_written():
    """The default folder of many or long names fits a file system, and differs with the names."""
    first, second = (space_folder(f"{'x' * 400} {end}") for end in "ab")
    assert first != second
    assert max(len(first.name.encode()), len(second.name.encode())) < 200
    assert space_folder("a, b evaluation").name == "a-b-evaluation"


def test_labels_that_are_asked_for_must_be_there(rng, tmp_path):
    """An empty column that is named is bad data; one that merely is there gives no labels."""
    np.save(tmp_path / "a.npy", rng.normal(size=(20, 3)))
    table = tmp_path / "ids.csv"
    table.write_text("id,kind\n" + "".join(f"i{row},\n" for row in range(20)))
    source = f"{tmp_path}/a.npy,ids={table},id_column=id"
    with pytest.raises(DataError, match="column kind: no item has a label"):
        curate.evaluate(source, labels="kind")
    with pytest.raises(DataError, match="labels: no item has a label"):
        curate.compare(np.eye(5), np.eye(5), labels=[None] * 5)
    report = curate.evaluate(f"{source},label_column=kind").report
    assert (report.labels, report.labelled, report.maps) == (None, 0, [])


def test_what_retrieval_is_measured_against_is_said(rng):
    """Items without a label are neither asked nor found, and the page says so."""
    points = rng.normal(size=(30, 3))
    report = curate.evaluate(points, labels=["x", "y", None] * 10).report
    assert "20 queries against all with a label." in sampling_note(report, report.spaces[0])
    with_all = curate.evaluate(
        points[[row for row in range(30) if row % 3 < 2]], labels=list("xy" * 10)
    )
    assert report.spaces[0].retrieval == with_all.report.spaces[0].retrieval
