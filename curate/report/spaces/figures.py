"""Figures of pairs, spectra and drift; nothing is computed that report.json does not hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

from curate.report.figures import Build, corner_words, grid, heading, new_figure, panel, plain_ticks
from curate.report.look import Look
from curate.report.measures import Distribution
from curate.report.numbers import number
from curate.report.spaces.evaluation import PairsPart, SpaceEvaluation
from curate.report.spaces.sheets import COLORS, DASHES

Heights = NDArray[np.float64]


def pair_panels(look: Look, spaces: Sequence[SpaceEvaluation]) -> Build:
    """Histograms of pairs of one class and of two, a space below the other."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        each = height / len(spaces)
        for place, one in enumerate(spaces):
            pairs = one.pairs
            assert pairs is not None
            axes = panel(figure, 2, height - (place + 1) * each + 34, width - 4, each - 34 - 26)
            _pair_histogram(axes, look, pairs)
            heading(axes, look, f"{one.space.name}: density of the pairs", 10)
            axes.set_xlabel("cosine similarity", labelpad=3)
        return figure

    return build


def _pair_histogram(axes: Axes, look: Look, pairs: PairsPart) -> None:
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
        _density(axes, heights, edges, look.template.color(color), dashes, wide)
        top = max(top, float(heights.max()))
    axes.set_xlim(low, high)
    axes.set_ylim(0, top * 1.3)
    axes.yaxis.set_visible(False)
    axes.tick_params(axis="x", pad=7)
    plain_ticks(axes.xaxis)
    across = axes.get_xaxis_transform()
    right = pairs.positive_mean > pairs.negative_mean
    for name, _, mean, color, dashes, _ in sides:
        one = name == "of one class"
        shade = look.template.color(color)
        axes.plot(
            [mean, mean], [-0.05, 0.0], transform=across, clip_on=False, color=shade, linewidth=2.4
        )
        side = 0.995 if one == right else 0.005
        axes.text(
            side,
            0.99,
            f"pairs {name}, mean {number(mean)}",
            transform=axes.transAxes,
            color=look.label_color(color),
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


def spectra(look: Look, spaces: Sequence[SpaceEvaluation]) -> Build:
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
                color=look.template.color(color),
                linestyle=DASHES[place % len(DASHES)],
                linewidth=1.6,
                marker="o" if len(shares) == 1 else None,
            )
            at = 0.995, 0.99 - place * 12 / (height - 58)
            corner_words(axes, look, at, one.space.name, color)
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
        grid(axes, look)
        heading(axes, look, "Share of the sum of singular values")
        axes.set_xlabel("singular value, largest first", labelpad=3)
        return figure

    return build


def far_histograms(
    look: Look,
    distances: Distribution,
    usual: Distribution,
    threshold: float,
    words: tuple[str, str],
    unit: str,
) -> Build:
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
            _density(axes, heights, edges, look.template.color(color), dashes, wide)
            top = max(top, float(heights.max()))
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(0, top * 1.45)
        axes.yaxis.set_visible(False)
        axes.tick_params(axis="x", pad=5)
        axes.set_xlabel(f"distance to the nearest ({unit})", labelpad=3)
        plain_ticks(axes.xaxis)
        heading(axes, look, "Density of the distances")
        _threshold(axes, look, threshold, right=threshold < 0.6 * edges[-1])
        means = (distances.mean, usual.mean)
        for line, (word, mean, color) in enumerate(
            zip(words, means, ("selected", "input"), strict=True)
        ):
            at = 0.995, 0.99 - line * 13 / (height - 60)
            corner_words(axes, look, at, f"{word}, mean {number(mean)}", color)
        return figure

    return build


def _threshold(axes: Axes, look: Look, threshold: float, *, right: bool) -> None:
    """A dashed line where far begins, with words at its right or left."""
    axes.plot(  # up to below the words
        [threshold, threshold],
        [0, 0.8],
        transform=axes.get_xaxis_transform(),
        color=look.template.color_warning,
        linewidth=1.0,
        linestyle=(0, (4, 2)),
    )
    axes.annotate(
        "far from here on",
        (threshold, 0.62),
        xycoords=("data", "axes fraction"),
        xytext=(4 if right else -4, 0),
        textcoords="offset points",
        color=look.label_color("warning"),
        weight="bold",
        ha="left" if right else "right",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85},
    )
