"""One validated description of a run, whether it came from flags, TOML or Python.

This is the only place where a setting is described: the command line makes its options,
`curate init` its commented file and the README its table from the fields below.
Precedence: flag > environment (`CURATE_…`) > job file > default.
"""

from __future__ import annotations

import json
import shlex
import textwrap
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from curate.errors import DataError, RequestError, did_you_mean

JOB_FILE = "curate.toml"
# Settings that change nothing in the result: where things lie and how fast it goes.
WITHOUT_EFFECT = ("out", "copy_to", "link_to", "cache", "no_cache", "threads", "strict")
# Settings of a selection that is made, and of one that is measured.
SELECTING = ("n", "fraction", "strategy", "start", "min_distance", "no_report")
MEASURING = ("selection", "ignore_unknown")
# Settings that say how a space is read, embedded and measured.
SPACE_SETTINGS = (
    *("metric", "embedder", "id_column", "label_column", "text_column", "vector_column"),
    *("image_column", "columns", "scale", "ids", "seed", "queries", "threads", "cache", "no_cache"),
)


def _split(given: object) -> object:
    """Names that are written with commas between them, as single ones, each once."""
    written = [given] if isinstance(given, str) else given
    if not isinstance(written, list | tuple):
        return given
    names = [name.strip() for part in written for name in str(part).split(",")]
    return tuple(dict.fromkeys(name for name in names if name))


Names = Annotated[tuple[str, ...], BeforeValidator(_split)]


class Job(BaseModel):
    """A run of `curate select`. Paths are as given; in a job file, relative to that file."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    source: str | list[str] = "."
    """What to select from: a folder or archive of images, a file of texts, vectors or a table,
    @FILE with a list of images, a quoted pattern; or several of these, of one kind."""
    n: int | None = None
    """How many items to select. Either this or --fraction."""
    fraction: float | None = None
    """Which share of the items to select, above 0 and at most 1."""
    out: str | None = None
    """Folder for the report and the selection. Default: reports/ and the name of the data."""

    export: Names = ()
    """Also write the selection for other tools: lightly, labelstudio, cvat, fiftyone, coco, hf; one
    or several, with commas between them."""
    copy_to: str | None = None
    """New or empty folder to copy the picked files to, with their subfolders."""
    link_to: str | None = None
    """New or empty folder to link to the picked files from, with their subfolders."""

    name: str | None = None
    """What the report calls the data. Default: the name of the folder or file."""

    strategy: str = "diversity"
    """How to select: diversity (farthest-first traversal) or random."""
    start: str = "mean"
    """Where a traversal starts: mean (the item nearest the mean), first, random, or an id."""
    min_distance: float = Field(default=0.0, ge=0)
    """No pick is nearer than this to another: the run ends early when no such item is left."""
    metric: Literal["auto", "euclidean", "cosine"] = "auto"
    """Distance between embeddings; auto leaves it to the embedder, Euclidean for vectors."""
    datapool: str | None = None
    """Items chosen earlier, of the same kind as the data: they count as selected."""
    selection: str | None = None
    """A selection made elsewhere, for `curate measure`: a file of ids in pick order (an id a line,
    or a table with an id column), a report.json, or the folder of a run."""
    ignore_unknown: bool = False
    """Leave out ids of --selection that are not in the data, instead of refusing them."""
    embedder: str = "auto"
    """What makes the embeddings: image-lite, text-static, none for vectors, or auto."""

    id_column: str | None = None
    """Column with a unique id for each item."""
    label_column: str | None = None
    """Column with the label of each item."""
    text_column: str | None = None
    """Column with the text of each item."""
    vector_column: str | None = None
    """Column (or array of an .npz) with the vector of each item."""
    image_column: str | None = None
    """Column with the image of each item: its path, relative to the table, or the image itself."""
    columns: str | None = None
    """Columns that are the vectors as they are: names or patterns, as in "age,income,sensor_*".
    Texts become one-hot."""
    scale: Literal["none", "standard", "minmax"] = "none"
    """What becomes of the numbers in --columns: standard gives each column mean 0 and deviation 1,
    minmax the range from 0 to 1."""
    ids: str | None = None
    """File with an id for each row of an .npy or .npz file, one a line."""

    follow_links: bool = False
    """Follow links that lead out of a folder of images."""

    seed: int = Field(default=0, ge=0)
    """Seed of everything that is random."""
    random_draws: int = Field(default=20, ge=20)
    """Random selections to compare with; at least 20, so that an interval means something."""
    queries: int = Field(default=10_000, ge=100)
    """Distances are measured from every item, or from a uniform sample of so many if there are
    more."""
    map_points: int = Field(default=5_000, ge=100)
    """Items drawn on the 2-D maps; a uniform sample if there are more."""

    threads: int | None = Field(default=None, ge=1)
    """Threads that work at once. Default: as many as the machine has. Results do not depend on
    it."""
    template: str | None = None
    """Report template: a TOML file; its settings replace those of the shipped one."""
    cache: str | None = None
    """Folder of the embedding cache. Default: the cache folder of this platform."""
    no_cache: bool = False
    """Neither read nor write the embedding cache."""
    no_report: bool = False
    """Only select: write the selection, measure nothing and draw no report."""
    strict: bool = False
    """End with exit code 4 if any item had to be set aside."""

    @field_validator("source")
    @classmethod
    def _one_is_no_list(cls, source: str | list[str]) -> str | list[str]:
        if not source:
            raise ValueError("no source is given")
        return source[0] if isinstance(source, list) and len(source) == 1 else source

    @property
    def sources(self) -> list[str]:
        """`source` as a list, of one or of several."""
        return [self.source] if isinstance(self.source, str) else self.source


def make_job(settings: dict[str, Any]) -> Job:
    """The job with these settings.

    Raises RequestError that names the setting, says what was got and what it means.
    """
    unknown = sorted(set(settings) - set(Job.model_fields))
    if unknown:
        raise RequestError(
            f"a job has no setting {unknown[0]!r}: {did_you_mean(unknown[0], Job.model_fields)}"
        )
    try:
        return Job.model_validate(settings)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise RequestError(
            f"{name} is {settings.get(name)!r}: {first['msg'].lower()}. It means: {describe(name)}"
        ) from None


def describe(name: str) -> str:
    """The one description of a setting, on one line."""
    return " ".join((Job.model_fields[name].description or "").split())


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
        if isinstance(value, str):
            settings[name] = _beside(path, value)
        elif isinstance(value, list) and all(isinstance(one, str) for one in value):
            settings[name] = [_beside(path, one) for one in value]
    return settings


def _beside(job_file: Path, written: str) -> str:
    """A path in a job file, seen from the current folder; the sign of a list stays in front."""
    sign = "@" if written.startswith("@") else ""
    return sign + (job_file.parent / written.removeprefix(sign)).as_posix()


PATHS = frozenset(
    {"source", "out", "copy_to", "link_to", "datapool", "selection", "ids", "template", "cache"}
)


def resolve_k(job: Job, available: int, left_out: str = "") -> int:
    """How many items `job` asks for, out of `available` ones; `left_out` says why so few.

    Raises RequestError unless exactly one of n and fraction is given and in its range.
    """
    if (job.n is None) == (job.fraction is None):
        got = "neither" if job.n is None else "both"
        raise RequestError(f"got {got} of --n and --fraction: pass exactly one of them.")
    if job.n is not None:
        if not 1 <= job.n <= available:
            raise RequestError(
                f"cannot select {job.n} of {available} items{left_out}: --n must be between 1 and "
                f"{available}. Pass --n {available} to keep everything."
            )
        return job.n
    assert job.fraction is not None
    if not 0 < job.fraction <= 1:
        raise RequestError(
            f"--fraction is {job.fraction}: it must be above 0 and at most 1, as in --fraction 0.1."
        )
    return max(1, round(job.fraction * available))


def reproduce(job: Job, *, in_memory: bool = False) -> str:
    """What makes this selection again: the settings that differ from their default.

    A command, or for data that were in memory a line of Python.
    """
    changed = {
        name: value
        for name, setting in Job.model_fields.items()
        if name not in ("source", *WITHOUT_EFFECT)
        and (value := getattr(job, name)) != setting.default
    }
    command = "select" if job.selection is None else "measure"
    if in_memory:
        settings = "".join(f", {name}={value!r}" for name, value in changed.items())
        return f"curate.{command}({job.source}{settings})"
    words = ["curate", command, *job.sources]
    for name, value in changed.items():
        flag = f"--{name.replace('_', '-')}"
        text = ",".join(value) if isinstance(value, tuple) else str(value)
        words += [flag] if value is True else [flag, text]
    return shlex.join(words)


def commented_job() -> str:
    """A job file with every setting explained; the ones to fill in first are active."""
    lines = ["# A job for `curate select`. Flags and CURATE_… variables win over this file.", ""]
    for name, setting in Job.model_fields.items():
        lines += [f"# {line}" for line in textwrap.wrap(describe(name), 88)]
        value = {"source": ".", "n": 100}.get(name, setting.default)
        active = "" if name in ("source", "n") else "# "
        lines += [f"{active}{name} = {_as_toml(value)}", ""]
    return "\n".join(lines)


def _as_toml(value: object) -> str:
    """A TOML value; what has no default shows as an empty string to be filled in."""
    return json.dumps("" if value is None else value)
