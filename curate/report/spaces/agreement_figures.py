"""Figures of a comparison: common neighbours, both maps, and every two spaces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from curate.report import fonts
from curate.report.figures import (
    Build,
    corner_words,
    heading,
    new_figure,
    panel,
    percent_ticks,
    plain_ticks,
)
from curate.report.literal import fit, visible
from curate.report.look import Look
from curate.report.map_ground import framed, square
from curate.report.measures import Map
from curate.report.numbers import number
from curate.report.spaces.comparison import AgreementPart
from curate.report.spaces.parts import SpaceMap


def agreement_bars(look: Look, found: Sequence[AgreementPart]) -> Build:
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
            blue, orange = look.template.color_selected, look.template.color_random
            axes.stairs(shares, edges, fill=True, color=blue, alpha=0.3, linewidth=0)
            axes.stairs(shares, edges, color=blue, linewidth=1.6)
            axes.stairs(chance, edges, color=orange, linestyle=(0, (5, 2)), linewidth=1.2)
            axes.set_xlim(-0.5, one.k + 0.5)
            axes.set_ylim(0, max(float(shares.max()), 0.05) * 1.7)
            axes.tick_params(axis="x", pad=4)
            plain_ticks(axes.xaxis, 5, whole=True)
            percent_ticks(axes.yaxis, 4)
            heading(axes, look, f"Share of items, k = {one.k}", 10)
            axes.set_xlabel("common neighbours", labelpad=3)
            for line, (words, color) in enumerate(
                (
                    (f"mean {number(one.overlap * one.k)}", "selected"),
                    (f"chance {number(one.chance * one.k)}", "random"),
                )
            ):
                at = 0.99, 0.98 - line * 12 / (height - 74)
                corner_words(axes, look, at, words, color)
        return figure

    return build


def agreement_maps(look: Look, maps: Sequence[SpaceMap], common: Sequence[int], k: int) -> Build:
    """Both spaces side by side, each item as dark as its neighbourhoods agree."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        side = min((width - 16) / 2, height - 62)
        shades = LinearSegmentedColormap.from_list(
            "agreement", ["#E6C9B5", look.template.color_union, look.template.color_selected]
        )
        shared = np.asarray(common)
        for place, one in enumerate(maps):
            drawn = Map(x=one.x, y=one.y, note=one.note, explained=None)
            left = place * (width - side)
            axes = square(figure, look, drawn, (left, height - side - 20, side))
            at = framed(drawn)[0]
            size = 3.0 if len(at) < 800 else 2.1
            for many in np.unique(shared):  # those that agree most come last and lie on top
                some = at[shared == many]
                axes.plot(*some.T, "o", color=shades(many / k), markersize=size, markeredgewidth=0)
            heading(axes, look, fit(one.space, 0.9 * side, look.small), 6)
        bar = panel(figure, 0, 20, min(160.0, width / 3), 8)
        bar.imshow(np.linspace(0, 1, 64)[None, :], cmap=shades, aspect="auto", extent=(0, k, 0, 1))
        bar.set_yticks([])
        plain_ticks(bar.xaxis, 5, whole=True)
        figure.text(
            (min(160.0, width / 3) + 10) / width,
            21 / height,
            f"common neighbours of {k}",
            color=look.template.color_quiet,
        )
        return figure

    return build


def matrix_figure(
    look: Look, names: Sequence[str], cells: Sequence[Sequence[float | None]], title: str
) -> Build:
    """A square of numbers, shaded by value."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        side = min(width - 130, height - 44)
        axes = panel(figure, 120, height - side - 24, side, side)
        shades = LinearSegmentedColormap.from_list(
            "cells", ["#FFFFFF", look.template.color_selected]
        )
        axes.set_xlim(-0.5, len(names) - 0.5)
        axes.set_ylim(len(names) - 0.5, -0.5)
        for row, line in enumerate(cells):
            for column, one in enumerate(line):
                shade = shades(0.7 * min(max(one or 0.0, 0.0), 1.0))
                axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, color=shade, linewidth=0))
                axes.text(column, row, number(one), ha="center", va="center")
        widest = max(fonts.measure(visible(name), look.small) for name in names)
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
        heading(axes, look, title)
        return figure

    return build
