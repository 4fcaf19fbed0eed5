"""What a section draws from, and the parts that several sections share.

A `Sheet` is the report, its thumbnails and the look. Not here: sentences (`words`) and
figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curate.report.look import Look
from curate.report.model import Item, Report
from curate.report.template import Template


@dataclass(frozen=True)
class Sheet:
    """Everything that may appear on a page.

    thumbnails  id -> JPEG bytes, of readable images only
    findings    section -> its title, for those that have something to show, in order
    """

    report: Report
    thumbnails: Mapping[str, bytes]
    look: Look
    findings: Mapping[str, str]

    @property
    def template(self) -> Template:
        """What the user chose."""
        return self.look.template

    @property
    def kind(self) -> str:
        """How an item is shown: `images` without a single thumbnail are shown by their ids."""
        kind = self.report.provenance.kind
        if kind == "images" and not any(
            item.id in self.thumbnails for item in self.report.selection.items
        ):
            return "vectors"
        return kind

    def foot(self, *sentences: str) -> Any:
        """The small line under the figures."""
        return self.look.paragraph(" ".join(one for one in sentences if one), "foot")

    def room(self, title: str, how: str) -> float:
        """Height that a page has below its title and how-to-read line."""
        head = [self.look.paragraph(title, "title"), self.look.paragraph(how, "how")]
        free: float = self.look.height - self.height(head)
        return free

    def height(self, story: Sequence[Any]) -> float:
        """Height of flowables below each other, at most."""
        wide, high = self.look.width, self.look.height
        each = (
            one.wrap(wide, high)[1] + one.getSpaceBefore() + one.getSpaceAfter() for one in story
        )
        return float(sum(each))


def shown(item: Item) -> str:
    """The words that stand for an item where there is no picture: its text, label or id."""
    return item.text or (f"{item.label}: {item.id}" if item.label else item.id)
