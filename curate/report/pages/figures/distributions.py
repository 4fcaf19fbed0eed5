"""Histograms of distances, and beside them the cumulative curves where tails are read.

All sets share bins and axes. Histograms are densities, because sets differ in size; the
random draws are a band. The curves come from the bins, the bars on the random curve from
the quantiles of the draws. Nothing is computed here that report.json does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter
from matplotlib.transforms import IdentityTransform

from curate.report.render import fonts
from curate.report.render.figures import (
    FigureBuilder,
    grid,
    heading,
    new_figure,
    number_ticks,
    panel,
)
from curate.report.render.label_placement import NamedCurve, Points, place_names, write_names
from curate.report.render.numbers import number
from curate.report.render.style import SETS, PageStyle
from curate.schema.measures import Distribution, RandomBaseline, SetMeasures

Sets = Mapping[str, Distribution]

KEY_LINE, KEY_GAP, KEY_LEADING = 27.0, 18.0, 12.0
UNDER = ("input", "random")
LEVEL = 0.45  # of the height that a rising line may be away above or below its name
BODY = 0.2  # a name stands where its line is a fifth of its height or more


def present(measure: SetMeasures, *, alone: bool = False) -> dict[str, Distribution]:
    """The sets that `measure` has, in drawing order: the selection last, on top.

    Where the selection stands `alone`, input and draws would be drawn exactly under it.
    """
    present_sets = {name: getattr(measure, name) for name in SETS if not alone or name not in UNDER}
    return {
        name: distribution
        for name, distribution in present_sets.items()
        if distribution is not None
    }


def distributions(
    style: PageStyle,
    sets: Sets,
    unit: str,
    low_is: str,
    *,
    title: str = "Density of the distances",
    again: str = "the same distance",
) -> FigureBuilder:
    """A figure of the histograms and the cumulative curves of `sets`.

    `unit` labels the axis of the histograms and `again` that of the curves; `title` says what is
    drawn, `low_is` what the cumulative curve counts.
    """

    def build(width: float, height: float) -> Figure:
        figure, panels = _draw(style, sets, width, height, 0)
        places = [place_names(axes, curves, style.small, walls) for axes, curves, walls in panels]
        if any(boxes is None for boxes in places):
            key = _key_places(panels[0][1], width, style.small)
            figure, panels = _draw(style, sets, width, height, key[-1][1] + 1)
            _key(figure, panels[0][1], key, height)
        else:
            for (axes, curves, _), boxes in zip(panels, places, strict=True):
                write_names(axes, curves, boxes or [])
        for (axes, _, _), head, label in zip(panels, (title, low_is), (unit, again), strict=True):
            heading(axes, style, head)
            axes.set_xlabel(label, labelpad=3)
        return figure

    return build


Panel = tuple[Axes, list[NamedCurve], list[tuple[Points, Points]]]


def _draw(
    style: PageStyle, sets: Sets, width: float, height: float, key_lines: int
) -> tuple[Figure, list[Panel]]:
    """Both panels without names, below room for a key of so many lines."""
    figure = new_figure(width, height)
    left, between = 30.0, 44.0
    wide = (width - left - between - 4) * 0.57
    tall = height - 34 - 20 - key_lines * KEY_LEADING
    densities = panel(figure, 2, 34, wide + left - 2, tall)
    curves = panel(figure, left + wide + between, 34, width - left - wide - between - 9, tall)
    named = _densities(densities, style, sets)
    cumulative = _cumulative(curves, style, sets)
    return figure, [
        (densities, named, _band_tops(sets)),
        (curves, cumulative, _quantile_bars(curves, style, sets)),
    ]


def _key_places(curves: list[NamedCurve], width: float, size: float) -> list[tuple[float, int]]:
    """Where each name of a key begins, and on which line."""
    places = []
    x, line = 0.0, 0
    for curve in curves:
        wide = KEY_LINE + fonts.measure(curve.text, size, fonts.BOLD)
        if x > 0 and x + wide > width:
            x, line = 0.0, line + 1
        places.append((x, line))
        x += wide + KEY_GAP
    return places


def _key(
    figure: Figure, curves: list[NamedCurve], places: list[tuple[float, int]], height: float
) -> None:
    """What each line is, above both panels."""
    here = IdentityTransform()
    for curve, (x, row) in zip(curves, places, strict=True):
        y = height - 8 - row * KEY_LEADING
        ends = ([x, x + KEY_LINE - 5], [y + 3, y + 3])
        figure.add_artist(Line2D(*ends, color=curve.color, transform=here, **curve.style))
        figure.text(x + KEY_LINE, y, curve.text, color=curve.ink, weight="bold", transform=here)


def _densities(axes: Axes, style: PageStyle, sets: Sets) -> list[NamedCurve]:
    named = []
    for name, distribution in sets.items():
        edges, heights = _density(distribution)
        color, dress = style.template.color(name), SETS[name]
        if isinstance(distribution, RandomBaseline):
            _random_band(axes, distribution, color)
        if dress.fill:
            axes.stairs(heights, edges, fill=True, color=color, alpha=dress.fill, linewidth=0)
        line: dict[str, Any] = {"linestyle": dress.dashes, "linewidth": dress.width}
        x, y = _steps(edges, heights)
        axes.plot(x, y, color=color, solid_joinstyle="miter", **line)
        text = f"{dress.name}, mean {number(distribution.mean)}"
        named.append(NamedCurve(text, color, style.label_color(name), x, y, line, BODY))
    _frame(axes, sets)
    axes.set_ylim(0, max(float(curve.y.max()) for curve in named) * 1.16 or 1.0)
    axes.yaxis.set_visible(False)
    _mark_means(axes, style, sets)
    return named


def _band_tops(sets: Sets) -> list[tuple[Points, Points]]:
    """Upper edges of the random bands, for names to keep clear of."""
    tops = []
    for distribution in sets.values():
        if isinstance(distribution, RandomBaseline):
            edges, scale = _density_scale(distribution)
            tops.append(_steps(edges, np.asarray(distribution.band[1]) * scale))
    return tops


def _random_band(axes: Axes, distribution: RandomBaseline, color: str) -> None:
    edges, scale = _density_scale(distribution)
    low, high = (np.asarray(side) * scale for side in distribution.band)
    axes.stairs(high, edges, baseline=low, fill=True, color=color, alpha=0.3, linewidth=0)


def _density(distribution: Distribution) -> tuple[Points, Points]:
    edges, scale = _density_scale(distribution)
    return edges, np.asarray(distribution.histogram.counts) * scale


def _density_scale(distribution: Distribution) -> tuple[Points, Points]:
    """Bin limits, and what turns counts into shares per unit of distance."""
    edges = np.asarray(distribution.histogram.edges, dtype=np.float64)
    total = max(sum(distribution.histogram.counts), 1.0)
    return edges, 1.0 / (total * np.maximum(np.diff(edges), np.finfo(float).tiny))


def _steps(edges: Points, heights: Points) -> tuple[Points, Points]:
    """The outline of a histogram from axis to axis, where it is not empty."""
    filled = np.flatnonzero(heights > 0)
    first, last = (int(filled[0]), int(filled[-1]) + 1) if len(filled) else (0, len(heights))
    x = np.repeat(edges[first : last + 1], 2)
    y = np.concatenate([[0.0], np.repeat(heights[first:last], 2), [0.0]])
    return x, y


def _cumulative(axes: Axes, style: PageStyle, sets: Sets) -> list[NamedCurve]:
    named = []
    for name, distribution in sets.items():
        color, dress = style.template.color(name), SETS[name]
        edges = np.asarray(distribution.histogram.edges)
        share = np.concatenate([[0.0], np.cumsum(distribution.histogram.counts)])
        share = share / max(share[-1], 1.0)
        # A curve says nothing before its first item and after its last.
        shown = slice(max(int((share <= 0).sum()) - 1, 0), int((share < 1).sum()) + 1)
        line: dict[str, Any] = {"linestyle": dress.dashes, "linewidth": dress.width}
        axes.plot(edges[shown], share[shown], color=color, **line)
        ink = style.label_color(name)
        named.append(
            NamedCurve(dress.name, color, ink, edges[shown], share[shown], line, BODY, LEVEL)
        )
    _frame(axes, sets)
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f}%"))
    grid(axes, style)
    return named


def _quantile_bars(axes: Axes, style: PageStyle, sets: Sets) -> list[tuple[Points, Points]]:
    """Bars where the draws are known: at the quantiles. Between them a band would be a guess."""
    bars = []
    for name, distribution in sets.items():
        if not isinstance(distribution, RandomBaseline):
            continue
        for q in distribution.quantiles:
            ends, level = np.asarray(distribution.interval[f"q{q}"]), np.full(2, int(q) / 100)
            bars.append((ends, level))
            color = style.template.color(name)
            axes.plot(
                ends, level, color=color, alpha=0.45, linewidth=4, solid_capstyle="butt", zorder=1
            )
    return bars


def _frame(axes: Axes, sets: Sets) -> None:
    edges = next(iter(sets.values())).histogram.edges
    axes.set_xlim(edges[0], edges[-1] if edges[-1] > edges[0] else edges[0] + 1)
    axes.tick_params(axis="x", pad=7)
    number_ticks(axes.xaxis)


def _mark_means(axes: Axes, style: PageStyle, sets: Sets) -> None:
    """A short stroke under the axis at each mean."""
    across: Any = axes.get_xaxis_transform()
    points = 6 / max(axes.get_window_extent().height, 1.0)
    for name, distribution in sets.items():
        color = style.template.color(name)
        axes.plot(
            [distribution.mean, distribution.mean],
            [-points, 0],
            transform=across,
            clip_on=False,
            color=color,
            linewidth=2.4,
            solid_capstyle="butt",
        )
