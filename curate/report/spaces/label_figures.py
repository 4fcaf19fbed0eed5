"""Maps coloured by label: the largest classes by colour and shape, all others grey."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from curate.report.figures import Build, heading, new_figure, panel
from curate.report.literal import fit
from curate.report.look import Look
from curate.report.map_ground import Points, framed, square
from curate.report.measures import Map
from curate.report.numbers import count
from curate.report.spaces.parts import SpaceMap

# A shape doubles every colour; two more than the sets of a report have.
SHAPES = ("o", "^", "s", "D", "v", "P", "X")
MORE_COLORS = ("#56B4E9", "#7A5C00")
KEY_COLUMNS, KEY_LINE = 4, 13.0
GAP, HEAD = 16.0, 26.0  # between maps, and above each for its name
FEW = 800  # points up to which each is drawn larger


def named_classes(labels: Sequence[str | None]) -> list[tuple[str, int]]:
    """The largest classes with their items, as many as there are shapes."""
    many = Counter(label for label in labels if label is not None)
    return sorted(many.items(), key=lambda pair: (-pair[1], pair[0]))[: len(SHAPES)]


def label_maps_height(width: float, maps: int, labels: Sequence[str | None]) -> float:
    """Height of the figure for so many maps over the full width."""
    rows = math.ceil(maps / 2)
    return _key_height(labels) + rows * (_side(width, maps) + HEAD)


def label_maps(look: Look, maps: Sequence[SpaceMap], labels: Sequence[str | None]) -> Build:
    """Every map with the same points; one alone is large, several stand two in a row."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        named = named_classes(labels)
        _key(figure, look, named, labels)
        top = height - _key_height(labels)
        side = min(_side(width, len(maps)), top / math.ceil(len(maps) / 2) - HEAD)
        for place, one in enumerate(maps):
            row, column = divmod(place, 2)
            drawn = Map(x=one.x, y=one.y, note=one.note, explained=None)
            bottom = top - (row + 1) * (side + HEAD)
            left = (width - side) / 2 if len(maps) == 1 else column * (side + GAP)
            axes = square(figure, look, drawn, (left, bottom, side))
            _points(axes, look, framed(drawn)[0], labels, [name for name, _ in named])
            heading(axes, look, fit(one.space, 0.9 * side, look.small), 6)
        return figure

    return build


def _side(width: float, maps: int) -> float:
    return min(width, 420.0) if maps == 1 else (width - GAP) / 2


def _colors(look: Look) -> list[str]:
    sets = ("selected", "warning", "datapool", "union", "random")
    return [*(look.template.color(name) for name in sets), *MORE_COLORS]


def _points(
    axes: Axes, look: Look, at: Points, labels: Sequence[str | None], named: Sequence[str]
) -> None:
    """Others first, then the classes from the largest on, so that small ones lie on top."""
    size = 3.9 if len(at) < FEW else 2.45
    others = [place for place, label in enumerate(labels) if label not in named]
    grey = look.template.color_input
    axes.plot(*at[others].T, "o", color=grey, markersize=0.63 * size, markeredgewidth=0)
    for name, color, shape in zip(named, _colors(look), SHAPES, strict=False):
        own = [place for place, label in enumerate(labels) if label == name]
        axes.plot(*at[own].T, shape, color=color, markersize=size, markeredgewidth=0)


def _key(
    figure: Figure, look: Look, named: Sequence[tuple[str, int]], labels: Sequence[str | None]
) -> None:
    """What each colour and shape is, in columns above the maps."""
    width, height = (float(side) for side in figure.get_size_inches() * 72)
    tall = _key_height(labels)
    axes = panel(figure, 0, height - tall, width, tall)
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(tall, 0)
    entries = [
        (name, many, color, shape, 20.0)
        for (name, many), color, shape in zip(named, _colors(look), SHAPES, strict=False)
    ]
    if rest := len(labels) - sum(many for _, many in named):
        entries.append(("others", rest, look.template.color_input, "o", 8.0))
    each = width / KEY_COLUMNS
    for place, (name, many, color, shape, size) in enumerate(entries):
        row, column = divmod(place, KEY_COLUMNS)
        x, y = column * each + 4, (row + 0.5) * KEY_LINE
        axes.scatter([x], [y], c=color, marker=shape, s=size, linewidths=0)
        words = fit(f"{name}, {count(many)}", each - 16, look.small)
        axes.text(x + 8, y, words, va="center", ha="left")


def _key_height(labels: Sequence[str | None]) -> float:
    named = named_classes(labels)
    rest = len(labels) > sum(many for _, many in named)
    return math.ceil((len(named) + rest) / KEY_COLUMNS) * KEY_LINE + 2
