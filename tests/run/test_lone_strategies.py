"""Strategies that select alone, from the command line's text to the files of a run."""

from __future__ import annotations

import csv
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import curate
from curate.errors import RequestError


@pytest.fixture
def vectors(rng):
    """40 items far from each other, of which the first 10 are repeated, almost."""
    items = rng.normal(size=(40, 6)) * 10
    return np.concatenate([items, items[:10] + 1e-3])


def test_deduplicate_needs_no_n_and_lists_what_it_dropped(vectors, tmp_path):
    """`deduplicate` keeps what is distinct, and dropped.csv names the kept one of each other."""
    result = curate.select(vectors, strategy="deduplicate:0.1", out=tmp_path)
    assert len(result.ids) == 40
    assert result.report.selection.notes[0].startswith("40 of 50 items were kept and 10 dropped")
    with (tmp_path / "dropped.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 10
    for row in rows:
        assert abs(int(row["id"]) - int(row["kept"])) == 40
        assert row["kept"] in result.ids
        assert float(row["distance"]) == pytest.approx(1e-3 * np.sqrt(6), rel=1e-6)


def test_dropped_for_the_datapool(vectors, tmp_path):
    """An item dropped for the sake of the datapool has no kept item to its name."""
    curate.select(vectors[:20], strategy="deduplicate:0.1", datapool=vectors[40:], out=tmp_path)
    with (tmp_path / "dropped.csv").open(newline="") as stream:
        assert [(row["id"], row["kept"]) for row in csv.DictReader(stream)] == [
            (str(i), "") for i in range(10)
        ]


@pytest.mark.parametrize("strategy", ["facility-location", "k-medoids"])
def test_mean_coverage_strategies_make_a_report(strategy, vectors):
    """They are named in the report, which the settings in it make again."""
    result = curate.select(vectors, n=5, strategy=strategy)
    assert result.report.selection.strategy == strategy
    again = curate.select(
        vectors, n=5, strategy=result.report.model_dump()["job"]["select"]["strategy"]
    )
    assert again.ids == result.ids


def test_sequences_stay_within_a_column(tmp_path):
    """From a table, whole runs of one video each are selected, and n counts frames."""
    table = tmp_path / "frames.parquet"
    columns = {
        "frame": [f"f{row}" for row in range(60)],
        "video": ["ab"[row % 2] for row in range(60)],
        "vector": np.random.default_rng(3).normal(size=(60, 3)).tolist(),
    }
    pq.write_table(pa.table(columns), table)
    settings = {"id_column": "frame", "vector_column": "vector", "no_report": True}
    told = "sequence:length=10,column=video"
    result = curate.select(table, n=25, strategy=told, **settings)
    assert len(result.ids) == 20
    for run in (result.indices[:10], result.indices[10:]):
        assert (np.diff(run) == 2).all()
    with pytest.raises(RequestError, match="vidio"):
        curate.select(table, n=25, strategy="sequence:10,column=vidio", **settings)


@pytest.mark.parametrize(
    "alone", ["facility-location", "k-medoids", "deduplicate:0.1", "sequence:length=5"]
)
def test_they_do_not_combine(alone):
    """Beside another strategy each is refused in one line."""
    with pytest.raises(RequestError) as refused:
        curate.select(np.eye(6), n=5, strategy=[alone, "diversity"])
    name = alone.partition(":")[0]
    assert str(refused.value) == (
        f"{name} cannot be combined with diversity: it selects alone. "
        "Only thresholds can go with it."
    )


def test_the_command_line_takes_them(vectors, tmp_path):
    """The command as documented runs as a process; a mistake is one line and exit code 2."""
    np.save(tmp_path / "v.npy", vectors)
    command = [sys.executable, "-m", "curate", "select", str(tmp_path / "v.npy"), "--no-report"]
    command += ["--out", str(tmp_path / "out"), "--strategy", "deduplicate:distance=0.1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "out" / "selected.txt").read_text().split()) == 40
    assert (tmp_path / "out" / "dropped.csv").exists()
    command += ["--strategy", "random"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "it selects alone" in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("deduplicate", "deduplicate needs distance"),
        ("deduplicate:0", "distance of deduplicate"),
        ("sequence:length=0", "length of sequence"),
        ("sequence", "sequence needs length"),
        ("k-medoids:strength=2", "k-medoids has no setting 'strength'"),
    ],
)
def test_unusable_settings_are_named(words, says):
    """A setting that is missing, wrong or unknown is named in the error."""
    with pytest.raises(RequestError, match=says):
        curate.select(np.eye(6), n=2, strategy=words)


def test_conditions_may_go_with_them(samples):
    """Thresholds narrow what may be picked by these strategies, too."""
    result = curate.select(
        samples / "definitions" / "definitions.csv",
        text_column="text",
        id_column="id",
        strategy=["deduplicate:0.3", "threshold:topic==noun.food"],
        no_report=True,
    )
    topics = result.dataset.metadata.column("topic").to_pylist()
    assert {topics[row] for row in result.indices} == {"noun.food"}
    assert 10 < len(result.ids) < topics.count("noun.food")
