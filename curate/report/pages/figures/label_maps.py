"""Small maps side by side, one a label: where its items lie, and which of them are picks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from curate.report.pages.figures.maps import framed, grey_points, picked, square
from curate.report.render import fonts
from curate.report.render.figures import FigureBuilder, new_figure
from curate.report.render.numbers import count
from curate.report.render.printable_text import shortened
from curate.report.render.style import PageStyle
from curate.schema.measures import Map, Maps

COLUMNS = 5
HEAD = 28.0
GAP = 10.0


def label_maps(style: PageStyle, maps: Maps, one: Map, names: Sequence[str]) -> FigureBuilder:
    """A map for each of `names`, all in the same frame."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        side = panel_side(width)
        at = framed(one)[0]
        label = np.array([name if name is not None else "" for name in maps.label], dtype=object)
        picks = picked(maps)
        for place, name in enumerate(names):
            row, column = divmod(place, COLUMNS)
            left = column * (side + GAP)
            bottom = height - (row + 1) * (side + HEAD)
            axes = square(figure, style, one, (left, bottom, side))
            own = np.flatnonzero(label == name)
            chosen = picks[np.isin(picks, own)]
            grey_points(axes, style, at[:: max(1, len(at) // 1_500)], 1.0)
            axes.plot(
                *at[own].T, "o", color=style.template.color_text, markersize=1.8, markeredgewidth=0
            )
            axes.plot(
                *at[chosen].T,
                "o",
                color=style.template.color_selected,
                markersize=4.2,
                markeredgecolor="white",
                markeredgewidth=0.5,
            )
            told = f"{count(len(chosen))} of {count(len(own))}"
            axes.annotate(
                shortened(name, side, style.small, fonts.BOLD),
                (0, 1),
                xytext=(0, 12),
                xycoords="axes fraction",
                textcoords="offset points",
                weight="bold",
                annotation_clip=False,
            )
            axes.annotate(
                told,
                (0, 1),
                xytext=(0, 3),
                xycoords="axes fraction",
                textcoords="offset points",
                color=style.template.color_quiet,
                annotation_clip=False,
            )
        return figure

    return build


def panel_side(width: float) -> float:
    """Side of one map."""
    return (width - (COLUMNS - 1) * GAP) / COLUMNS


def maps_height(width: float, many: int) -> float:
    """Height of so many maps."""
    return float(-(-many // COLUMNS) * (panel_side(width) + HEAD + 2))
