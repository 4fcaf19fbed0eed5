"""A job as text: a TOML file to read or to begin with, and the command that repeats it."""

from __future__ import annotations

import json
import shlex
import textwrap
import tomllib
from pathlib import Path
from typing import Any

from curate.errors import DataError
from curate.schema.job import IDS, SHIPPED_TEMPLATES, Job, describe
from curate.schema.strategies import Similarity
from curate.schema.strategy_syntax import read_specs

# How a job file names several strategies: at its end, for tables come last in TOML.
TABLES = (
    "# Several strategies are tables, in place of `strategy = …` above:",
    "# [[strategy]]",
    '# name = "diversity"',
    "#",
    "# [[strategy]]",
    '# name = "balance"',
    '# column = "label"',
    '# target = "uniform"',
    "",
)
PATHS = frozenset(
    {"source", "out", "copy_to", "link_to", "datapool", "selection", "ids", "objects", "template"}
    | {"cache", "catalog"}
)
ONNX = "onnx:"  # before the path of a model


def read_job_file(path: Path) -> dict[str, Any]:
    """Settings of a job file, with its relative paths made relative to the current folder.

    Raises DataError where the file cannot be read or is not TOML.
    """
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"no job file at {path}: `curate init` writes a commented one.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path} is not a job file: {error}. It must be TOML.") from None
    for name in PATHS.intersection(settings):
        value = settings[name]
        if name == "template" and value in SHIPPED_TEMPLATES:
            continue
        if isinstance(value, str):
            settings[name] = _beside(path, value)
        elif isinstance(value, list) and all(isinstance(one, str) for one in value):
            settings[name] = [_beside(path, one) for one in value]
    embedder = settings.get("embedder")
    if isinstance(embedder, str) and embedder.startswith(ONNX):
        settings["embedder"] = ONNX + _beside(path, embedder.removeprefix(ONNX))
    if "strategy" in settings:
        settings["strategy"] = tuple(
            spec.model_copy(update={"query": _beside(path, spec.query)})
            if isinstance(spec, Similarity)
            else spec
            for spec in read_specs(settings["strategy"])
        )
    return settings


def _beside(job_file: Path, written: str) -> str:
    """A path in a job file, seen from the current folder; the sign of a list stays in front."""
    sign = next((sign for sign in ("@", IDS) if written.startswith(sign)), "")
    beside = job_file.parent / written.removeprefix(sign)
    if sign == IDS and not beside.is_file():  # the ids themselves
        return written
    return sign + beside.as_posix()


def reproduce(job: Job, *, in_memory: bool = False) -> str:
    """What makes this selection again: the settings that differ from their default.

    A command, or for data that were in memory a line of Python.
    """
    changed = job.changed()
    changed.pop("source", None)
    command = "select" if job.selection is None else "measure"
    if in_memory:
        settings = "".join(f", {name}={value!r}" for name, value in changed.items())
        return f"curate.{command}({job.source}{settings})"
    words = ["curate", command, *job.sources]
    for name, value in changed.items():
        flag = f"--{name.replace('_', '-')}"
        for one in value if isinstance(value, list) else [value]:
            text = ",".join(one) if isinstance(one, tuple) else str(one)
            words += [flag] if one is True else [flag, text]
    return shlex.join(words)


def commented_job() -> str:
    """A job file with every setting explained; the ones to fill in first are active."""
    lines = ["# A job for `curate select`. Flags and CURATE_… variables win over this file.", ""]
    for name, setting in Job.model_fields.items():
        lines += [f"# {line}" for line in textwrap.wrap(describe(name), 88)]
        value = {"source": ".", "n": 100, "strategy": "diversity"}.get(name, setting.default)
        active = "" if name in ("source", "n") else "# "
        lines += [f"{active}{name} = {_as_toml(value)}", ""]
    return "\n".join([*lines, *TABLES])


def _as_toml(value: object) -> str:
    """A TOML value; what has no default shows as an empty string to be filled in."""
    return json.dumps("" if value is None else value)
