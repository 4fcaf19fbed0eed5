"""What the pages of a report about spaces draw from, and what several of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from curate.report.render.document import DocumentInfo
from curate.report.render.figures import FigureBox, FigureBuilder
from curate.report.render.numbers import count
from curate.report.render.sections import DocumentContent
from curate.report.render.style import PageStyle
from curate.report.render.tables import facts_table, natural_widths, number_table
from curate.report.words.space_comparison import item_words
from curate.schema.space_reports import SpaceReport
from curate.schema.spaces import Neighbour, SpaceDescription

R = TypeVar("R", bound=SpaceReport)

# Spaces are told apart by colour and dashes, in the order of the request.
COLORS = ("selected", "datapool", "union", "warning", "random", "input")
PAD = 5.0  # of table columns, so that words stand clear of the numbers before them
DASHES: tuple[Any, ...] = (
    "-",
    (0, (5, 2)),
    (0, (1, 1)),
    (0, (6, 2, 1, 2)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (2, 3)),
)


@dataclass(frozen=True)
class SpaceSheet(DocumentContent, Generic[R]):
    """A report about spaces, the look, and pictures by id (of drift with `old:` or `new:` before
    it), none where items are no images."""

    report: R
    thumbnails: Mapping[str, bytes]
    style: PageStyle
    findings: Mapping[str, str]

    def document_info(self) -> DocumentInfo:
        """What the document says of itself."""
        name = self.report.name
        version = self.report.made.versions.get("curate", "")
        return DocumentInfo(f"{self.report.kind.capitalize()}: {name}", name, version)

    def table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        text: Sequence[int] = (0,),
        quiet: Sequence[int] = (),
    ) -> Any:
        """A table over the full width; columns in `text` are words, the others numbers."""
        style = self.style
        needed = natural_widths(head, rows, style.small, PAD)
        for column in text:  # natural widths take the first column only for words
            needed[column] += 6
        numbers = sum(wide for column, wide in enumerate(needed) if column not in text)
        cap = _shared_cap([needed[column] for column in text], style.width - numbers)
        for column in text:
            needed[column] = min(needed[column], cap)
        spare = (style.width - sum(needed)) / len(needed)
        widths = [wide + spare for wide in needed]
        cells = [
            [
                style.paragraph(cell, "cell_quiet" if place in quiet else "cell")
                if column in text
                else cell
                for column, cell in enumerate(row)
            ]
            for place, row in enumerate(rows)
        ]
        numeric = [column for column in range(len(head)) if column not in text]
        return number_table(style, head, cells, widths, numeric, quiet_rows=quiet, pad=PAD)

    def figure(self, build: FigureBuilder, height: float) -> FigureBox:
        """A figure over the full width."""
        return FigureBox(self.style, build, height)


def _shared_cap(widths: Sequence[float], room: float) -> float:
    """The width that columns of words may have, so that all of them fit into `room`."""
    left, many = room, len(widths)
    for wide in sorted(widths):
        if wide * many > left:
            return max(left / many, 40.0)
        left, many = left - wide, many - 1
    return room


class SpaceSection(NamedTuple):
    """One kind of page; a finding of None means that there is nothing to show."""

    bookmark: str
    how: str
    finding: Callable[[Any], str | None]
    draw: Callable[[Any], list[Any]]
    short: bool = False  # stands below the section before, given room


def made_section(draw: Callable[[Any], list[Any]]) -> SpaceSection:
    """The last section of every report on spaces."""
    title = "How this was made"
    how = "What is needed to get the same numbers again."
    return SpaceSection(title, how, lambda _: title, draw, short=True)


def neighbour_line(item: Neighbour) -> str:
    """A neighbour in words; a mark says that it is common."""
    return ("● " if item.common else "") + item_words(item)


def how_made(
    sheet: SpaceSheet[Any], spaces: Sequence[SpaceDescription], facts: list[tuple[str, str]]
) -> list[Any]:
    """Command, spaces and versions."""
    made = sheet.report.made
    versions = ", ".join(f"{name} {version}" for name, version in made.versions.items())
    told = [("Command", made.command)]
    for one in spaces:
        left = (
            f", {count(one.missing)} left out for lack of their ids elsewhere"
            if one.missing
            else ""
        )
        aside = f", {count(one.set_aside)} set aside" if one.set_aside else ""
        told.append(
            (
                one.name,
                f"{one.source}: {count(one.items)} {one.kind}{aside}{left}; "
                f"{one.dims} dimensions, {one.metric} distance; embedder {one.embedder}",
            )
        )
    told += [*facts, ("Seed", str(made.seed)), ("Versions", versions)]
    return [facts_table(sheet.style, told)]
