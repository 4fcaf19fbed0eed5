"""A job as text: a TOML file to read or to begin with, and the command that repeats it.

The file has a table for each part of a job: [data], [embed], [select], [measure], [report].
"""

from __future__ import annotations

import json
import shlex
import textwrap
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curate.errors import DataError, RequestError, did_you_mean
from curate.schema.job import IDS, PARTS, SETTINGS, SHIPPED_TEMPLATES, Job, describe, describe_part
from curate.schema.strategies import Similarity
from curate.schema.strategy_syntax import read_specs

# Several strategies are an array of tables, which TOML allows after the settings only.
STRATEGY_TABLES = (
    "# Several strategies are tables, in place of `strategy = …` above:",
    "# [[select.strategy]]",
    '# name = "diversity"',
    "#",
    "# [[select.strategy]]",
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
    """Flat settings of a job file, with its relative paths made relative to the current folder.

    Raises DataError where the file cannot be read or is not TOML, RequestError for a setting
    that is in no table or in the wrong one.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"no job file at {path}: `curate init` writes a commented one.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path} is not a job file: {error}. It must be TOML.") from None
    settings = _flat(path, tables)
    for name in PATHS.intersection(settings):
        value = settings[name]
        if name == "template" and value in SHIPPED_TEMPLATES:
            continue
        if isinstance(value, str):
            settings[name] = _beside(path, value)
        elif isinstance(value, list) and all(isinstance(source, str) for source in value):
            settings[name] = [_beside(path, source) for source in value]
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


def _flat(path: Path, tables: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of all tables by name. RequestError for one that is not where it belongs."""
    settings: dict[str, Any] = {}
    for table, values in tables.items():
        if table in SETTINGS:
            raise RequestError(f"{path}: {table} belongs in the table [{SETTINGS[table].part}].")
        if table not in PARTS:
            raise RequestError(
                f"{path}: a job has no table {table!r}: {did_you_mean(table, PARTS)}"
            )
        if not isinstance(values, dict):
            raise RequestError(f"{path}: {table} is a table: write [{table}] above its settings.")
        for name in values:
            if name not in SETTINGS:
                raise RequestError(
                    f"{path}: a job has no setting {name!r}: {did_you_mean(name, SETTINGS)}"
                )
            if SETTINGS[name].part != table:
                raise RequestError(
                    f"{path}: {name} belongs in the table [{SETTINGS[name].part}], not in "
                    f"[{table}]."
                )
        settings |= values
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
    command = "select" if job.select.selection is None else "measure"
    if in_memory:
        settings = "".join(f", {name}={value!r}" for name, value in changed.items())
        return f"curate.{command}({job.data.source}{settings})"
    words = ["curate", command, *job.data.sources]
    for name, value in changed.items():
        flag = f"--{name.replace('_', '-')}"
        for item in value if isinstance(value, list) else [value]:
            text = ",".join(item) if isinstance(item, tuple) else str(item)
            words += [flag] if item is True else [flag, text]
    return shlex.join(words)


def commented_job() -> str:
    """A job file with every setting explained; those to fill in first are active."""
    lines = ["# A job for `curate select`. Flags and CURATE_… variables win over this file.", ""]
    part = ""
    for name, setting in SETTINGS.items():
        if setting.part != part:
            part = setting.part
            lines += [f"[{part}]", f"# {describe_part(part)}", ""]
        lines += [f"# {line}" for line in textwrap.wrap(describe(name), 88)]
        default = setting.field.default
        value = {"source": ".", "n": 100, "strategy": "diversity"}.get(name, default)
        active = "" if name in ("source", "n") else "# "
        lines += [f"{active}{name} = {_as_toml(value)}", ""]
    return "\n".join([*lines, *STRATEGY_TABLES])


def _as_toml(value: object) -> str:
    """A TOML value; a setting without default shows as an empty string, to be filled in."""
    return json.dumps("" if value is None else value)
