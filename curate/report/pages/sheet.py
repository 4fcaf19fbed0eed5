"""What a section draws from, and the parts that several sections share.

A `Sheet` holds the report of a selection, its thumbnails, the style of the pages and their
titles. Not here: sentences (`words`) and figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from curate.report.render.sections import DocumentContent
from curate.report.render.style import PageStyle
from curate.schema.report import Item, Report


@dataclass(frozen=True)
class Sheet(DocumentContent):
    """Everything that may appear on a page of the report of a selection.

    thumbnails  id -> JPEG bytes, of readable images only
    findings    section -> its title, for those that have something to show, in order
    """

    report: Report
    thumbnails: Mapping[str, bytes]
    style: PageStyle
    findings: Mapping[str, str]

    @property
    def kind(self) -> str:
        """How an item is shown: `images` without a single thumbnail are shown by their ids."""
        kind = self.report.provenance.kind
        if kind == "images" and not any(
            item.id in self.thumbnails for item in self.report.selection.items
        ):
            return "vectors"
        return kind


def shown(item: Item) -> str:
    """The words that stand for an item where there is no picture: its text, label or id."""
    return item.text or (f"{item.label}: {item.id}" if item.label else item.id)
