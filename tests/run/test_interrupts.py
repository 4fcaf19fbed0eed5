"""Ctrl-C: exit code 130, one line, and the files of one run."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest

from process import run

STARTS_WITHIN = 60  # seconds; a run that has not begun by then fails the test


def test_an_interrupt_ends_with_130_in_one_line(samples, tmp_path):
    """Ctrl-C ends the run with exit code 130 and one line."""
    import signal

    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "curate",
            "select",
            str(samples / "clipart"),
            "--n",
            "50",
            "--no-cache",
            "--threads",
            "1",
            "--log",
            "run.log",
        ],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        # Tests that run in the background ignore the signal, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (one thread)
    )
    # The log file is there once the imports are done and the run has begun.
    until = time.monotonic() + STARTS_WITHIN
    while not (tmp_path / "run.log").exists():
        assert process.poll() is None, f"the run ended early: {process.communicate()[1]}"
        assert time.monotonic() < until, f"no log file after {STARTS_WITHIN} seconds"
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=30)
    # CPython ends by the signal itself if Ctrl-C interrupts an exec() of text, as dataclasses
    # do in imports, although it was caught. A shell says 130 for that too.
    assert process.returncode in (130, -signal.SIGINT)
    assert words.count("\n") == 1
    assert not (tmp_path / "reports").exists()


def test_an_interrupt_while_writing_leaves_the_files_of_one_run(tmp_path, monkeypatch):
    """Files are renamed when all are whole: a failure while drawing changes nothing."""
    import curate.report.build.write

    np.save(tmp_path / "vectors.npy", np.random.default_rng(0).normal(size=(60, 4)))
    first = curate.select(tmp_path / "vectors.npy", n=5, out=tmp_path / "out")

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(curate.report.build.write, "render", stop)
    with pytest.raises(KeyboardInterrupt):
        curate.select(tmp_path / "vectors.npy", n=9, out=tmp_path / "out")
    assert (tmp_path / "out" / "selected.txt").read_text().split() == first.ids
    assert curate.load_report(tmp_path / "out").counts.selected == 5
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]


def test_an_interrupt_that_a_library_makes_an_error_of_is_one(tmp_path):
    """Ctrl-C while a library loads, which raises an ImportError for it, ends with 130, too."""
    (tmp_path / "npy.py").write_text(
        "try:\n    raise KeyboardInterrupt\n"
        "except KeyboardInterrupt as pressed:\n    raise ImportError('half loaded') from pressed\n"
    )
    np.save(tmp_path / "vectors.npy", np.eye(3, dtype=np.float32))
    done = run("select", "vectors.npy", "--n", 1, "--embedder", "npy:embed", cwd=tmp_path)
    assert done.returncode == 130
    assert done.stderr.count("\n") == 1
    assert "interrupted" in done.stderr
