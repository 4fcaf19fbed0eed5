"""The catalogue: names that stand for paths, one file, and several processes at once."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import curate
from curate.catalog.store import CatalogFile
from curate.errors import DataError, RequestError
from process import run

ADDING = """
import sys, curate
known = curate.Catalog(sys.argv[1])
for at in range(15):
    known.add_experiment(f"{sys.argv[2]}-{at}", "ViT", {"lr": at})
    assert any(one.name == f"{sys.argv[2]}-{at}" for one in known.ls())
"""


@pytest.fixture
def known(tmp_path):
    return curate.Catalog(tmp_path / "catalog.sqlite")


@pytest.fixture
def vectors(tmp_path, rng):
    """A file of 60 vectors with ids beside it."""
    np.save(tmp_path / "v.npy", rng.normal(size=(60, 5)).astype(np.float32))
    (tmp_path / "ids.txt").write_text("".join(f"item {row}\n" for row in range(60)))
    return tmp_path / "v.npy"


def add(known, vectors, name="mine", **more):
    ids = str(vectors.with_name("ids.txt"))
    return known.add_space(name, vectors, ids=ids, metric="cosine", **more)


def test_an_entry_says_what_the_space_is(known, vectors):
    """A space comes back with its items, dimensions, metric, and an experiment made with it."""
    known.add_data_set("data", vectors)
    add(known, vectors, data_set="data", experiment="e", model="ViT", parameters={"lr": 0.1},
        trained_on="data")  # fmt: skip
    space, experiment = known.show("mine"), known.show("e")
    assert (space.items, space.dims, space.metric, space.data_set) == (60, 5, "cosine", "data")
    assert (experiment.model, experiment.parameters) == ("ViT", {"lr": "0.1"})
    assert experiment.trained_on == "data"
    assert [entry.name for entry in known.ls()] == ["data", "e", "mine"]
    assert [entry.name for entry in known.ls("space")] == ["mine"]


def test_the_content_names_vectors_and_ids(known, vectors):
    """Equal vectors and ids have one hash; a changed value has another, and the entry says so."""
    first = add(known, vectors)
    assert add(known, vectors, "again").content == first.content
    assert not known.changed("mine")
    held = np.load(vectors)
    held[3, 2] += 1e-6
    np.save(vectors, held)
    assert known.changed("mine")
    assert add(known, vectors, "new").content != first.content


def test_a_name_stands_for_path_and_settings(known, vectors, tmp_path, monkeypatch):
    """Every command takes a name, reads as the entry says, and a setting of the user's wins."""
    add(known, vectors)
    monkeypatch.chdir(tmp_path)
    file = str(known.file)
    by_name = curate.select("mine", n=5, no_report=True, catalog=file)
    assert by_name.ids == curate.select(
        vectors, n=5, no_report=True, ids="ids.txt", metric="cosine"
    ).ids  # fmt: skip
    (hits,) = curate.neighbors("mine", item="item 3", k=2, catalog=file)
    assert (hits.space, hits.metric) == ("mine", "cosine")
    (hits,) = curate.neighbors("mine,metric=euclidean", item="item 3", k=2, catalog=file)
    assert hits.metric == "euclidean"
    report = curate.compare("mine", vectors, ids="ids.txt", catalog=file).report
    assert report.pairs[0].agreement[0].overlap > 0
    assert curate.explore("mine", catalog=file, maps="pca").name == "mine"
    by_name, by_path = (
        curate.select(vectors, n=5, no_report=True, strategy=f"similarity:{query}", catalog=file)
        for query in ("mine", vectors)
    )
    assert by_name.ids == by_path.ids
    assert by_name.job.select.strategy == by_path.job.select.strategy
    with pytest.raises(RequestError, match="datapool"):  # all of it: nothing is left to select
        curate.select(vectors, n=5, no_report=True, datapool="mine", catalog=file)


def test_data_in_memory_have_no_name_of_the_catalogue(known, rng):
    """An array is not looked up, whatever its data set is called."""
    known.add_space("array", rng.normal(size=(9, 3)))
    result = curate.select(rng.normal(size=(20, 3)), n=5, catalog=str(known.file))
    assert (result.report.counts.input, result.job.data.source) == (20, "array")
    assert result.job.data.name is None


def test_a_path_wins_over_a_name(known, vectors, tmp_path, monkeypatch):
    """A file that appears under a name later is what the name means then."""
    add(known, vectors)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    with pytest.raises(DataError, match="mine"):
        curate.select("mine", n=5, no_report=True, catalog=str(known.file))


def test_vectors_in_memory_are_kept_beside_the_catalogue(known, rng):
    """A training loop adds arrays and compares them by name; removing one frees its file."""
    first, ids = rng.normal(size=(50, 4)), [f"id {row}" for row in range(50)]
    for epoch, noise in enumerate((0.0, 0.5)):
        known.add_space(f"epoch {epoch}", first + noise * rng.normal(size=first.shape), ids=ids)
    report = curate.compare("epoch 0", "epoch 1", catalog=str(known.file)).report
    assert [space.name for space in report.spaces] == ["epoch 0", "epoch 1"]
    assert report.items == 50
    file = Path(known.show("epoch 0").source)
    known.rm("epoch 0")
    with pytest.raises(RequestError, match="epoch 0"):
        known.show("epoch 0")
    assert not file.exists()


def test_what_cannot_be_added_is_refused(known, vectors, tmp_path, monkeypatch):
    """Taken names, references to nothing, names with commas or of paths, and used entries."""
    monkeypatch.chdir(tmp_path)
    add(known, vectors, experiment="e", model="ViT")
    for wrong, words in (
        (lambda: add(known, vectors), "--replace"),
        (lambda: add(known, vectors, "x", data_set="mina"), "did you mean 'mine'"),
        (lambda: add(known, vectors, "a,b"), "comma"),
        (lambda: known.add_experiment("v.npy", "ViT"), "is a path"),
        (lambda: known.rm("e"), "mine refer"),
        (lambda: known.rm("f"), "no 'f'"),
        (lambda: known.ls("spaces"), "did you mean 'space'"),
        (lambda: curate.select("e", n=2, catalog=str(known.file)), "experiment"),
    ):
        with pytest.raises(RequestError, match=words):
            wrong()
    assert [entry.name for entry in known.ls()] == ["e", "mine"]
    add(known, vectors, replace=True)


def test_all_or_nothing(known, vectors):
    """A space whose data set is unknown leaves no experiment behind."""
    with pytest.raises(RequestError, match="nowhere"):
        add(known, vectors, data_set="nowhere", experiment="e", model="ViT")
    assert known.ls() == []


def test_a_file_that_is_no_catalogue_is_said_to_be_none(tmp_path):
    """Any other file, and a catalogue of a later version, end in one line."""
    wrong = tmp_path / "other.sqlite"
    wrong.write_bytes(b"this is a text, and no database at all" * 40)
    with pytest.raises(DataError, match="cannot use the catalogue"):
        curate.Catalog(wrong).ls()
    store = CatalogFile(tmp_path / "later.sqlite")
    curate.Catalog(store.file).add_experiment("e", "ViT")
    connection = sqlite3.connect(store.file)
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(DataError, match="version 9"):
        store.entries()


def test_several_processes_write_at_once(tmp_path):
    """Four processes that add to a new catalogue lose nothing, and read what they wrote."""
    file = tmp_path / "new" / "catalog.sqlite"
    running = [
        subprocess.Popen([sys.executable, "-c", ADDING, str(file), str(place)])
        for place in range(4)
    ]
    assert [process.wait(timeout=120) for process in running] == [0] * 4
    assert len(curate.Catalog(file).ls("experiment")) == 60


def test_the_command_line(tmp_path, vectors):
    """add, ls, show and rm as real processes, with the file from the environment."""
    env = {"CURATE_CATALOG": str(tmp_path / "c.sqlite")}
    added = run("spaces", "add", "mine", vectors, "--ids", "ids.txt", cwd=tmp_path, env=env)
    assert added.returncode == 0, added.stderr
    assert run("spaces", "ls", cwd=tmp_path, env=env).stdout.startswith("mine\tspace\t60\t5\t")
    shown = json.loads(run("spaces", "show", "mine", "--check", cwd=tmp_path, env=env).stdout)
    assert (shown["dims"], shown["changed"]) == (5, False)
    near = run("neighbors", "mine", "--item", "item 3", "-k", "2", cwd=tmp_path, env=env)
    assert "item" in near.stdout, near.stderr
    gone = run("spaces", "rm", "mine", cwd=tmp_path, env=env)
    assert gone.stdout == "mine\n"
    wrong = run("spaces", "rm", "mine", cwd=tmp_path, env=env)
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)


def test_a_catalogue_with_nothing_in_it_is_said_to_have_nothing(tmp_path):
    """A mistyped --catalog is not an empty list without a word, and makes no file."""
    done = run("spaces", "ls", "--catalog", "none.db", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "curate: nothing is in none.db: `curate spaces add` adds.\n"
    assert not (tmp_path / "none.db").exists()


def test_an_argument_that_is_missing_is_named():
    """Commands about spaces without their argument say which one, and end with code 2."""
    from typer.testing import CliRunner

    from curate.cli.main import app

    for words in (["evaluate"], ["compare"], ["drift", "old"], ["explore"], ["spaces", "add"]):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 2, words
        assert "Missing argument" in done.output, words
