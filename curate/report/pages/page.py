"""What the pages of every report are drawn from, and the parts that several pages share.

A kind of report has one table of sections: a line for each page, with its bookmark, its title
and the function that draws it. `pdf.py` asks each title function first; a title of None means
that the page has nothing to show. Then it hands every drawing function the same `PageContext`.
Not here: sentences (`words`), figures, and the layout of the document (`render`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from curate.report.render.figures import FigureBox, FigureBuilder
from curate.report.render.style import PageStyle
from curate.report.render.tables import LEAST, PAD, TIGHT, facts_table, natural_widths, number_table
from curate.report.render.template import Template
from curate.schema.report import Item, Report

R = TypeVar("R")

WIDE_PAD = 5.0  # of columns that mix words and numbers, so that they stand clear of each other
LEAST_TEXT = 40.0  # width of a column of words, at least
LEAST_NAME = 60.0  # width of a first column that may be cut, at least


class Section(NamedTuple):
    """One line in the table of a kind of report: how one page is called and drawn.

    title        its sentence, from the report (of spaces also from short names); None: no page
    how_to_read  the line under the title; of a selection it stands in the template instead
    below_last   whether it goes on the page of the section before, if there is room
    """

    bookmark: str
    title: Callable[..., str | None]
    draw: Callable[[Any], list[Any]]
    how_to_read: str = ""
    below_last: Callable[[Any], bool] = lambda _: False


class PageHead(NamedTuple):
    """What stands above a page, and its name among the bookmarks of the document."""

    bookmark: str
    title: str
    how_to_read: str


@dataclass(frozen=True)
class PageContext(Generic[R]):
    """What a page is drawn from.

    thumbnails   id -> JPEG bytes, of readable images only; in reports on drift, `old:` or `new:`
                 stands before the id
    item_kind    how items are shown: "images" where there are thumbnails, "text", or else by id
    heads        section -> its head, for the sections that have something to show, in order
    short_names  long name of a space or class -> the name that is printed
    """

    report: R
    thumbnails: Mapping[str, bytes]
    style: PageStyle
    item_kind: str
    heads: Mapping[str, PageHead]
    short_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def template(self) -> Template:
        """The template of the document."""
        return self.style.template

    @property
    def shows_pictures(self) -> bool:
        """Whether items are shown as pictures."""
        return self.item_kind == "images"

    def short_name(self, name: str) -> str:
        """The name of a space or class as it is printed."""
        return self.short_names.get(name, name)

    def caption(self, *sentences: str) -> Any:
        """The small line under a figure or table; empty sentences are left out."""
        return self.style.paragraph(" ".join(filter(None, sentences)), "foot")

    def free_height(self, section: str) -> float:
        """Points that a page has below the title and how-to-read line of a section."""
        head = self.heads[section]
        above = [
            self.style.paragraph(head.title, "title"),
            self.style.paragraph(head.how_to_read, "how"),
        ]
        return float(self.style.height) - self.height(above)

    def height(self, story: Sequence[Any]) -> float:
        """Points that flowables take below each other, at most."""
        wide, high = self.style.width, self.style.height
        return float(
            sum(
                flowable.wrap(wide, high)[1] + flowable.getSpaceBefore() + flowable.getSpaceAfter()
                for flowable in story
            )
        )

    def figure(self, build: FigureBuilder, height: float) -> FigureBox:
        """A figure over the full width."""
        return FigureBox(self.style, build, height)

    def table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        text: Sequence[int] = (0,),
        quiet: Sequence[int] = (),
    ) -> Any:
        """A table over the full width; columns in `text` are words, the others numbers.

        `quiet` are rows of secondary numbers, in grey.
        """
        style = self.style
        needed = natural_widths(head, rows, style.small, WIDE_PAD)
        for column in text:  # natural widths take the first column only for words
            needed[column] += 6
        numbers = sum(wide for column, wide in enumerate(needed) if column not in text)
        most = _shared_width([needed[column] for column in text], style.width - numbers)
        for column in text:
            needed[column] = min(needed[column], most)
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
        return number_table(style, head, cells, widths, numeric, quiet_rows=quiet, pad=WIDE_PAD)


SelectionPage = PageContext[Report]


def item_words(item: Item) -> str:
    """The words that stand for a pick where there is no picture: its text, label or id."""
    return item.text or (f"{item.label}: {item.id}" if item.label else item.id)


def _shared_width(widths: Sequence[float], room: float) -> float:
    """The width that columns of words may have, so that all of them fit into `room`."""
    left, many = room, len(widths)
    for wide in sorted(widths):
        if wide * many > left:
            return max(left / many, LEAST_TEXT)
        left, many = left - wide, many - 1
    return room


class ColumnFit(NamedTuple):
    """Size of type, padding and widths (points) of a table, and whether they fit the page."""

    size: float
    pad: float
    widths: list[float]
    fits: bool


def fit_columns(
    style: PageStyle,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    name_width: float | None = None,
) -> ColumnFit:
    """Widths of a name and many numbers over the full width, in smaller type where they need it.

    name_width  width to which names may be cut
    """
    for size, pad in ((style.small, PAD), (min(style.small, LEAST), TIGHT)):
        widths = natural_widths(head, rows, size, pad)
        name = widths[0] if name_width is None else min(widths[0], name_width)
        fits = name + sum(widths[1:]) <= style.width
        if fits:
            break
    if name_width is not None:
        widths[0] = min(widths[0], max(style.width - sum(widths[1:]), LEAST_NAME))
    spare = max(style.width - sum(widths), 0.0) / (len(head) - 1)
    return ColumnFit(size, pad, [widths[0], *(wide + spare for wide in widths[1:])], fits)


Facts = Sequence[tuple[str, str]]


def reproduction_table(
    page: PageContext[Any],
    command: str,
    settings: Facts,
    seed: int,
    versions: Mapping[str, str],
    files: Facts,
) -> Any:
    """What is needed to get the same numbers again, and where more of them are."""
    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    return facts_table(
        page.style,
        [("Command", command), *settings, ("Seed", str(seed)), ("Versions", listed), *files],
    )
