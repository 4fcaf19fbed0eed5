"""Reading report.json back, validated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from curate.errors import DataError
from curate.report.model import SCHEMA_VERSION, Report
from curate.report.part import Part
from curate.report.spaces.kinds import KINDS, SpaceReport
from curate.report.spaces.parts import SPACES_SCHEMA_VERSION

Model = TypeVar("Model", bound=Part)


def load_report(path: str | Path) -> Report:
    """The report in `path`: a report.json, or the folder of a run.

    Raises DataError where there is none, it is not a report, or of another version.
    """
    file, text, found = _read(path)
    if found.get("kind") in KINDS:
        raise DataError(
            f"{file} is the report of a {found['kind']}, not of a selection: "
            "curate.load_space_report reads it."
        )
    return _checked(file, text, found, Report, SCHEMA_VERSION)


def load_space_report(path: str | Path) -> SpaceReport:
    """The report of an evaluation, a comparison or a drift; raises as `load_report` does."""
    file, text, found = _read(path)
    model = KINDS.get(str(found.get("kind")))
    if model is None:
        raise DataError(
            f"{file} is not a report about spaces: curate.load_report reads that of a selection."
        )
    return _checked(file, text, found, model, SPACES_SCHEMA_VERSION)


def is_about_spaces(path: str | Path) -> bool:
    """Whether a report.json is about spaces; raises DataError where it is no report."""
    return _read(path)[2].get("kind") in KINDS


def _read(path: str | Path) -> tuple[Path, str, dict[str, Any]]:
    """The file, its text, and what the text holds."""
    file = Path(path)
    if file.is_dir():
        file = file / "report.json"
    try:
        text = file.read_text(encoding="utf-8")
        found = json.loads(text)
    except FileNotFoundError:
        raise DataError(f"no report at {file}: `curate select` writes one.") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{file} is not a report.json: {error}.") from None
    if not isinstance(found, dict):
        raise DataError(f"{file} is not a report.json: it holds no object.")
    return file, text, found


def _checked(file: Path, text: str, found: dict[str, Any], model: type[Model], ours: str) -> Model:
    version = found.get("schema_version")
    if not isinstance(version, str) or version.split(".")[0] != ours.split(".")[0]:
        raise DataError(
            f"{file} has schema version {version!r}, this curate reads {ours}: "
            "make the report again."
        )
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DataError(f"{file} is not a valid report: {where}: {first['msg']}.") from None
