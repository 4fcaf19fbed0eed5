"""LightlyOne: file names relative to the datasource, one a line.

This is what its worker takes as `relevant_filenames_file`, and what its Python client makes a
tag of (`create_tag_from_filenames`). Absolute names are refused there.
"""

from __future__ import annotations

from typing import IO

from curate.core.values import Dataset, Selection
from curate.export.records import write_lines


def write(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    """The names of the picks, in the order in which they were picked."""
    write_lines(stream, (dataset.ids[row] for row in selection.picks))
