"""Maps on a grid: the same map once for each label, or one map for each space.

One function draws them all: a `MapPanel` is a map with its title and the layers of points on it.
The others say which points have which colour, and draw the key.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from curate.report.pages.figures.maps import framed, picked, square
from curate.report.render import fonts
from curate.report.render.figures import FigureBuilder, heading, new_figure, number_ticks, panel
from curate.report.render.numbers import count
from curate.report.render.printable_text import shortened
from curate.report.render.style import PageStyle
from curate.report.words.evaluation import PrintName
from curate.schema.measures import Map, Maps
from curate.schema.spaces import SpaceMap

TITLE_HEIGHT = 28.0  # above each map, for its title and the line below it
ONE_MAP = 420.0  # side of a map that stands alone, at most


@dataclass(frozen=True)
class PointLayer:
    """Points of a map that are drawn alike; later layers lie on top.

    positions  (m,) of the points
    size       diameter in points
    edge       width of a white edge
    """

    positions: NDArray[np.int64]
    color: object
    size: float
    shape: str = "o"
    edge: float = 0.0
    alpha: float = 1.0


@dataclass(frozen=True)
class MapPanel:
    """One map of a grid; `note` is a quiet line below its title."""

    map: Map
    title: str
    layers: Sequence[PointLayer]
    note: str = ""


@dataclass(frozen=True)
class MapGrid:
    """Where maps stand: rows of `columns`, below a key and above a scale (heights in points)."""

    columns: int
    gap: float
    key: float = 0.0
    scale: float = 0.0

    def side(self, width: float) -> float:
        """Side of a map where the height is free."""
        if self.columns == 1:
            return min(width, ONE_MAP)
        return (width - (self.columns - 1) * self.gap) / self.columns

    def rows(self, maps: int) -> int:
        """Rows that so many maps fill."""
        return math.ceil(maps / self.columns)

    def height(self, width: float, maps: int) -> float:
        """Height of the figure where it is free."""
        row = self.side(width) + TITLE_HEIGHT
        return self.key + self.rows(maps) * row + self.scale

    def places(self, width: float, height: float, maps: int) -> list[tuple[float, float, float]]:
        """Left, bottom and side of each map in a figure of this size."""
        top, rows = height - self.key, self.rows(maps)
        side = min(self.side(width), (top - self.scale) / rows - TITLE_HEIGHT)
        step = (width - side) / max(self.columns - 1, 1)
        first = (width - side) / 2 if self.columns == 1 else 0.0
        places = []
        for place in range(maps):
            row, column = divmod(place, self.columns)
            places.append((first + column * step, top - (row + 1) * (side + TITLE_HEIGHT), side))
        return places


def draw_map_grid(
    figure: Figure, style: PageStyle, grid: MapGrid, panels: Sequence[MapPanel]
) -> None:
    """Every map in its place."""
    width, height = (float(side) for side in figure.get_size_inches() * 72)
    places = grid.places(width, height, len(panels))
    for map_panel, (left, bottom, side) in zip(panels, places, strict=True):
        axes = square(figure, style, map_panel.map, (left, bottom, side))
        at = framed(map_panel.map)[0]
        for layer in map_panel.layers:
            axes.plot(
                *at[layer.positions].T,
                layer.shape,
                color=layer.color,
                alpha=layer.alpha,
                markersize=layer.size,
                markeredgewidth=layer.edge,
                markeredgecolor="white" if layer.edge else layer.color,
            )
        title = shortened(map_panel.title, 0.9 * side, style.small, fonts.BOLD)
        heading(axes, style, title, 12 if map_panel.note else 6)
        if map_panel.note:
            _quiet_line(axes, style, map_panel.note)


def _quiet_line(axes: Axes, style: PageStyle, text: str) -> None:
    axes.annotate(
        text,
        (0, 1),
        xytext=(0, 3),
        xycoords="axes fraction",
        textcoords="offset points",
        color=style.template.color_quiet,
        annotation_clip=False,
    )


def without_explanation(space_map: SpaceMap) -> Map:
    """The map of a space as the figures of a selection draw it."""
    return Map(x=space_map.x, y=space_map.y, note=space_map.note, explained=None)


# --------------------------------------------------------------------------------------
# One map for each label of a selection: where its items lie, and which of them are picks.


LABEL_PICKS = MapGrid(columns=5, gap=10.0)
GREY_MOST = 1_500  # points of other labels, about


def label_picks_maps(
    style: PageStyle, maps: Maps, drawn: Map, labels: Sequence[str]
) -> FigureBuilder:
    """A map for each of `labels`, all in the same frame."""
    label_of = np.array([label if label is not None else "" for label in maps.label], dtype=object)
    picks, template = picked(maps), style.template
    everything = np.arange(len(label_of))[:: max(1, len(label_of) // GREY_MOST)]
    panels = []
    for label in labels:
        own = np.flatnonzero(label_of == label)
        own_picks = picks[np.isin(picks, own)]
        layers = [
            PointLayer(everything, template.color_input, 1.0, alpha=0.7),
            PointLayer(own, template.color_text, 1.8),
            PointLayer(own_picks, template.color_selected, 4.2, edge=0.5),
        ]
        note = f"{count(len(own_picks))} of {count(len(own))}"
        panels.append(MapPanel(drawn, label, layers, note))

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        draw_map_grid(figure, style, LABEL_PICKS, panels)
        return figure

    return build


def label_picks_height(width: float, labels: int) -> float:
    """Height of the figure for so many labels over the full width."""
    return LABEL_PICKS.height(width, labels)


# --------------------------------------------------------------------------------------
# One map for each space, coloured by label: the largest classes by colour and shape.


# A shape doubles every colour; there are two colours more than the sets of a report have.
SHAPES = ("o", "^", "s", "D", "v", "P", "X")
SET_COLORS = ("selected", "warning", "datapool", "union", "random")
MORE_COLORS = ("#56B4E9", "#7A5C00")
KEY_COLUMNS, KEY_LINE = 4, 13.0
SPACE_GAP = 16.0
FEW_POINTS = 800  # up to which each point is drawn larger


def named_classes(labels: Sequence[str | None]) -> list[tuple[str, int]]:
    """The largest classes with their items, as many as there are shapes."""
    sizes = Counter(label for label in labels if label is not None)
    return sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0]))[: len(SHAPES)]


def label_maps(
    style: PageStyle, maps: Sequence[SpaceMap], labels: Sequence[str | None], printed: PrintName
) -> FigureBuilder:
    """Every map with the same points; one alone is large, several stand two in a row."""
    named = named_classes(labels)
    layers = _class_layers(style, labels, [name for name, _ in named])
    panels = [
        MapPanel(without_explanation(space_map), printed(space_map.space), layers)
        for space_map in maps
    ]

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        _class_key(figure, style, named, len(labels))
        draw_map_grid(figure, style, _space_grid(len(panels), labels), panels)
        return figure

    return build


def label_maps_height(width: float, maps: int, labels: Sequence[str | None]) -> float:
    """Height of the figure for so many maps over the full width."""
    return _space_grid(maps, labels).height(width, maps)


def _space_grid(maps: int, labels: Sequence[str | None]) -> MapGrid:
    return MapGrid(columns=min(maps, 2), gap=SPACE_GAP, key=_key_height(labels))


def _class_colors(style: PageStyle) -> list[str]:
    return [*(style.template.color(name) for name in SET_COLORS), *MORE_COLORS]


def _class_layers(
    style: PageStyle, labels: Sequence[str | None], named: Sequence[str]
) -> list[PointLayer]:
    """Others first, then the classes from the largest on, so that small ones lie on top."""
    size = 3.9 if len(labels) < FEW_POINTS else 2.45
    label_of = np.array([label if label is not None else "" for label in labels], dtype=object)
    others = np.array([label not in named for label in labels])
    layers = [PointLayer(np.flatnonzero(others), style.template.color_input, 0.63 * size)]
    for name, color, shape in zip(named, _class_colors(style), SHAPES, strict=False):
        own = np.flatnonzero((label_of == name) & ~others)
        layers.append(PointLayer(own, color, size, shape))
    return layers


def _class_key(
    figure: Figure, style: PageStyle, named: Sequence[tuple[str, int]], points: int
) -> None:
    """What each colour and shape is, in columns above the maps."""
    width, height = (float(side) for side in figure.get_size_inches() * 72)
    entries = [
        (name, many, color, shape, 20.0)
        for (name, many), color, shape in zip(named, _class_colors(style), SHAPES, strict=False)
    ]
    if rest := points - sum(many for _, many in named):
        entries.append(("others", rest, style.template.color_input, "o", 8.0))
    tall = _lines_height(len(entries))
    axes = panel(figure, 0, height - tall, width, tall)
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(tall, 0)
    column_width = width / KEY_COLUMNS
    for place, (name, many, color, shape, size) in enumerate(entries):
        row, column = divmod(place, KEY_COLUMNS)
        x, y = column * column_width + 4, (row + 0.5) * KEY_LINE
        axes.scatter([x], [y], c=color, marker=shape, s=size, linewidths=0)
        text = shortened(f"{name}, {count(many)}", column_width - 16, style.small)
        axes.text(x + 8, y, text, va="center", ha="left")


def _key_height(labels: Sequence[str | None]) -> float:
    named = named_classes(labels)
    others = len(labels) > sum(many for _, many in named)
    return _lines_height(len(named) + others)


def _lines_height(entries: int) -> float:
    return math.ceil(entries / KEY_COLUMNS) * KEY_LINE + 2


# --------------------------------------------------------------------------------------
# Two spaces side by side, each item as dark as its neighbourhoods agree.


AGREEMENT = MapGrid(columns=2, gap=SPACE_GAP, scale=36.0)
SCALE_WIDTH, SCALE_BOTTOM = 160.0, 20.0
NO_AGREEMENT = "#E6C9B5"


def agreement_maps(
    style: PageStyle,
    maps: Sequence[SpaceMap],
    common: Sequence[int],
    k: int,
    printed: PrintName,
) -> FigureBuilder:
    """Both maps of the same items; `common` are the neighbours of k that each has in both."""
    template = style.template
    shades = LinearSegmentedColormap.from_list(
        "agreement", [NO_AGREEMENT, template.color_union, template.color_selected]
    )
    shared = np.asarray(common)
    size = 3.0 if len(shared) < FEW_POINTS else 2.1
    layers = [  # those that agree most come last and lie on top
        PointLayer(np.flatnonzero(shared == many), shades(many / k), size)
        for many in np.unique(shared)
    ]
    panels = [
        MapPanel(without_explanation(space_map), printed(space_map.space), layers)
        for space_map in maps
    ]

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        draw_map_grid(figure, style, AGREEMENT, panels)
        wide = min(SCALE_WIDTH, width / 3)
        bar = panel(figure, 0, SCALE_BOTTOM, wide, 8)
        bar.imshow(np.linspace(0, 1, 64)[None, :], cmap=shades, aspect="auto", extent=(0, k, 0, 1))
        bar.set_yticks([])
        number_ticks(bar.xaxis, 5, whole=True)
        figure.text(
            (wide + 10) / width,
            (SCALE_BOTTOM + 1) / height,
            f"common neighbours of {k}",
            color=template.color_quiet,
        )
        return figure

    return build


def agreement_height(width: float) -> float:
    """Height of the figure over the full width."""
    return AGREEMENT.height(width, 2)
