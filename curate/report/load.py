"""Reading report.json back, validated."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from curate.errors import DataError
from curate.report.model import SCHEMA_VERSION, Report


def load_report(path: str | Path) -> Report:
    """The report in `path`: a report.json, or the folder of a run.

    Raises DataError where there is none, it is not a report, or of another version.
    """
    file = Path(path)
    if file.is_dir():
        file = file / "report.json"
    try:
        text = file.read_text(encoding="utf-8")
        version = json.loads(text).get("schema_version")
    except FileNotFoundError:
        raise DataError(f"no report at {file}: `curate select` writes one.") from None
    except (OSError, ValueError, AttributeError) as error:
        raise DataError(f"{file} is not a report.json: {error}.") from None
    if not isinstance(version, str) or version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
        raise DataError(
            f"{file} has schema version {version!r}, this curate reads {SCHEMA_VERSION}: "
            "run the selection again."
        )
    try:
        return Report.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DataError(f"{file} is not a valid report: {where}: {first['msg']}.") from None
