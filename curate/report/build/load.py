"""Read report.json back, validated.

Every report with the same major schema version can be read: fields that a later version added
have defaults, and unknown fields are ignored. Reports of selections of version 1.x are read
too: their flat job is sorted into the five parts, and renamed keys (`RENAMED`) get their new
names. A report with another major version is refused, and the message says what to do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from curate.errors import DataError
from curate.schema.base import Part
from curate.schema.job import PARTS, in_parts
from curate.schema.report import Report
from curate.schema.space_reports import KINDS, SpaceReport

Model = TypeVar("Model", bound=Part)
# Major schema versions that can be read, oldest first.
REPORT_VERSIONS = (1, 2)
SPACE_REPORT_VERSIONS = (1,)
# Key in version 1 -> key in version 2.
RENAMED = {"around": "neighbourhoods"}


def load_report(path: str | Path) -> Report:
    """The report in `path`: a report.json, or the folder of a run.

    Raises DataError if there is none, if it is not a report, or if its version cannot be read.
    """
    file, stored = _read(path)
    if stored.get("kind") in KINDS:
        raise DataError(
            f"{file} is the report of a {stored['kind']}, not of a selection: "
            "curate.load_space_report reads it."
        )
    return _checked(file, _migrated(stored), Report, REPORT_VERSIONS)


def load_space_report(path: str | Path) -> SpaceReport:
    """The report of an evaluation, a comparison or a drift; raises like `load_report`."""
    file, stored = _read(path)
    model = KINDS.get(str(stored.get("kind")))
    if model is None:
        raise DataError(
            f"{file} is not a report about spaces: curate.load_report reads that of a selection."
        )
    return _checked(file, stored, model, SPACE_REPORT_VERSIONS)


def is_about_spaces(path: str | Path) -> bool:
    """Whether a report.json is about spaces; raises DataError if it is no report."""
    return _read(path)[1].get("kind") in KINDS


def _read(path: str | Path) -> tuple[Path, dict[str, Any]]:
    """The path of report.json, and its content."""
    file = Path(path)
    if file.is_dir():
        file = file / "report.json"
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"no report at {file}: `curate select` writes one.") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{file} is not a report.json: {error}.") from None
    if not isinstance(stored, dict):
        raise DataError(f"{file} is not a report.json: it contains no JSON object.")
    return file, stored


def _checked(
    file: Path, stored: dict[str, Any], model: type[Model], versions: Sequence[int]
) -> Model:
    """The report as `model`. `versions` are the major versions that can be read, oldest first."""
    version = stored.get("schema_version")
    if why := _unreadable(version, versions):
        raise DataError(f"{file} has schema version {version!r}, {why}.")
    try:
        return model.model_validate(_known(stored))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DataError(f"{file} is not a valid report: {where}: {first['msg']}.") from None


def _unreadable(version: object, versions: Sequence[int]) -> str:
    """Why this schema version cannot be read; empty if it can."""
    if not isinstance(version, str) or not re.fullmatch(r"\d+\.\d+", version):
        return "which is not a version: is it a report of curate?"
    reads = " and ".join(f"{number}.x" for number in versions)
    number = int(version.split(".")[0])
    if number > versions[-1]:
        return f"this curate reads {reads}: install a newer curate"
    if number < versions[0]:
        return f"this curate reads {reads}: run its command again (provenance.command)"
    return ""


def _migrated(stored: dict[str, Any]) -> dict[str, Any]:
    """A report of version 1 in the layout of version 2: the job in five parts, keys renamed.

    The schema version stays: it tells by which definitions the numbers were measured.
    """
    job = stored.get("job")
    if not str(stored.get("schema_version")).startswith("1.") or not isinstance(job, dict):
        return stored
    renamed = {RENAMED.get(key, key): value for key, value in stored.items()}
    return renamed | {"job": in_parts(job)}


def _known(stored: dict[str, Any]) -> dict[str, Any]:
    """The report without job settings of later versions, because Job accepts no unknown ones."""
    job = stored.get("job")
    if not isinstance(job, dict):
        return stored
    parts = {part: job[part] for part in PARTS if part in job}
    return stored | {
        "job": {
            part: {name: values[name] for name in PARTS[part].model_fields if name in values}
            if isinstance(values, dict)
            else values
            for part, values in parts.items()
        }
    }
