"""Figures of spaces: pairs, spectra, common neighbours, distances of drift, a matrix of spaces.

Nothing is computed that report.json does not hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

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
from curate.report.render.numbers import number
from curate.report.render.printable_text import printable
from curate.report.render.style import PageStyle
from curate.report.words.evaluation import PrintName
from curate.schema.evaluation import PairSimilarities, SpaceEvaluation
from curate.schema.measures import Distribution
from curate.schema.space_reports import Agreement

# Spaces are told apart by colour and dashes, in the order of the request.
COLORS = ("selected", "datapool", "union", "warning", "random", "input")
DASHES: tuple[Any, ...] = (
    "-",
    (0, (5, 2)),
    (0, (1, 1)),
    (0, (6, 2, 1, 2)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (2, 3)),
)

Heights = NDArray[np.float64]


def pair_panels(
    style: PageStyle, spaces: Sequence[SpaceEvaluation], printed: PrintName
) -> FigureBuilder:
    """Histograms of pairs of one class and of two, a space below the other."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        each = height / len(spaces)
        for place, space in enumerate(spaces):
            pairs = space.pairs
            assert pairs is not None
            axes = panel(figure, 2, height - (place + 1) * each + 34, width - 4, each - 34 - 26)
            _pair_histogram(axes, style, pairs)
            heading(axes, style, f"{printed(space.space.name)}: density of the pairs", 10)
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
        same_class = name == "of one class"
        shade = style.template.color(color)
        axes.plot(
            [mean, mean], [-0.05, 0.0], transform=across, clip_on=False, color=shade, linewidth=2.4
        )
        side = 0.995 if same_class == right else 0.005
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


def spectra(
    style: PageStyle, spaces: Sequence[SpaceEvaluation], printed: PrintName
) -> FigureBuilder:
    """Singular values as shares, largest first, one line a space; both axes logarithmic."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        axes = panel(figure, 44, 34, width - 44 - 8, height - 34 - 24)
        longest, least, most = 1, 1.0, 0.0
        for place, space in enumerate(spaces):
            shares = np.asarray(space.spectrum.shares)
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
            corner_label(axes, style, at, printed(space.space.name), color)
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
        for distribution, color, dashes, wide in (
            (usual, "input", (0, (1, 1)), 1.2),
            (distances, "selected", "-", 1.8),
        ):
            edges = np.asarray(distribution.histogram.edges)
            total = max(sum(distribution.histogram.counts), 1.0)
            heights = np.asarray(distribution.histogram.counts) / total / np.diff(edges)
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
# Figures of a comparison: common neighbours, and a matrix of all spaces.


def agreement_bars(style: PageStyle, parts: Sequence[Agreement]) -> FigureBuilder:
    """For each k, items by how many neighbours are common; steps for what chance gives."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        between = 36.0  # with the ticks of the next panel
        wide = (width - between * len(parts) - 4) / len(parts)
        for place, part in enumerate(parts):
            axes = panel(figure, between + place * (wide + between), 34, wide, height - 34 - 40)
            total = max(sum(part.counts), 1)
            shares = np.asarray(part.counts) / total
            chance = np.asarray(part.chance_counts) / total
            edges = np.arange(part.k + 2) - 0.5
            blue, orange = style.template.color_selected, style.template.color_random
            axes.stairs(shares, edges, fill=True, color=blue, alpha=0.3, linewidth=0)
            axes.stairs(shares, edges, color=blue, linewidth=1.6)
            axes.stairs(chance, edges, color=orange, linestyle=(0, (5, 2)), linewidth=1.2)
            axes.set_xlim(-0.5, part.k + 0.5)
            axes.set_ylim(0, max(float(shares.max()), 0.05) * 1.7)
            axes.tick_params(axis="x", pad=4)
            number_ticks(axes.xaxis, 5, whole=True)
            percent_ticks(axes.yaxis, 4)
            heading(axes, style, f"Share of items, k = {part.k}", 10)
            axes.set_xlabel("common neighbours", labelpad=3)
            for line, (words, color) in enumerate(
                (
                    (f"mean {number(part.overlap * part.k)}", "selected"),
                    (f"chance {number(part.chance * part.k)}", "random"),
                )
            ):
                at = 0.99, 0.98 - line * 12 / (height - 74)
                corner_label(axes, style, at, words, color)
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
            for column, value in enumerate(line):
                shade = shades(0.7 * min(max(value or 0.0, 0.0), 1.0))
                axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, color=shade, linewidth=0))
                axes.text(column, row, number(value), ha="center", va="center")
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
