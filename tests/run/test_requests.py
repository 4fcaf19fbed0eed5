"""Items that cannot be used and requests that cannot be right: one reason, one line each."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

import curate
from curate.errors import DataError, RequestError, StrictError


def test_more_items_than_distinct_ones_are_unique_and_explained():
    """With duplicates n unique items come back, and the report says why the minimum is 0."""
    vectors = np.repeat(np.random.default_rng(0).normal(size=(20, 4)), 3, axis=0)
    result = curate.select(vectors, n=30)
    assert len(set(result.ids)) == 30
    assert result.report.diversity.selected.min == 0
    assert result.report.counts.distinct == 20
    assert result.report.duplicates.groups == 20
    assert any("only 20 different embeddings" in note for note in result.report.selection.notes)


def test_bad_rows_are_set_aside_and_positions_kept(tmp_path):
    """NaN and inf rows, and zero rows under cosine, are left out; indices are the array's own."""
    vectors = np.random.default_rng(0).normal(size=(50, 6)).astype(np.float32)
    vectors[[3, 7]] = np.nan
    vectors[11, 2] = np.inf
    vectors[[20, 30]] = 0
    result = curate.select(vectors, n=45, metric="cosine", out=tmp_path)
    assert set(range(50)) - set(result.indices.tolist()) == {3, 7, 11, 20, 30}
    assert result.ids == [str(row) for row in result.indices]
    assert result.report.set_aside.reasons == {"not finite": 3, "zero vector": 2}
    assert result.report.counts.read == 50
    listed = (tmp_path / "set_aside.csv").read_text().splitlines()
    assert listed[0] == "id,reason,detail"
    assert len(listed) == 6
    with pytest.raises(StrictError, match="5 of 50 items were set aside"):
        curate.select(vectors, n=45, metric="cosine", strict=True)


def test_rows_whose_length_is_no_number_are_set_aside():
    """Under cosine a float64 row too long or too short to divide by its length is left out."""
    vectors = np.random.default_rng(0).normal(size=(50, 6))
    vectors[4] *= 1e-310
    vectors[9] = 1.7e308
    result = curate.select(vectors, n=48, metric="cosine")
    assert set(range(50)) - set(result.indices.tolist()) == {4, 9}
    assert result.report.set_aside.reasons == {"extreme vector": 2}


def test_broken_pictures_are_set_aside(samples, tmp_path):
    """Every kind of broken picture has its reason, and the good ones are selected."""
    folder = tmp_path / "pictures"
    shutil.copytree(samples / "clipart" / "science", folder)
    good = next(folder.glob("*.png")).read_bytes()
    (folder / "empty.png").write_bytes(b"")
    (folder / "truncated.png").write_bytes(good[: len(good) // 2])
    (folder / "text.jpg").write_bytes(b"this is no picture")
    result = curate.select(folder, n=12)
    reasons = {item.id: item.reason for item in result.report.set_aside.examples}
    assert reasons == {
        "empty.png": "empty file",
        "truncated.png": "corrupt image",
        "text.jpg": "not an image",
    }
    assert result.report.counts.selected == 12


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({}, RequestError, "neither of --n and --fraction"),
        ({"n": 3, "fraction": 0.1}, RequestError, "both of --n and --fraction"),
        ({"n": 0}, RequestError, "between 1 and 30"),
        ({"n": 31}, RequestError, "Pass --n 30 to keep everything"),
        ({"fraction": 0.0}, RequestError, "above 0 and at most 1"),
        ({"fraction": 1.5}, RequestError, "above 0 and at most 1"),
        ({"n": 3, "strategy": "random", "sed": 3}, RequestError, "did you mean 'seed'"),
        ({"n": 3, "metric": "manhattan"}, RequestError, "'euclidean' or 'cosine'"),
        ({"n": 3, "random_draws": 5}, RequestError, "greater than or equal to 20"),
        ({"n": 3, "start": "nobody"}, RequestError, "nor the id of an item"),
        ({"n": 3, "embedder": "image-light"}, RequestError, "did you mean 'image-lite'"),
        ({"n": 3, "embedder": "image-lite"}, RequestError, "pass --embedder none"),
        ({"n": 3, "datapool": "nowhere.npy"}, DataError, "nowhere.npy"),
        ({"n": 3, "template": "nowhere.toml"}, DataError, "nowhere.toml"),
    ],
)
def test_bad_requests_say_what_got_do(settings, error, words):
    """A request that cannot be right is one line with what, got and do."""
    vectors = np.random.default_rng(0).normal(size=(30, 3))
    with pytest.raises(error) as caught:
        curate.select(vectors, **settings)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_datapool_of_another_dimension_is_refused(tmp_path):
    """A datapool must be of the same space."""
    np.save(tmp_path / "pool.npy", np.ones((4, 5)))
    with pytest.raises(DataError, match="5 dimensions, the data have 3"):
        curate.select(np.ones((9, 3)), n=2, datapool=str(tmp_path / "pool.npy"))


def test_positions_are_those_of_the_source():
    """Where rows were set aside, indices and report.json still name rows of the source."""
    vectors = np.random.default_rng(0).normal(size=(60, 3))
    vectors[0] = np.nan
    result = curate.select(vectors, n=5)
    assert [item.row for item in result.report.selection.items] == result.indices.tolist()
    assert result.ids == [str(row) for row in result.indices]
    rows = [worst.row for worst in result.report.coverage.worst]
    assert [worst.id for worst in result.report.coverage.worst] == [str(row) for row in rows]
    assert 0 not in result.report.maps.rows


def test_the_size_of_a_group_is_told_though_its_examples_are_cut():
    """Of a large group of duplicates 20 ids are listed, and its real size."""
    result = curate.select(np.ones((50, 3)), n=3)
    duplicates = result.report.duplicates
    assert (len(duplicates.examples[0]), duplicates.sizes) == (20, [50])


@pytest.mark.parametrize("scale", [1e200, 1e-200])
def test_values_whose_squares_leave_float64_are_refused(scale):
    """What cannot be measured is refused in one line; by cosine it can."""
    vectors = scale * np.random.default_rng(0).normal(size=(60, 3))
    with pytest.raises(DataError, match="Scale the vectors"):
        curate.select(vectors, n=3)
    assert len(curate.select(vectors, n=3, metric="cosine").ids) == 3


def test_large_float32_values_are_measured():
    """float32 values near its end have squares in float64, and a map."""
    vectors = (1e38 * np.random.default_rng(0).normal(size=(60, 3))).astype(np.float32)
    report = curate.select(vectors, n=6).report
    assert np.isfinite(report.coverage.radius)
    assert report.maps.pacmap is not None


def test_few_items_left_are_explained():
    """The message that there are too few items says what was set aside."""
    with pytest.raises(RequestError, match=r"5 of 3 items \(57 of 60 .*57 duplicate id"):
        curate.select(np.random.default_rng(0).normal(size=(60, 3)), n=5, ids=["a", "b", "c"] * 20)


@pytest.mark.parametrize(
    ("vectors", "words"),
    [([[1, 2], [3]], "one length"), (np.ma.masked_array(np.ones((9, 2))), "masked array")],
)
def test_what_is_no_array_of_numbers_is_refused(vectors, words):
    """Ragged lists and masked arrays are refused, not guessed at."""
    with pytest.raises(DataError, match=words):
        curate.select(vectors, n=1)
