"""The README is true: its commands run as they stand, in order, on the samples."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tree import ROOT

pytestmark = pytest.mark.slow

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    (folder / "samples").symlink_to(ROOT / "samples")
    return folder


def test_the_tour_runs(folder):
    """Every `curate` command of the README ends with exit code 0."""
    commands = [
        line
        for block in blocks("sh")
        for line in block.replace("\\\n", " ").splitlines()
        if line.startswith("curate ")
    ]
    assert len(commands) >= 5
    scripts = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for line in commands:
        done = subprocess.run(
            line,
            shell=True,
            cwd=folder,
            env={**os.environ, "PATH": scripts},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"


def test_the_python_runs(folder):
    """The Python of the README runs after the tour, one block after the other."""
    code = "\n".join(blocks("python"))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_what_the_readme_links_to_is_there():
    """Links and pictures of the README that are no web addresses exist."""
    targets = re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", README)
    for target in (a or b for a, b in targets):
        assert target.startswith("http") or (ROOT / target).exists(), target
