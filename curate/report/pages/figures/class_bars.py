"""Shares of classes as bars: input, random draws and the selection beside the target.

One line for each class, in the order given. The column at the right has the number of items,
because a share of a few items means little. If there are too many classes for the page, the
last ones are added up in one line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import IdentityTransform

from curate.report.render import fonts
from curate.report.render.figures import FigureBuilder, grid, new_figure, number_ticks, panel
from curate.report.render.numbers import count, number
from curate.report.render.printable_text import shortened
from curate.report.render.style import PageStyle

LINE, LEAST_LINE = 22.0, 9.5  # height of a line of the figure
KEY, AXIS = 32.0, 32.0  # above and below them
NAMES = 0.32  # share of the width for names, at most
NUMBERS = 46.0  # width of a column of numbers
HUNDRED = 100.0
WHOLE = 1e-6

# Where the bars of a line lie, in lines from its middle, and how thick: selected, input, random.
SELECTED, INPUT, RANDOM = (-0.2, 0.34), (0.11, 0.17), (0.32, 0.17)


@dataclass(frozen=True)
class ClassShares:
    """One class: its share of each set, from 0 to 1; None if a set has no share.

    interval   the middle 95% of the random draws
    items      items of the class in the selection
    wanted     its target as a number of items
    many       whether the line stands for several classes; it gets no bars, they would be too long
    """

    name: str
    target: float | None
    input: float
    selected: float
    random: float | None
    interval: tuple[float, float] | None
    items: float
    wanted: float | None
    many: bool = False


def gathered(classes: Sequence[ClassShares], room: float) -> list[ClassShares]:
    """At most as many lines as fit a figure of height `room`; the last classes are added up."""
    most = max(2, int((room - KEY - AXIS) / LEAST_LINE))
    if len(classes) <= most:
        return list(classes)
    shown, rest = classes[: most - 1], classes[most - 1 :]

    def total(values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return math.fsum(known) if known else None

    together = ClassShares(
        name=f"{len(rest):,} more classes",
        target=total([row.target for row in rest]),
        input=math.fsum(row.input for row in rest),
        selected=math.fsum(row.selected for row in rest),
        random=total([row.random for row in rest]),
        interval=None,  # the interval of a sum is not the sum of intervals
        items=math.fsum(row.items for row in rest),
        wanted=total([row.wanted for row in rest]),
        many=True,
    )
    return [*shown, together]


def class_bars(
    style: PageStyle, classes: Sequence[ClassShares], selected: str = "selected"
) -> FigureBuilder:
    """The figure. `selected` is the name of the selection; pass classes through `gathered`."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        longest = max(fonts.measure(row.name, style.small) for row in classes)
        left = min(longest + 10, NAMES * width)
        columns = _columns_of(classes)
        wide = width - left - len(columns) * NUMBERS - 8
        axes = panel(figure, left, AXIS, wide, height - KEY - AXIS)
        line = (height - KEY - AXIS) / len(classes)
        drawn = [row for row in classes if not row.many]
        for place, row in enumerate(drawn):
            _draw(axes, style, place, row, line)
        axes.set_ylim(len(classes) - 0.5, -0.5)
        axes.set_xlim(0, 1.04 * HUNDRED * max(map(_largest, drawn)))
        axes.set_yticks(range(len(classes)))
        axes.set_yticklabels([shortened(row.name, left - 8, style.small) for row in classes])
        for label in axes.get_yticklabels():
            label.set_color(style.template.color_text)
        number_ticks(axes.xaxis, 6)
        axes.set_xlabel("share of the set, %", labelpad=3)
        grid(axes, style, "x")
        _columns(axes, style, columns, wide)
        _key(figure, style, height, selected, classes)
        return figure

    return build


def bars_height(classes: Sequence[ClassShares], room: float) -> float:
    """Height that the figure should have where there is `room`."""
    return min(room, KEY + AXIS + LINE * len(classes))


def _largest(row: ClassShares) -> float:
    ends = [row.input, row.selected, row.target or 0.0, row.interval[1] if row.interval else 0.0]
    return max(ends) or 0.01


def _draw(axes: Axes, style: PageStyle, place: int, row: ClassShares, line: float) -> None:
    for share, (offset, thick), name in (
        (row.selected, SELECTED, "selected"),
        (row.input, INPUT, "input"),
    ):
        axes.barh(
            place + offset, HUNDRED * share, thick, color=style.template.color(name), zorder=2
        )
    if row.interval is not None:
        offset, thick = RANDOM
        low, high = (HUNDRED * end for end in row.interval)
        color = style.template.color_random
        axes.barh(place + offset, high - low, thick, low, color=color, alpha=0.55, zorder=2)
        if row.random is not None:
            mean = HUNDRED * row.random
            ends = [place + offset - thick / 2, place + offset + thick / 2]
            axes.plot([mean, mean], ends, color=color, linewidth=1.6, zorder=3)
    if row.target is not None:
        at = HUNDRED * row.target
        axes.plot(
            [at, at],
            [place - 0.42, place + 0.42],
            color=style.template.color_text,
            linewidth=1.4 if line > LEAST_LINE else 1.1,
            solid_capstyle="butt",
            zorder=4,
            clip_on=False,
        )


def _columns_of(classes: Sequence[ClassShares]) -> dict[str, list[str]]:
    """Columns of numbers, by heading; with targets if any class has one."""
    columns = {"items": [_items(row.items) for row in classes]}
    if any(row.wanted is not None for row in classes):
        columns["target"] = ["" if row.wanted is None else _items(row.wanted) for row in classes]
    return columns


def _columns(axes: Axes, style: PageStyle, columns: Mapping[str, list[str]], wide: float) -> None:
    """The items behind the bars, right-aligned, with their heads."""
    for at, (head, cells) in enumerate(columns.items(), 1):
        x = (wide + 8 + at * NUMBERS - 2) / wide
        text: dict[str, Any] = {
            "xycoords": axes.get_yaxis_transform(),
            "ha": "right",
            "annotation_clip": False,
        }
        for place, cell in enumerate(cells):
            axes.annotate(cell, (x, place), va="center", color=style.template.color_text, **text)
        axes.annotate(
            head,
            (x, 1),
            xytext=(0, 5),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="right",
            weight="bold",
            color=style.template.color_text,
            annotation_clip=False,
        )


def _items(many: float) -> str:
    """A number of items; a fraction if items count for several classes."""
    return count(round(many)) if abs(many - round(many)) < WHOLE else number(many)


def _key(
    figure: Figure, style: PageStyle, height: float, selected: str, classes: Sequence[ClassShares]
) -> None:
    """What each mark is, above the bars."""
    here, template = IdentityTransform(), style.template
    x, y = 0.0, height - 10
    entries = [(selected, template.color_selected, 6.0), ("input", template.color_input, 3.5)]
    if any(row.interval for row in classes):
        entries.append(("random, middle 95% of the draws", template.color_random, 3.5))
    for text, color, thick in entries:
        line = Line2D([x, x + 18], [y + 3, y + 3], color=color, linewidth=thick, transform=here)
        line.set_solid_capstyle("butt")
        figure.add_artist(line)
        figure.text(x + 23, y, text, color=template.color_text, transform=here)
        x += 23 + fonts.measure(text, style.small) + 16
    if all(row.target is None for row in classes):
        return
    figure.add_artist(
        Line2D([x + 2, x + 2], [y - 1, y + 7], color=template.color_text, transform=here)
    )
    figure.text(x + 8, y, "target", color=template.color_text, transform=here)
