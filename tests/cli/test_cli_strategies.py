"""Strategies on the command line, as real processes."""

from __future__ import annotations

import json
import shlex

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import curate
from process import run


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    table = {
        "id": [f"i{i}" for i in range(80)],
        "v": rng.normal(size=(80, 3)).tolist(),
        "weather": rng.choice(["day", "night"], 80, p=[0.8, 0.2]).tolist(),
        "score": rng.uniform(size=80),
    }
    pq.write_table(pa.table(table), tmp_path / "t.parquet")
    return tmp_path


READ = ("t.parquet", "--id-column", "id", "--vector-column", "v")


def test_flags_and_tables_make_the_same_run_and_the_report_repeats_it(folder):
    """--strategy twice, two tables in a job file and provenance.command pick the same items."""
    done = run(
        *("select", *READ, "--n", 20, "--out", "flags", "--strategy", "diversity"),
        *("--strategy", "balance:weather=day:0.5/night:0.5", "--strategy", "threshold:score>0.1"),
        cwd=folder,
    )
    assert (done.returncode, done.stderr) == (0, "")
    (folder / "curate.toml").write_text(
        '[data]\nsource = "t.parquet"\nid_column = "id"\nvector_column = "v"\n'
        '[report]\nno_report = true\nout = "tables"\n[select]\nn = 20\n'
        '[[select.strategy]]\nname = "diversity"\n[[select.strategy]]\nname = "balance"\n'
        'column = "weather"\ntarget = {day = 0.5, night = 0.5}\n'
        '[[select.strategy]]\nname = "threshold"\ncolumn = "score"\nop = ">"\nvalue = 0.1\n'
    )
    assert run("select", cwd=folder).returncode == 0
    report = json.loads((folder / "flags" / "report.json").read_text())
    words = shlex.split(report["provenance"]["command"])[1:]
    assert run(*words, "--out", "again", "--no-report", cwd=folder).returncode == 0
    picked = [
        (folder / out / "selected.txt").read_text().split() for out in ("flags", "tables", "again")
    ]
    assert picked[0] == picked[1] == picked[2]
    assert report["job"]["select"]["strategy"][1] == {
        "name": "balance",
        "strength": 1,
        "column": "weather",
        "target": {"day": 0.5, "night": 0.5},
    }
    assert curate.load_report(folder / "flags").objectives[2].balance.largest_miss == 0


@pytest.mark.slow
def test_flags_replace_the_strategies_of_the_environment_and_of_the_job_file(folder):
    """Precedence holds for strategies as a whole; in the environment spaces stand between them."""
    (folder / "job.toml").write_text(
        '[data]\nsource = "t.parquet"\nid_column = "id"\nvector_column = "v"\n'
        '[select]\nn = 5\nstrategy = "random"\n[report]\nno_report = true\nout = "out"\n'
    )

    def first(*flags, env=None):
        done = run("select", "--config", "job.toml", *flags, cwd=folder, env=env)
        assert done.returncode == 0, done.stderr
        return (folder / "out" / "selected.txt").read_text().split()

    scores = pq.read_table(folder / "t.parquet").column("score").to_pylist()
    best, worst = f"i{int(np.argmax(scores))}", f"i{int(np.argmin(scores))}"
    from_file = first()
    env = {"CURATE_STRATEGY": "weights:score threshold:weather!=noon"}
    assert first(env=env)[0] == best
    assert first("--strategy", "weights:score,strength=-1", env=env)[0] == worst
    assert first() == from_file


@pytest.mark.parametrize(
    ("strategies", "code", "says"),
    [
        (["balanse:weather"], 2, "did you mean 'balance'"),
        (["threshold:score>9"], 2, "leaves none of 80 items"),
        (["similarity:nowhere.npy"], 3, "nowhere.npy"),
    ],
)
def test_mistakes_are_one_line(strategies, code, says, folder):
    """A strategy that cannot be ends with its exit code and one line that says why."""
    flags = [word for one in strategies for word in ("--strategy", one)]
    done = run("select", *READ, "--n", 3, *flags, cwd=folder)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr
    assert done.stderr.startswith("curate: ")
    assert says in done.stderr


def test_the_strategies_are_listed(folder):
    """`curate strategies` prints each with its settings, and needs no data."""
    done = run("strategies", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "balance\n  The share of its quota" in done.stdout
    assert "Example: --strategy 'threshold:sharpness>20'" in done.stdout
