"""A folder in which a hundredth of the pictures is broken: the good are used, the bad listed."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from broken_pictures import make_folder

# Root may read everything, unless it is started without that right.
WITHOUT_RIGHTS = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]


def run(folder: Path, out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`curate select` on all of `folder`, as a process of a user who is not allowed everything."""
    as_user = WITHOUT_RIGHTS if os.geteuid() == 0 else []
    command = [sys.executable, "-m", "curate", "select", str(folder), "--fraction", "1"]
    options = ["--embedder", "perceptual", "--no-report", "--out", str(out), *words]
    return subprocess.run(
        [*as_user, *command, *options], capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may read everything"
)
@pytest.mark.parametrize("count", [150, pytest.param(10_000, marks=pytest.mark.slow)])
def test_every_good_picture_is_used_and_every_bad_one_listed(tmp_path: Path, count: int) -> None:
    """Each bad one with its own reason; exit code 0, and 4 with --strict."""
    good, bad = make_folder(tmp_path / "pictures", count)
    done = run(tmp_path / "pictures", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    with (tmp_path / "out" / "set_aside.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["id"]: row["reason"] for row in rows} == bad
    assert len(rows) == len(bad)
    with (tmp_path / "out" / "selected.csv").open(newline="", encoding="utf-8") as file:
        selected = [row["id"] for row in csv.DictReader(file)]
    assert set(selected) == good
    assert len(selected) == len(good)
    strict = run(tmp_path / "pictures", tmp_path / "out", "--strict")
    assert strict.returncode == 4
    assert f"{len(bad)} of {count} items were set aside" in strict.stderr
    assert len(strict.stderr.splitlines()) == 1
