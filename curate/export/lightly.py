"""LightlyOne: file names relative to the datasource, one a line.

For `relevant_filenames_file` of its worker, and `create_tag_from_filenames` of its Python client.
LightlyOne refuses absolute names.
"""

from __future__ import annotations

from typing import IO

from curate.core.values import Dataset, Selection
from curate.export.records import write_lines


def write(stream: IO[bytes], dataset: Dataset, selection: Selection) -> None:
    """The names of the picks, in the order of selection."""
    write_lines(stream, (dataset.ids[row] for row in selection.picks))
