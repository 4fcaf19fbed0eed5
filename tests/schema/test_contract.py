"""reports/README.md: what the models say, and examples that run."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import curate
from curate.schema.contract import UNITS, _reached, page, rows
from curate.schema.report import schema

PAGE = Path(__file__).parents[2] / "reports" / "README.md"


def test_the_page_is_what_the_models_say() -> None:
    """reports/README.md does not drift from the models: run `make schema` if this fails."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_field_has_a_meaning_and_what_is_measured_a_unit() -> None:
    """A new number of report.json needs a docstring, and its unit in contract.UNITS."""
    found = schema()
    models = found["$defs"] | {"Report": found}
    used = set()
    for name in _reached("Report", models):
        for field, type_, unit, meaning in rows(name, models):
            assert meaning, f"{name}.{field} has no docstring"
            if "number" in type_.replace("whole number", ""):
                assert unit, f"{name}.{field} has no unit"
                used.add(field)
    assert {key.rpartition(".")[2] for key in UNITS} <= used, "a unit of a field that is gone"


def test_links_lead_to_headings() -> None:
    """Each model that a type names has its section, once."""
    text = PAGE.read_text(encoding="utf-8")
    titles = re.findall(r"^### (.*)$", text, flags=re.MULTILINE)
    anchors = [title.lower() for title in titles]
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\]\(#([^)]*)\)", text)) <= set(anchors)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run where the examples look for one."""
    folder = tmp_path_factory.mktemp("contract")
    points = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    curate.select(points, n=5, out=folder / "reports" / "clipart")
    return folder


@pytest.mark.parametrize("language", ["sh", "python"])
def test_the_examples_run(language: str, folder: Path) -> None:
    """Each example of the page ends well and prints something."""
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    if language == "sh" and shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    for block in blocks:
        command = ["sh", "-ec", block] if language == "sh" else [sys.executable, "-c", block]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout
