"""The command line as a real process: exit codes, streams, and one line for every mistake."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import curate
from process import run


@pytest.fixture
def vectors(tmp_path) -> Path:
    np.save(tmp_path / "vectors.npy", np.random.default_rng(0).normal(size=(60, 4)))
    return tmp_path


def test_select_prints_paths_and_nothing_else(vectors):
    """Paths go to stdout, nothing to stderr without a terminal, and the files are there."""
    done = run("select", "vectors.npy", "--n", 5, cwd=vectors)
    assert (done.returncode, done.stderr) == (0, "")
    for line in done.stdout.splitlines():
        assert (vectors / line).is_file()
    assert curate.load_report(vectors / "reports" / "vectors").counts.selected == 5


def test_json_is_one_object_with_the_headline(vectors):
    """--json prints one object: where the report is, and its headline numbers."""
    done = run("select", "vectors.npy", "--n", 5, "--out", "out", "--json", cwd=vectors)
    printed = json.loads(done.stdout)
    report = curate.load_report(vectors / printed["report"])
    assert printed["selected"] == 5
    assert printed["diversity_mean"] == report.diversity.selected.mean
    assert printed["coverage_mean"] == report.coverage.selected.mean


def test_without_a_source_the_job_file_or_the_folder_is_taken(vectors):
    """`curate select --n 5` runs as it stands: on curate.toml, else on the current folder."""
    assert run("select", "--n", 5, "-q", cwd=vectors).returncode == 0
    assert curate.load_report(vectors / "reports" / "vectors").counts.selected == 5
    (vectors / "curate.toml").write_text(
        '[data]\nsource = "vectors.npy"\nname = "mine"\n[select]\nn = 7\n'
    )
    assert run("select", cwd=vectors).returncode == 0
    assert curate.load_report(vectors / "reports" / "mine").counts.selected == 7


@pytest.mark.slow
def test_flag_beats_environment_beats_job_file_beats_default(vectors):
    """Precedence is flag > environment > job file > default."""
    (vectors / "job.toml").write_text(
        '[data]\nsource = "vectors.npy"\n[select]\nn = 7\nseed = 1\n[report]\nout = "out"\n'
    )

    def selected(*flags, env=None):
        done = run("select", "--config", "job.toml", *flags, cwd=vectors, env=env)
        assert done.returncode == 0, done.stderr
        return curate.load_report(vectors / "out")

    assert selected().job.select.seed == 1
    assert selected().counts.selected == 7
    assert selected(env={"CURATE_N": "8", "CURATE_SEED": "2"}).counts.selected == 8
    chosen = selected("--seed", "3", env={"CURATE_SEED": "2"})
    assert chosen.job.select.seed == 3
    assert chosen.job.measure.random_draws == 20
    assert selected("--fraction", "0.1").counts.selected == 6


def test_paths_in_a_job_file_are_relative_to_it(vectors, tmp_path_factory):
    """A job file names its data from where it lies."""
    (vectors / "job.toml").write_text('[data]\nsource = "vectors.npy"\n[select]\nn = 3\n')
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = run("select", "--config", vectors / "job.toml", cwd=elsewhere)
    assert done.returncode == 0, done.stderr
    assert (elsewhere / "reports" / "vectors" / "report.pdf").is_file()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["vectors.npy"], 2, "neither of --n and --fraction"),
        (["vectors.npy", "--n", "0"], 2, "between 1 and 60"),
        (["vectors.npy", "--n", "61"], 2, "Pass --n 60"),
        (["vectors.npy", "--n", "many"], 2, "many"),
        (["vectors.npy", "--fraction", "2"], 2, "at most 1"),
        (["vectors.npy", "--n", "5", "--colour", "red"], 2, "--colour"),
        (["table.csv", "--n", "2", "--text-column", "txt"], 2, "did you mean 'text'"),
        (["nowhere", "--n", "5"], 3, "nowhere"),
        (["empty", "--n", "5"], 3, "empty"),
        (["notes.docx", "--n", "5"], 3, ".docx"),
        (["truncated.npy", "--n", "5"], 3, "truncated.npy"),
        (["pickled.npy", "--n", "5"], 3, "pickle"),
        (["vectors.npy", "--n", "5", "--datapool", "other.npy"], 3, "dimensions"),
        (["vectors.npy", "--n", "5", "--out", "notes.docx"], 3, "cannot write"),
        (["--config", "nowhere.toml"], 3, "curate init"),
        (["--config", "broken.toml"], 3, "broken.toml"),
    ],
)
def test_mistakes_get_one_line_and_their_exit_code(words, code, says, vectors):
    """Every mistake ends with its exit code and one line on stderr, never a traceback."""
    (vectors / "empty").mkdir()
    (vectors / "notes.docx").write_text("no")
    (vectors / "table.csv").write_text("text,other\nx,1\ny,2\n")
    (vectors / "broken.toml").write_text("n = = 3\n")
    whole = (vectors / "vectors.npy").read_bytes()
    (vectors / "truncated.npy").write_bytes(whole[:200])
    np.save(vectors / "pickled.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    np.save(vectors / "other.npy", np.ones((3, 9)))
    done = run("select", *words, cwd=vectors)
    assert done.returncode == code, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("curate: ")
    assert says in done.stderr
    assert done.stdout == ""


def test_strict_writes_everything_and_exits_with_4(vectors):
    """With --strict a run that set items aside is done, and says so by its exit code."""
    values = np.load(vectors / "vectors.npy")
    values[3] = np.nan
    np.save(vectors / "vectors.npy", values)
    done = run("select", "vectors.npy", "--n", 5, "--strict", "--out", "out", cwd=vectors)
    assert done.returncode == 4
    assert "1 of 60 items were set aside (1 not finite)" in done.stderr
    assert (vectors / "out" / "report.pdf").is_file()
    assert run("select", "vectors.npy", "--n", 5, "--out", "out", cwd=vectors).returncode == 0


def test_an_unwritable_run_leaves_the_old_output_whole(vectors):
    """A run that fails changes nothing of an earlier one."""
    assert run("select", "vectors.npy", "--n", 5, "--out", "out", cwd=vectors).returncode == 0
    before = {path: path.read_bytes() for path in (vectors / "out").iterdir()}
    assert run("select", "vectors.npy", "--n", 99, "--out", "out", cwd=vectors).returncode == 2
    assert {path: path.read_bytes() for path in (vectors / "out").iterdir()} == before


@pytest.mark.slow
def test_report_draws_the_same_pdf_again(samples, tmp_path):
    """`curate report` needs report.json and its pictures only, and gives identical bytes."""
    shutil.copytree(samples / "clipart" / "tools", tmp_path / "tools")
    run("select", "tools", "--n", 8, "--out", "out", cwd=tmp_path)
    first = (tmp_path / "out" / "report.pdf").read_bytes()
    shutil.rmtree(tmp_path / "tools")
    (tmp_path / "out" / "report.pdf").unlink()
    done = run("report", "out/report.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "report.pdf").read_bytes() == first


def test_init_writes_a_job_that_runs(vectors):
    """`curate init && curate select` works as it stands, and never overwrites a job."""
    assert run("init", cwd=vectors).returncode == 0
    text = (vectors / "curate.toml").read_text()
    (vectors / "curate.toml").write_text(text.replace("n = 100", "n = 10"))
    assert run("select", cwd=vectors).returncode == 0
    again = run("init", cwd=vectors)
    assert again.returncode == 2
    assert "exists already" in again.stderr


def test_the_log_file_is_written(vectors):
    """--log FILE receives the steps, whatever the screen shows."""
    done = run("select", "vectors.npy", "--n", 3, "--quiet", "--log", "run.log", cwd=vectors)
    assert (done.stdout, done.stderr) == ("", "")
    assert "selected 3 of 60" in (vectors / "run.log").read_text()


def test_verbose_says_the_steps_on_stderr(vectors):
    """-v says on stderr what is done."""
    done = run("select", "vectors.npy", "--n", 3, "-v", cwd=vectors)
    assert "curate: selected 3 of 60" in done.stderr


def test_a_terminal_gets_a_progress_bar(samples, tmp_path):
    """On a terminal the bar is drawn on stderr, and paths still go to stdout alone."""
    import pty

    shutil.copytree(samples / "clipart" / "tools", tmp_path / "tools")
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "curate", "select", "tools", "--n", "5", "--no-cache"],
        cwd=tmp_path,
        stderr=follower,
        stdout=subprocess.PIPE,
        text=True,
    )
    os.close(follower)
    drawn = b""
    while True:
        try:
            chunk = os.read(leader, 4096)
        except OSError:
            break
        drawn += chunk
    out, _ = process.communicate(timeout=60)
    os.close(leader)
    assert b"embedding" in drawn
    assert [Path(line).name for line in out.splitlines()] == ["report.pdf", "report.json"]


def test_no_words_at_all_get_the_help(vectors):
    """`curate` alone prints its help, in lines."""
    done = run(cwd=vectors)
    assert done.returncode == 0
    assert "select" in done.stdout
    assert done.stdout.count("\n") > 5


def test_an_output_that_cannot_be_is_found_before_the_work(vectors):
    """A file in the place of the output folder ends the run before anything is measured."""
    (vectors / "file").write_text("in the way")
    done = run("select", "vectors.npy", "--n", 5, "--out", "file/out", "-v", cwd=vectors)
    assert done.returncode == 3
    assert "selected" not in done.stderr
    assert "is a file" in done.stderr


def test_a_name_is_no_path(vectors):
    """Whatever the name, the report stays below reports/."""
    done = run("select", "vectors.npy", "--n", 3, "--name", "../../a b", "--no-report", cwd=vectors)
    assert done.stdout == "reports/a-b/selected.txt\n"


def test_a_count_as_a_flag_replaces_the_one_of_the_environment(vectors):
    """--n wins over CURATE_FRACTION."""
    done = run(
        "select",
        "vectors.npy",
        "--n",
        3,
        "--no-report",
        cwd=vectors,
        env={"CURATE_FRACTION": "0.5"},
    )
    assert done.returncode == 0, done.stderr
    assert len((vectors / "reports/vectors/selected.txt").read_text().split()) == 3


def test_without_a_report_stderr_says_what_a_reader_must_be_told(vectors):
    """A selection that ends early says so in one line when there is no report to say it."""
    asked = ("select", "vectors.npy", "--n", 3, "--min-distance", "1e9", "--no-report")
    done = run(*asked, cwd=vectors)
    assert done.returncode == 0
    assert done.stderr.startswith("curate: 1 of the 3 items asked for were picked: ")
    assert done.stderr.count("\n") == 1
