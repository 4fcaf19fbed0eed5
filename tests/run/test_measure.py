"""`curate measure`: the whole report for a selection that another tool made."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from typer.testing import CliRunner

import curate
from curate.cli.main import app
from curate.errors import RequestError


@pytest.fixture
def vectors(tmp_path, rng, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save(tmp_path / "vectors.npy", rng.normal(size=(80, 4)))
    return tmp_path


def invoke(*words):
    done = CliRunner().invoke(app, [str(word) for word in words], standalone_mode=False)
    if done.exception:
        raise done.exception
    return done


@pytest.mark.usefixtures("vectors")
def test_a_run_measured_again_gives_its_numbers():
    """Measuring what curate selected gives every measure of the report of that selection."""
    invoke("select", "vectors.npy", "--n", 12)
    invoke("measure", "vectors.npy", "--selection", "reports/vectors")
    made = curate.load_report("reports/vectors")
    again = curate.load_report("reports/vectors-vectors")
    assert again.selection.strategy == "given"
    assert again.selection.items == made.selection.items
    parts = ["counts", "diversity", "coverage", "likeness", "neighbourhoods", "budget", "maps"]
    for part in [*parts, "duplicates"]:
        assert getattr(again, part) == getattr(made, part), part
    assert again.provenance.command == ("curate measure vectors.npy --selection reports/vectors")


def test_the_order_of_the_file_is_pick_order(vectors):
    """Ranks follow the file, and distances are to the nearest pick before."""
    (vectors / "mine.txt").write_text("5\n3\n70\n")
    invoke("measure", "vectors.npy", "--selection", "mine.txt", "--metric", "cosine")
    with (vectors / "reports" / "vectors-mine" / "selected.csv").open() as file:
        rows = list(csv.DictReader(file))
    unit = np.load("vectors.npy")
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    assert [row["id"] for row in rows] == ["5", "3", "70"]
    assert rows[0]["distance"] == ""
    assert float(rows[2]["distance"]) == pytest.approx(
        1 - max(unit[70] @ unit[5], unit[70] @ unit[3]), rel=1e-9
    )


def test_settings_of_a_selection_mean_nothing_to_it(vectors):
    """A job file that selects serves: how many and how is passed over, the rest holds."""
    (vectors / "job.toml").write_text(
        '[data]\nsource = "vectors.npy"\n[embed]\nmetric = "cosine"\n'
        '[select]\nn = 9\nstrategy = "random"\n[report]\nout = "here"\n'
    )
    (vectors / "mine.txt").write_text("5\n3\n")
    done = invoke("measure", "--config", "job.toml", "--selection", "mine.txt", "--json")
    printed = json.loads(done.stdout)
    assert (printed["selected"], printed["metric"], printed["strategy"]) == (2, "cosine", "given")
    assert (vectors / "here" / "report.pdf").is_file()


def test_items_of_the_datapool_may_be_in_the_selection(vectors):
    """Whoever picked them could: they count, at distance 0, and random draws may have them."""
    np.save(vectors / "pool.npy", np.load("vectors.npy")[:3])
    result = curate.measure("vectors.npy", [str(i) for i in range(80)], datapool="pool.npy")
    assert result.report.counts.in_datapool == 3
    assert result.selection.distances[:3].tolist() == [0, 0, 0]


def test_from_python_ids_or_a_path(vectors):
    """curate.measure takes a list of ids or a file, on a path or an array, and picks nothing."""
    array = np.load("vectors.npy")
    (vectors / "mine.txt").write_text("5\n3\n70\n")
    by_file = curate.measure("vectors.npy", "mine.txt")
    by_list = curate.measure(array, ["5", "3", "70"])
    assert by_file.ids == by_list.ids == ["5", "3", "70"]
    assert by_file.report.coverage == by_list.report.coverage
    with pytest.raises(RequestError, match="'99'"):
        curate.measure(array, ["5", "99"])
    assert curate.measure(array, ["5", "99"], ignore_unknown=True).ids == ["5"]
    for settings in ({"selection": []}, {"selection": ["5"], "n": 3}):
        with pytest.raises(RequestError):
            curate.measure(array, **settings)


def test_one_pick_is_a_selection_too(vectors):
    """A single id is measured: coverage is there, diversity is not defined."""
    result = curate.measure("vectors.npy", ["7"], out=vectors / "one")
    distances = np.linalg.norm(np.load("vectors.npy") - np.load("vectors.npy")[7], axis=1)
    assert result.report.coverage.selected.mean == pytest.approx(distances.mean(), rel=1e-12)
    assert result.report.diversity.selected is None
    assert (vectors / "one" / "report.pdf").is_file()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["vectors.npy"], "nothing to measure"),
        (["vectors.npy", "--selection", "wrong.txt"], "not among the 80 items"),
        (["vectors.npy", "--selection", "mine.txt", "--n", "3"], "--n"),
    ],
)
def test_a_request_that_cannot_be_right_gets_one_line(words, says, vectors):
    """No selection, wrong ids, or a count beside it are bad requests."""
    (vectors / "mine.txt").write_text("5\n")
    (vectors / "wrong.txt").write_text("5\nnobody\n")
    with pytest.raises(Exception, match=says) as error:
        invoke("measure", *words)
    assert getattr(error.value, "exit_code", None) == 2
