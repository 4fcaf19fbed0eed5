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


needs_rights = pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may read everything"
)


def as_user(*words: str) -> subprocess.CompletedProcess[str]:
    """`curate` as a process of a user who is not allowed everything."""
    rights = WITHOUT_RIGHTS if os.geteuid() == 0 else []
    return subprocess.run(
        [*rights, sys.executable, "-m", "curate", *words],
        capture_output=True,
        text=True,
        check=False,
    )


def run(folder: Path, out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`curate select` on all of `folder`."""
    options = ["--embedder", "perceptual", "--no-report", "--out", str(out), *words]
    return as_user("select", str(folder), "--fraction", "1", *options)


@needs_rights
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


@needs_rights
def test_sources_that_may_not_be_read_are_one_line(tmp_path: Path) -> None:
    """A closed archive, table and folder end with exit code 3; a closed folder below does not."""
    (tmp_path / "a.zip").write_bytes(b"x")
    (tmp_path / "a.csv").write_bytes(b"text\nx\n")
    make_folder(tmp_path / "pictures", 40)
    (tmp_path / "pictures" / "closed").mkdir()
    for name in ("a.zip", "a.csv", "pictures/closed"):
        (tmp_path / name).chmod(0)
        done = as_user("inspect", str(tmp_path / name))
        assert done.returncode == 3
        assert done.stderr.startswith("curate: cannot read")
        assert "permission denied" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    done = as_user("inspect", str(tmp_path / "pictures"))
    (tmp_path / "pictures" / "closed").chmod(0o755)
    assert done.returncode == 0
    assert "permission denied" in done.stdout
