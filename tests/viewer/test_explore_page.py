"""The page of `curate explore` as a file: what it holds is measured, and is never markup."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.spatial.distance import cdist

import curate
from curate.errors import DataError, RequestError
from pages import Reader, column, told, unpacked
from process import run

HOSTILE = "</script><img src=x onerror=alert(1)><!--<script>&amp;\u2028"


@pytest.fixture
def space(rng):
    return rng.normal(size=(120, 6))


def test_neighbours_are_those_of_the_space(space, rng):
    """Each item's neighbours and distances in both spaces are those of all float64 distances."""
    other = rng.normal(size=(120, 3))
    held = told(curate.explore(space, other, k=7, maps="pca"))
    for one, vectors in zip(held["spaces"], (space, other), strict=True):
        distances = cdist(vectors, vectors)
        np.fill_diagonal(distances, np.inf)
        near = unpacked(one["near"]).reshape(120, 7)
        assert near.tolist() == np.argsort(distances, axis=1)[:, :7].tolist()
        expected = np.sort(distances, axis=1)[:, :7].ravel()
        assert unpacked(one["distances"]) == pytest.approx(expected, rel=1e-6)


def test_agreement_is_what_compare_says(space, rng):
    """The share of common neighbours, as a column and in the head, is that of `compare`."""
    other = space + 0.7 * rng.normal(size=space.shape)
    page = curate.explore(space, other, maps="pca")
    (pair,) = curate.compare(space, other).report.pairs
    expected = next(one for one in pair.agreement if one.k == 10)
    assert told(page)["agreement"]["overlap"] == pytest.approx(expected.overlap)
    shared = unpacked(column(page, "neighbourhood agreement")["values"])
    assert shared.mean() == pytest.approx(expected.overlap)


def test_the_second_map_is_turned_onto_the_first(space):
    """A mirrored and rotated copy of a space has the same map, where the first one has it."""
    turned = space @ np.linalg.qr(np.random.default_rng(3).normal(size=(6, 6)))[0] * [-1, *[1] * 5]
    first, second = told(curate.explore(space, turned, maps="pca"))["spaces"]
    a, b = (unpacked(one["maps"][0]["places"]).astype(int) for one in (first, second))
    assert np.abs(a - b).max() <= 20  # of 65,536 steps


def test_a_run_shows_its_selection_and_the_distance_to_it(space, tmp_path):
    """Selected items and coverage distances are those of the run, its datapool included."""
    np.save(tmp_path / "v.npy", space)
    np.save(tmp_path / "pool.npy", space[:3] + 0.5)
    result = curate.select(
        tmp_path / "v.npy", n=9, out=tmp_path / "run", datapool=tmp_path / "pool.npy"
    )
    page = curate.explore(tmp_path / "run", maps="pca")
    held = told(page)
    marked = np.flatnonzero(unpacked(held["selected"]))
    assert sorted(held["ids"][row] for row in marked) == sorted(result.ids)
    base = np.concatenate([space[result.indices], space[:3] + 0.5])
    coverage = unpacked(column(page, "distance to the nearest selected")["values"])
    assert coverage == pytest.approx(cdist(space, base).min(axis=1))
    assert told(curate.explore(tmp_path / "run" / "report.json", maps="pca"))["selected"]


def test_more_than_the_limit_is_sampled_and_said(tmp_path, rng):
    """Of too many items a uniform sample is shown with all that are selected, and it says so."""
    np.save(tmp_path / "v.npy", rng.normal(size=(500, 4)))
    result = curate.select(tmp_path / "v.npy", n=30, out=tmp_path / "run")
    held = told(curate.explore(tmp_path / "run", maps="pca", points=200))
    assert set(result.ids) <= set(held["ids"])
    assert 200 <= len(held["ids"]) <= 230
    assert "of 500 items are shown: a uniform sample of 200" in held["notes"][0]


def test_names_are_never_markup(rng):
    """Ids and labels that look like HTML stand in the page as JSON, and end no element."""
    ids = [f"{HOSTILE}{row}" for row in range(40)]
    page = curate.explore(rng.normal(size=(40, 3)), ids=ids, labels=ids, maps="pca")
    reader = Reader()
    reader.feed(page.html.decode())
    assert told(page)["ids"] == ids
    assert [tag for tag, _ in reader.elements].count("script") == 2
    assert not any(tag == "img" or "onerror" in known for tag, known in reader.elements)


def test_nothing_is_loaded_from_elsewhere(space):
    """The page names no address, and its content policy allows nothing but itself."""
    page = curate.explore(space, maps="pca").html.decode()
    assert not re.findall(r"(?:https?:)?//[a-z]+\.", page)
    reader = Reader()
    reader.feed(page)
    policy = next(known["content"] for tag, known in reader.elements if "http-equiv" in known)
    assert policy.startswith("default-src 'none'")
    assert not any("src" in known or "href" in known for _, known in reader.elements)


def test_the_page_is_the_same_every_time(space):
    """Two pages of one space are equal to the last byte."""
    assert curate.explore(space).html == curate.explore(space).html


def test_the_space_that_has_the_items_shows_them(space, tmp_path):
    """Beside a bare array the texts and labels are those of the other space, joined by id."""
    lines = [f"{row},the text of {row},{'even' if row % 2 == 0 else 'odd'}" for row in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["id,text,topic", *reversed(lines)]))
    np.save(tmp_path / "v.npy", space)
    own = ",id_column=id,text_column=text,label_column=topic"
    held = told(curate.explore(tmp_path / "v.npy", f"{tmp_path / 't.csv'}{own}", maps="pca"))
    assert held["ids"] == [str(row) for row in range(60)]
    assert held["texts"] == [f"the text of {row}" for row in range(60)]
    assert held["label"] == "topic"
    topics = next(one for one in held["columns"] if one["name"] == "topic")
    assert unpacked(topics["codes"])[:4].tolist() == [0, 1, 0, 1]
    assert held["notes"][0].startswith("60 items of v are not in")


def test_a_run_beside_another_space(space, tmp_path):
    """A run and a second space of its ids: both are there, the selection marked on both."""
    np.save(tmp_path / "v.npy", space)
    result = curate.select(tmp_path / "v.npy", n=9, out=tmp_path / "run")
    held = told(curate.explore(tmp_path / "run", space[:, :2], maps="pca"))
    assert [one["dims"] for one in held["spaces"]] == [6, 2]
    marked = np.flatnonzero(unpacked(held["selected"])).tolist()
    assert marked == sorted(result.indices.tolist())


def test_columns_keep_their_kind(tmp_path):
    """Numbers are numbers with their gaps, words are words, lists are text, bytes are left out."""
    import pyarrow as pa
    import pyarrow.parquet as papq

    table = {
        "embedding": [[float(row), float(row % 3), 1.0] for row in range(20)],
        "size": [None, *range(19)],
        "tags": [["a", "b"]] * 20,
        "kind": ["x", "y"] * 10,
    }
    papq.write_table(pa.table(table), tmp_path / "t.parquet")
    page = curate.explore(tmp_path / "t.parquet", maps="pca", vector_column="embedding")
    sizes = unpacked(column(page, "size")["values"])
    assert np.isnan(sizes[0])
    assert sizes[1:].tolist() == list(range(19))
    assert column(page, "kind")["names"] == ["x", "y"]
    assert column(page, "tags")["names"] == ['["a", "b"]']


def test_what_cannot_be_shown_is_refused(space, tmp_path):
    """Maps and counts that are none, spaces without common ids, and a report about spaces."""
    for wrong, words in (
        (lambda: curate.explore(space, maps="pcaa"), "did you mean 'pca'"),
        (lambda: curate.explore(space[:20], maps="pacmap"), "too few for pacmap"),
        (lambda: curate.explore(space, points=5), "at least 100"),
        (lambda: curate.explore(space, k=0), "at least 1"),
        (lambda: curate.explore(space, thumbnails=-1), "at least 0"),
        (lambda: curate.explore(space[:3]), "3 points are too few"),
    ):
        with pytest.raises(RequestError, match=words):
            wrong()
    np.save(tmp_path / "v.npy", space)
    (tmp_path / "ids.txt").write_text("".join(f"id {row}\n" for row in range(120)))
    with pytest.raises(DataError, match="ids in common"):
        curate.explore(tmp_path / "v.npy", f"{tmp_path / 'v.npy'},ids={tmp_path / 'ids.txt'}")
    curate.compare(space, space[:, :3]).save(tmp_path / "compared")
    with pytest.raises(RequestError, match="about spaces"):
        curate.explore(tmp_path / "compared")


def test_the_command_writes_the_page(space, tmp_path):
    """A real process prints where the page is; a wrong request is one line and exit code 2."""
    np.save(tmp_path / "v.npy", space)
    done = run("explore", "v.npy", "--map", "pca", cwd=tmp_path)
    assert done.stdout == "reports/v.html\n", done.stderr
    assert told(type("P", (), {"html": (tmp_path / "reports/v.html").read_bytes()}))["k"] == 10
    wrong = run("explore", "v.npy", "--map", "maps", cwd=tmp_path)
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
