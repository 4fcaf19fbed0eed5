"""What the README and docs/ say is true: commands and Python run, output and paths are right."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from curate.cli.main import app
from curate.report.render.template import Template
from curate.schema.job import PARTS
from documentation import PAGES, Block, blocks, commands, page_name, same_output
from tree import ROOT

sys.path.insert(0, str(ROOT / "docs"))
import generated

every_page = pytest.mark.parametrize("page", PAGES, ids=page_name)


# -- quick: nothing is run -------------------------------------------------------------------


@every_page
def test_commands_are_known(page):
    """Every `curate` command on a page has a name, options and arguments that there are."""
    root: Any = typer.main.get_command(app)
    for block in blocks(page):
        if block.language != "sh":
            assert not commands(block), f"{page_name(page)}: only blocks of `sh` are run"
        for line in commands(block):
            words = shlex.split(line, comments=True)[1:]
            command, parent = root, typer.Context(root, info_name="curate")
            while hasattr(command, "commands"):
                name = words.pop(0)
                if name.startswith("-"):
                    break
                assert name in command.commands, line
                command = command.commands[name]
            if not hasattr(command, "commands"):
                command.make_context(command.name, words, parent=parent)  # raises UsageError


@every_page
def test_paths_are_there(page):
    """Links, pictures and paths of the code that a page names exist."""
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)|src=\"([^\"]+)\"", text)
    for target in (a or b for a, b in links):
        assert target.startswith("http") or (page.parent / target).exists(), target
    named = re.findall(r"`((?:curate|tests|docs|benchmarks|templates|samples)/[\w./-]+)`", text)
    for path in named:
        if "NAME" in path:  # a file that the reader is to write
            continue
        assert (ROOT / path).exists(), f"{page_name(page)} names {path}"


@every_page
def test_make_targets_are_there(page):
    """Every target of `make` that a page names is in the Makefile."""
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)
    assert set(named) <= targets, set(named) - targets


@every_page
def test_settings_are_known(page):
    """A TOML block has settings of a job, of a template, or of an embedder that is a file."""
    for block in blocks(page):
        if block.language != "toml":
            continue
        settings = tomllib.loads(block.text)
        if set(settings) <= set(Template.model_fields):
            continue
        for part, given in settings.items():
            assert part in PARTS, f"{page_name(page)}: {part} is no table of a job file"
            PARTS[part].model_validate(given)


@every_page
def test_parts_can_be_made(page):
    """Every part of a page that is made from the code can be made."""
    made = generated.made(page.read_text(encoding="utf-8"))
    assert "<!-- made:" not in made


def test_readme_is_short():
    """The README has at most 200 lines: the rest is in docs/."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 200


# -- slow: pages are followed ------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Where a page is followed: samples are there, and `curate` is this one."""
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    scripts = tmp_path / "bin"
    scripts.mkdir()
    (scripts / "curate").write_text(f'#!/bin/sh\nexec {sys.executable} -m curate "$@"\n')
    (scripts / "curate").chmod(0o755)
    monkeypatch.setenv("PATH", f"{scripts}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("CURATE_CATALOG", str(tmp_path / "catalog.sqlite"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if any(block.language in ("sh", "python") for block in blocks(page))],
    ids=page_name,
)
def test_a_page_can_be_followed(page, folder):
    """The commands and the Python of a page run in their order, and print what the page shows."""
    names: dict[str, Any] = {}
    printed = ""
    for block in blocks(page):
        if block.title:
            (folder / block.title).write_text(block.text, encoding="utf-8")
        elif block.language == "output":
            assert same_output(block.text, printed), f"shown:\n{block.text}\nprinted:\n{printed}"
        elif block.language == "sh":
            for line in commands(block):
                printed = run(line)
        elif block.language == "python":
            printed = executed(block, names)


def run(line: str) -> str:
    """What a command prints; it must end with exit code 0."""
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}\n{done.stderr}"
    return done.stdout


def executed(block: Block, names: dict[str, Any]) -> str:
    """What a block of Python prints; `names` are those of the blocks before it."""
    stdout = io.StringIO()
    with contextlib.redirect_stdout(stdout):
        exec(compile(block.text, "<page>", "exec"), names)
    return stdout.getvalue()


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a 0.511", "a   0.5107", True),
        ("a 0.511", "a 0.6", False),
        ("a 0.511", "b 0.511", False),
        ("a\n…\nz 1", "a\nb\nc\nz 1", True),
        ("a\n…", "b\nc", False),
        ("1,000 items", "1,004 items", True),
    ],
)
def test_output_is_compared(shown, printed, same):
    """Shown output is the printed one but for the last digits; `…` is any lines."""
    assert same_output(shown, printed) is same
