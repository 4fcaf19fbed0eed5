"""Everything that leaves a run besides the report, looked at before the work is done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from curate.core import Dataset
from curate.export.formats import check_exports
from curate.export.placed import check_placed


def check_outputs(
    exports: Sequence[str], copy_to: str | None, link_to: str | None, dataset: Dataset
) -> None:
    """Raise RequestError for outputs that cannot be made of these data."""
    check_exports(exports, dataset)
    for flag, folder in (("--copy-to", copy_to), ("--link-to", link_to)):
        if folder:
            check_placed(flag, Path(folder), dataset, links=flag == "--link-to")
