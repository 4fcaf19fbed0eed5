"""Figures of pairs, spectra and drift; nothing is computed that report.json does not hold."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

from curate.report.pages.figures.maps import Points, framed, square
from curate.report.pages.spaces.sheet import COLORS, DASHES
from curate.report.render import fonts
from curate.report.render.figures import (
    FigureBuilder,
    corner_label,
    grid,
    heading,
    new_figure,
    number_ticks,
    panel,
    percent_ticks,
)
from curate.report.render.numbers import count, number
from curate.report.render.printable_text import printable, shortened
from curate.report.render.style import PageStyle
from curate.schema.evaluation import PairSimilarities, SpaceEvaluation
from curate.schema.measures import Distribution, Map
from curate.schema.space_reports import Agreement
from curate.schema.spaces import SpaceMap

Heights = NDArray[np.float64]


def pair_panels(style: PageStyle, spaces: Sequence[SpaceEvaluation]) -> FigureBuilder:
    """Histograms of pairs of one class and of two, a space below the other."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        each = height / len(spaces)
        for place, one in enumerate(spaces):
            pairs = one.pairs
            assert pairs is not None
            axes = panel(figure, 2, height - (place + 1) * each + 34, width - 4, each - 34 - 26)
            _pair_histogram(axes, style, pairs)
            heading(axes, style, f"{one.space.name}: density of the pairs", 10)
            axes.set_xlabel("cosine similarity", labelpad=3)
        return figure

    return build


def _pair_histogram(axes: Axes, style: PageStyle, pairs: PairSimilarities) -> None:
    edges = np.asarray(pairs.edges)
    sides = (
        ("of two classes", pairs.negative, pairs.negative_mean, "input", (0, (1, 1)), 1.2),
        ("of one class", pairs.positive, pairs.positive_mean, "selected", "-", 1.6),
    )
    used = np.flatnonzero(np.asarray(pairs.positive) + np.asarray(pairs.negative))
    low, high = edges[max(used[0] - 2, 0)], edges[min(used[-1] + 3, len(edges) - 1)]
    top = 0.0
    for _, shares, _, color, dashes, wide in sides:
        heights = np.asarray(shares) / np.diff(edges)
        _density(axes, heights, edges, style.template.color(color), dashes, wide)
        top = max(top, float(heights.max()))
    axes.set_xlim(low, high)
    axes.set_ylim(0, top * 1.3)
    axes.yaxis.set_visible(False)
    axes.tick_params(axis="x", pad=7)
    number_ticks(axes.xaxis)
    across = axes.get_xaxis_transform()
    right = pairs.positive_mean > pairs.negative_mean
    for name, _, mean, color, dashes, _ in sides:
        one = name == "of one class"
        shade = style.template.color(color)
        axes.plot(
            [mean, mean], [-0.05, 0.0], transform=across, clip_on=False, color=shade, linewidth=2.4
        )
        side = 0.995 if one == right else 0.005
        axes.text(
            side,
            0.99,
            f"pairs {name}, mean {number(mean)}",
            transform=axes.transAxes,
            color=style.label_color(color),
            weight="bold",
            va="top",
            ha="right" if side > 0.5 else "left",
        )
        ends = ([side, side - 0.06] if side > 0.5 else [side, side + 0.06], [0.86, 0.86])
        axes.plot(*ends, transform=axes.transAxes, color=shade, linestyle=dashes, linewidth=1.6)


def _density(
    axes: Axes, heights: Heights, edges: Heights, shade: str, dashes: Any, wide: float
) -> None:
    """A histogram as a line over a pale area."""
    axes.stairs(heights, edges, fill=True, color=shade, alpha=0.16, linewidth=0)
    axes.stairs(heights, edges, color=shade, linestyle=dashes, linewidth=wide)


def spectra(style: PageStyle, spaces: Sequence[SpaceEvaluation]) -> FigureBuilder:
    """Singular values as shares, largest first, one line a space; both axes logarithmic."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        axes = panel(figure, 44, 34, width - 44 - 8, height - 34 - 24)
        longest, least, most = 1, 1.0, 0.0
        for place, one in enumerate(spaces):
            shares = np.asarray(one.spectrum.shares)
            if not len(shares):
                continue
            color = COLORS[place % len(COLORS)]
            axes.plot(
                np.arange(1, len(shares) + 1),
                shares,
                color=style.template.color(color),
                linestyle=DASHES[place % len(DASHES)],
                linewidth=1.6,
                marker="o" if len(shares) == 1 else None,
            )
            at = 0.995, 0.99 - place * 12 / (height - 58)
            corner_label(axes, style, at, one.space.name, color)
            longest, least = max(longest, len(shares)), min(least, float(shares.min()))
            most = max(most, float(shares.max()))
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(0.92, longest * 1.1)
        axes.set_ylim(least / 1.6, min(most * 1.8, 1.5))
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axis.set_minor_formatter(NullFormatter())
        grid(axes, style)
        heading(axes, style, "Share of the sum of singular values")
        axes.set_xlabel("singular value, largest first", labelpad=3)
        return figure

    return build


def far_histograms(
    style: PageStyle,
    distances: Distribution,
    usual: Distribution,
    threshold: float,
    words: tuple[str, str],
    unit: str,
) -> FigureBuilder:
    """Distances to the other set, those usual within it, and where far begins."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        axes = panel(figure, 2, 34, width - 4, height - 34 - 26)
        top = 0.0
        for one, color, dashes, wide in (
            (usual, "input", (0, (1, 1)), 1.2),
            (distances, "selected", "-", 1.8),
        ):
            edges = np.asarray(one.histogram.edges)
            total = max(sum(one.histogram.counts), 1.0)
            heights = np.asarray(one.histogram.counts) / total / np.diff(edges)
            _density(axes, heights, edges, style.template.color(color), dashes, wide)
            top = max(top, float(heights.max()))
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(0, top * 1.45)
        axes.yaxis.set_visible(False)
        axes.tick_params(axis="x", pad=5)
        axes.set_xlabel(f"distance to the nearest ({unit})", labelpad=3)
        number_ticks(axes.xaxis)
        heading(axes, style, "Density of the distances")
        _threshold(axes, style, threshold, right=threshold < 0.6 * edges[-1])
        means = (distances.mean, usual.mean)
        for line, (word, mean, color) in enumerate(
            zip(words, means, ("selected", "input"), strict=True)
        ):
            at = 0.995, 0.99 - line * 13 / (height - 60)
            corner_label(axes, style, at, f"{word}, mean {number(mean)}", color)
        return figure

    return build


def _threshold(axes: Axes, style: PageStyle, threshold: float, *, right: bool) -> None:
    """A dashed line where far begins, with words at its right or left."""
    axes.plot(  # up to below the words
        [threshold, threshold],
        [0, 0.8],
        transform=axes.get_xaxis_transform(),
        color=style.template.color_warning,
        linewidth=1.0,
        linestyle=(0, (4, 2)),
    )
    axes.annotate(
        "far from here on",
        (threshold, 0.62),
        xycoords=("data", "axes fraction"),
        xytext=(4 if right else -4, 0),
        textcoords="offset points",
        color=style.label_color("warning"),
        weight="bold",
        ha="left" if right else "right",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85},
    )


# --------------------------------------------------------------------------------------
# Figures of a comparison: common neighbours, both maps, and every two spaces.


def agreement_bars(style: PageStyle, found: Sequence[Agreement]) -> FigureBuilder:
    """For each k, items by how many neighbours are common; steps for what chance gives."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        between = 36.0  # with the ticks of the next panel
        wide = (width - between * len(found) - 4) / len(found)
        for place, one in enumerate(found):
            axes = panel(figure, between + place * (wide + between), 34, wide, height - 34 - 40)
            total = max(sum(one.counts), 1)
            shares, chance = np.asarray(one.counts) / total, np.asarray(one.chance_counts) / total
            edges = np.arange(one.k + 2) - 0.5
            blue, orange = style.template.color_selected, style.template.color_random
            axes.stairs(shares, edges, fill=True, color=blue, alpha=0.3, linewidth=0)
            axes.stairs(shares, edges, color=blue, linewidth=1.6)
            axes.stairs(chance, edges, color=orange, linestyle=(0, (5, 2)), linewidth=1.2)
            axes.set_xlim(-0.5, one.k + 0.5)
            axes.set_ylim(0, max(float(shares.max()), 0.05) * 1.7)
            axes.tick_params(axis="x", pad=4)
            number_ticks(axes.xaxis, 5, whole=True)
            percent_ticks(axes.yaxis, 4)
            heading(axes, style, f"Share of items, k = {one.k}", 10)
            axes.set_xlabel("common neighbours", labelpad=3)
            for line, (words, color) in enumerate(
                (
                    (f"mean {number(one.overlap * one.k)}", "selected"),
                    (f"chance {number(one.chance * one.k)}", "random"),
                )
            ):
                at = 0.99, 0.98 - line * 12 / (height - 74)
                corner_label(axes, style, at, words, color)
        return figure

    return build


def agreement_maps(
    style: PageStyle, maps: Sequence[SpaceMap], common: Sequence[int], k: int
) -> FigureBuilder:
    """Both spaces side by side, each item as dark as its neighbourhoods agree."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        side = min((width - 16) / 2, height - 62)
        shades = LinearSegmentedColormap.from_list(
            "agreement", ["#E6C9B5", style.template.color_union, style.template.color_selected]
        )
        shared = np.asarray(common)
        for place, one in enumerate(maps):
            drawn = Map(x=one.x, y=one.y, note=one.note, explained=None)
            left = place * (width - side)
            axes = square(figure, style, drawn, (left, height - side - 20, side))
            at = framed(drawn)[0]
            size = 3.0 if len(at) < 800 else 2.1
            for many in np.unique(shared):  # those that agree most come last and lie on top
                some = at[shared == many]
                axes.plot(*some.T, "o", color=shades(many / k), markersize=size, markeredgewidth=0)
            heading(axes, style, shortened(one.space, 0.9 * side, style.small), 6)
        bar = panel(figure, 0, 20, min(160.0, width / 3), 8)
        bar.imshow(np.linspace(0, 1, 64)[None, :], cmap=shades, aspect="auto", extent=(0, k, 0, 1))
        bar.set_yticks([])
        number_ticks(bar.xaxis, 5, whole=True)
        figure.text(
            (min(160.0, width / 3) + 10) / width,
            21 / height,
            f"common neighbours of {k}",
            color=style.template.color_quiet,
        )
        return figure

    return build


def matrix_figure(
    style: PageStyle, names: Sequence[str], cells: Sequence[Sequence[float | None]], title: str
) -> FigureBuilder:
    """A square of numbers, shaded by value."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        side = min(width - 130, height - 44)
        axes = panel(figure, 120, height - side - 24, side, side)
        shades = LinearSegmentedColormap.from_list(
            "cells", ["#FFFFFF", style.template.color_selected]
        )
        axes.set_xlim(-0.5, len(names) - 0.5)
        axes.set_ylim(len(names) - 0.5, -0.5)
        for row, line in enumerate(cells):
            for column, one in enumerate(line):
                shade = shades(0.7 * min(max(one or 0.0, 0.0), 1.0))
                axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, color=shade, linewidth=0))
                axes.text(column, row, number(one), ha="center", va="center")
        widest = max(fonts.measure(printable(name), style.small) for name in names)
        if widest + 6 < side / len(names):
            axes.set_xticks(range(len(names)), names)
            axes.set_yticks(range(len(names)), names)
        else:  # columns too narrow for names have the numbers of the rows
            places = range(1, len(names) + 1)
            axes.set_xticks(range(len(names)), map(str, places))
            axes.set_yticks(
                range(len(names)),
                [f"{name}   {place}" for name, place in zip(names, places, strict=True)],
            )
        axes.tick_params(length=0)
        heading(axes, style, title)
        return figure

    return build


# --------------------------------------------------------------------------------------
# Maps coloured by label: the largest classes by colour and shape, all others grey.


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


def label_maps(
    style: PageStyle, maps: Sequence[SpaceMap], labels: Sequence[str | None]
) -> FigureBuilder:
    """Every map with the same points; one alone is large, several stand two in a row."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        named = named_classes(labels)
        _key(figure, style, named, labels)
        top = height - _key_height(labels)
        side = min(_side(width, len(maps)), top / math.ceil(len(maps) / 2) - HEAD)
        for place, one in enumerate(maps):
            row, column = divmod(place, 2)
            drawn = Map(x=one.x, y=one.y, note=one.note, explained=None)
            bottom = top - (row + 1) * (side + HEAD)
            left = (width - side) / 2 if len(maps) == 1 else column * (side + GAP)
            axes = square(figure, style, drawn, (left, bottom, side))
            _points(axes, style, framed(drawn)[0], labels, [name for name, _ in named])
            heading(axes, style, shortened(one.space, 0.9 * side, style.small), 6)
        return figure

    return build


def _side(width: float, maps: int) -> float:
    return min(width, 420.0) if maps == 1 else (width - GAP) / 2


def _colors(style: PageStyle) -> list[str]:
    sets = ("selected", "warning", "datapool", "union", "random")
    return [*(style.template.color(name) for name in sets), *MORE_COLORS]


def _points(
    axes: Axes, style: PageStyle, at: Points, labels: Sequence[str | None], named: Sequence[str]
) -> None:
    """Others first, then the classes from the largest on, so that small ones lie on top."""
    size = 3.9 if len(at) < FEW else 2.45
    others = [place for place, label in enumerate(labels) if label not in named]
    grey = style.template.color_input
    axes.plot(*at[others].T, "o", color=grey, markersize=0.63 * size, markeredgewidth=0)
    for name, color, shape in zip(named, _colors(style), SHAPES, strict=False):
        own = [place for place, label in enumerate(labels) if label == name]
        axes.plot(*at[own].T, shape, color=color, markersize=size, markeredgewidth=0)


def _key(
    figure: Figure, style: PageStyle, named: Sequence[tuple[str, int]], labels: Sequence[str | None]
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
        for (name, many), color, shape in zip(named, _colors(style), SHAPES, strict=False)
    ]
    if rest := len(labels) - sum(many for _, many in named):
        entries.append(("others", rest, style.template.color_input, "o", 8.0))
    each = width / KEY_COLUMNS
    for place, (name, many, color, shape, size) in enumerate(entries):
        row, column = divmod(place, KEY_COLUMNS)
        x, y = column * each + 4, (row + 0.5) * KEY_LINE
        axes.scatter([x], [y], c=color, marker=shape, s=size, linewidths=0)
        words = shortened(f"{name}, {count(many)}", each - 16, style.small)
        axes.text(x + 8, y, words, va="center", ha="left")


def _key_height(labels: Sequence[str | None]) -> float:
    named = named_classes(labels)
    rest = len(labels) > sum(many for _, many in named)
    return math.ceil((len(named) + rest) / KEY_COLUMNS) * KEY_LINE + 2
