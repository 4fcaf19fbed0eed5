"""The house: arrows go down only, and each dependency has one door."""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path

import pytest

from tree import ROOT

CURATE = ROOT / "curate"

# The one list of floors: the page on the architecture draws it too.
FLOORS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["curate"][
    "floors"
]
HEIGHT = {room: height for height, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(CURATE.rglob("*.py"))


def room_of(path: Path) -> str:
    first = path.relative_to(CURATE).parts[0]
    return first.removesuffix(".py")


def module_name(path: Path) -> str:
    dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return dotted.removesuffix(".__init__")


def imported(path: Path) -> set[str]:
    """Every absolute module name that a file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the arrow"
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(CURATE)))
def test_arrows_go_down(path):
    """A module imports from its own floor or from a lower one."""
    room = room_of(path)
    if room == "__init__":  # the front door may name everything, lazily
        return
    for name in imported(path):
        parts = name.split(".")
        if parts[0] != "curate" or len(parts) == 1 or parts[1] not in HEIGHT:
            continue
        assert HEIGHT[parts[1]] <= HEIGHT[room], f"{path.relative_to(CURATE)} -> {name}"


def test_no_circles():
    """No file imports itself by way of others, wherever in the file the import stands."""
    names = {module_name(path): path for path in MODULES}
    arrows = {
        name: {target for target in imported(path) if target in names} - {name, "curate"}
        for name, path in names.items()
        if name != "curate"  # the front page names everything, lazily
    }
    # A package is imported with each of its modules; what its own page imports is its affair.
    while True:
        free = {name for name, targets in arrows.items() if not targets & arrows.keys()}
        if not free:
            break
        for name in free:
            del arrows[name]
    assert not arrows, sorted(arrows)


# Rooms that handle a whole job, and the modules of report/ that store it or print its settings.
SEE_THE_JOB = {"run", "cli", "schema"}
STORE_THE_JOB = {"report/build/finished_run.py", "report/pages/selection/provenance.py"}
OWN_PART = {
    "DataSettings": "data",
    "EmbedSettings": "embed",
    "SelectSettings": "select",
    "MeasureSettings": "measure",
    "ReportSettings": "report",
}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(CURATE)))
def test_a_room_sees_its_own_part_of_the_job(path):
    """The whole job is for run/ and cli/; any other room imports its own part or nothing of it."""
    room = room_of(path)
    if room in SEE_THE_JOB:
        return
    names = {name.removeprefix("curate.schema.job.") for name in imported(path)}
    assert names.isdisjoint({"curate.schema.job_file", "make_job"})
    assert "Job" not in names or path.relative_to(CURATE).as_posix() in STORE_THE_JOB
    assert {OWN_PART[name] for name in names & OWN_PART.keys()} <= {room}


def users_of(package: str) -> set[str]:
    return {
        room_of(path)
        for path in MODULES
        if any(name.split(".")[0] == package for name in imported(path))
    }


@pytest.mark.parametrize(
    ("package", "rooms"),
    [
        ("reportlab", {"report"}),
        ("matplotlib", {"report"}),
        ("faiss", {"core"}),
        ("typer", {"cli"}),
    ],
)
def test_each_dependency_has_its_door(package, rooms):
    """Drawing stays in report, neighbours in core, the command line in cli."""
    assert users_of(package) == rooms


def test_only_the_command_line_prints():
    """No module calls print but those of the command line."""
    for path in MODULES:
        calls = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert "print" not in calls or room_of(path) == "cli", path


def test_importing_curate_imports_nothing_heavy():
    """`import curate` costs no numpy, and the command line no selection."""
    import subprocess

    code = (
        "import sys, curate.cli.main; print([m for m in ('numpy', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
