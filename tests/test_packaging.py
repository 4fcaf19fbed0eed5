"""What users install: a wheel and an sdist that hold the tree, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tree import ROOT

pytestmark = pytest.mark.slow

CHECK = """
import pathlib, curate
from curate.embed.registry import find_embedder
from curate.report.render import fonts
from curate.report.render.template import load_template
from curate.core.values import Dataset
print(pathlib.Path(curate.__file__).parent)
print(len(find_embedder("text-static", "text").encode(["a red car"]).vectors[0]))
print(find_embedder("image-lite", "images").dims)
print(load_template(None).page_size)
print(fonts.has("漢"))
"""


def command(*words, cwd=ROOT, env=None):
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def clean_tree(tmp_path_factory) -> Path:
    """The files that git tracks, as a fresh clone would have them, uncommitted edits included."""
    tree = tmp_path_factory.mktemp("tree")
    for name in command("git", "ls-files", "-z").split("\0"):
        if name and (ROOT / name).is_file() and not name.startswith("samples/"):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes((ROOT / name).read_bytes())
    return tree


@pytest.fixture(scope="module")
def distributions(clean_tree, tmp_path_factory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("dist")
    command(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, cwd=clean_tree)
    return {"wheel": next(out.glob("*.whl")), "sdist": next(out.glob("*.tar.gz"))}


def source_files() -> set[str]:
    """What the package consists of, by the names it has once installed."""
    tracked = command("git", "ls-files", "curate", "templates").split("\n")
    return {
        name.replace("templates/", "curate/templates/", 1)
        if name.startswith("templates/")
        else name
        for name in tracked
        if name
    }


def test_the_wheel_is_the_tree(distributions):
    """The wheel installs curate only, and every tracked file of it."""
    names = set(zipfile.ZipFile(distributions["wheel"]).namelist())
    metadata = {name for name in names if ".dist-info/" in name}
    assert {name.split("/")[0] for name in names - metadata} == {"curate"}
    assert names - metadata == source_files()
    assert any(name.endswith("licenses/NOTICE") for name in metadata)


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_templates_and_weights_load_from_an_installation(kind, distributions, tmp_path):
    """From a wheel and from an sdist the embedders and the template work."""
    target = tmp_path / "site"
    command(
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--target",
        target,
        distributions[kind],
    )
    path = os.pathsep.join([str(target), *(p for p in sys.path if "site-packages" in p)])
    code = f"import sys; sys.path[:0] = {path.split(os.pathsep)!r}\n{CHECK}"
    printed = command(sys.executable, "-I", "-c", code, cwd=tmp_path).split()
    assert printed == [str(target / "curate"), "256", "1280", "A4", "True"]


def test_templates_and_weights_load_from_the_tree():
    """The editable installation that `make` makes finds them too."""
    printed = command(sys.executable, "-c", CHECK).split()
    assert printed[1:] == ["256", "1280", "A4", "True"]


def test_the_sdist_can_be_built_again(distributions):
    """The sdist holds the build recipe, the licence and the templates."""
    with tarfile.open(distributions["sdist"]) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    assert {"pyproject.toml", "LICENSE", "NOTICE", "templates/full.toml"} <= names
