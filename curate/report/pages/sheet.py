"""What a section draws from, and the parts that several sections share.

A `Page` is the look of a document and what its pages are called; a `Sheet` is that with
the report of a selection and its thumbnails. Not here: sentences (`words`) and figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curate.report.render.style import PageStyle
from curate.report.render.template import Template
from curate.schema.report import Item, Report


class Page:
    """What every document has: a look, and a title for each section that has something to show."""

    style: PageStyle
    findings: Mapping[str, str]

    @property
    def template(self) -> Template:
        """What the user chose."""
        return self.style.template

    def foot(self, *sentences: str) -> Any:
        """The small line under the figures."""
        return self.style.paragraph(" ".join(one for one in sentences if one), "foot")

    def room(self, title: str, how: str) -> float:
        """Height that a page has below its title and how-to-read line."""
        head = [self.style.paragraph(title, "title"), self.style.paragraph(how, "how")]
        free: float = self.style.height - self.height(head)
        return free

    def height(self, story: Sequence[Any]) -> float:
        """Height of flowables below each other, at most."""
        wide, high = self.style.width, self.style.height
        each = (
            one.wrap(wide, high)[1] + one.getSpaceBefore() + one.getSpaceAfter() for one in story
        )
        return float(sum(each))


@dataclass(frozen=True)
class Sheet(Page):
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
