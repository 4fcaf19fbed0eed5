"""The commands about spaces as real processes, on the samples."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

import curate
from curate.report.build.load import load_space_report
from process import run


@pytest.fixture
def files(tmp_path, rng):
    codes = rng.integers(0, 3, size=90)
    vectors = rng.normal(size=(90, 6)) + 2 * rng.normal(size=(3, 6))[codes]
    np.save(tmp_path / "a.npy", vectors)
    np.save(tmp_path / "b.npy", vectors[:80, :4])
    lines = "".join(f"i{row},c{code}\n" for row, code in enumerate(codes))
    (tmp_path / "table.csv").write_text("id,kind\n" + lines)
    (tmp_path / "ids.txt").write_text("".join(f"i{row}\n" for row in range(80)))
    return tmp_path


def test_comparing_few_rows_loads_no_compiled_code(tmp_path):
    """What takes longer to load than 600 rows take to compare is left alone."""
    code = """
import sys, numpy as np, curate
rng = np.random.default_rng(0)
curate.compare(rng.normal(size=(600, 384)), rng.normal(size=(600, 256))).save("compared")
print(sorted({"numba", "faiss", "sklearn", "scipy.stats", "onnxruntime"} & sys.modules.keys()))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
    assert (tmp_path / "compared" / "report.pdf").exists()


@pytest.mark.slow
def test_evaluate_compare_drift_and_report(files):
    """Each writes its report and prints where; `curate report` draws it again."""
    a, b = "a.npy,ids=table.csv,id_column=id", "b.npy,ids=ids.txt"
    done = run("evaluate", a, b, "--labels", "kind", "--out", "ev", "--json", cwd=files)
    assert (done.returncode, done.stderr) == (0, "")
    printed = json.loads(done.stdout)
    assert printed["items"] == 80
    assert printed["spaces"]["a"]["recall@1"] > 0.6
    done = run("compare", a, b, "--out", "cmp", cwd=files)
    assert done.stdout.splitlines() == ["cmp/report.pdf", "cmp/report.json"]
    report = load_space_report(files / "cmp")
    assert (report.items, report.spaces[0].missing) == (80, 10)
    done = run("drift", "a.npy", "a.npy", "--n", 3, "--out", "dr", cwd=files)
    assert (done.returncode, done.stderr) == (0, "")
    assert len((files / "dr" / "cover.txt").read_text().splitlines()) == 3
    drawn = (files / "cmp" / "report.pdf").read_bytes()
    done = run("report", "cmp", "--out", "again.pdf", cwd=files)
    assert done.returncode == 0
    assert (files / "again.pdf").read_bytes() == drawn


def test_neighbors_prints_a_table(files):
    """The table has distances and metadata, and says the recall of an index."""
    a = "a.npy,ids=table.csv,id_column=id"
    done = run("neighbors", a, "b.npy,ids=ids.txt", "--item", "i5", "-k", 4, cwd=files)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("euclidean distance") == 2
    assert "kind" in done.stdout
    done = run("neighbors", a, "--item", "i5", "--index", "lsh", cwd=files)
    assert "index lsh, recall 0." in done.stdout or "recall 1." in done.stdout
    done = run("neighbors", a, "--item", "i5", "-k", 4, "--json", cwd=files)
    assert len(json.loads(done.stdout)[0]["hits"]) == 4


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["evaluate", "a.npy", "--labels", "colour"], 2, "no column is called 'colour'"),
        (["compare", "a.npy"], 2, "two spaces or more"),
        (["compare", "a.npy", "none.npy"], 3, "none.npy"),
        (["drift", "a.npy", "b.npy"], 3, "6 dimensions"),
        (["neighbors", "a.npy"], 2, "exactly one"),
    ],
)
def test_mistakes_are_one_line(files, words, code, said):
    """What cannot be right ends with one line and its exit code."""
    done = run(*words, cwd=files)
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_report_about_spaces_is_no_selection(files):
    """load_report says which function reads it."""
    run("compare", "a.npy", "a.npy", "--out", "cmp", "-q", cwd=files)
    with pytest.raises(curate.errors.DataError, match="load_space_report"):
        curate.load_report(files / "cmp")
    assert curate.load_space_report(files / "cmp").kind == "comparison"
