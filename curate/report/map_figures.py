"""Maps of the space, and the drawings that explain a measure on the run's own map.

A map is a picture: no number comes from it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from curate.report.figures import Build, heading, new_figure
from curate.report.landmarks import Landmark, draw_landmarks
from curate.report.look import Look
from curate.report.map_ground import draw_points, framed, grey_points, pick_points, picked, square
from curate.report.measures import Map, Maps

LINES_MOST = {"neighbour": 60, "nearest": 300}


def map_panels(
    look: Look, maps: Maps, titles: Sequence[tuple[Map, str]], landmarks: Sequence[Landmark]
) -> Build:
    """One map below the other, each with its title, and the landmarks at both sides."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        each = height / len(titles)
        side = min(each - 26, width - 2 * 84)
        for place, (one, title) in enumerate(titles):
            bottom = height - (place + 1) * each + 4
            axes = square(figure, look, one, ((width - side) / 2, bottom, side))
            heading(axes, look, title, 6)
            at = framed(one)[0]
            draw_points(axes, look, maps, at)
            draw_landmarks(figure, look, axes, at, landmarks)
        return figure

    return build


def explanation(look: Look, maps: Maps, one: Map, lines: str) -> Build:
    """A map with lines along `lines`: 'neighbour' of each pick, or 'nearest' of each input."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        side = min(width, height)
        axes = square(figure, look, one, (0, height - side, side))
        at = framed(one)[0]
        ends = joined(maps, lines)
        picks = picked(maps)
        segments = [(at[start], at[end]) for start, end in ends]
        color = "selected" if lines == "neighbour" else "text"
        axes.add_collection(
            LineCollection(segments, colors=look.template.color(color), linewidths=0.7, alpha=0.8),
            autolim=False,
        )
        starts = [start for start, _ in ends] if lines == "nearest" else range(len(at))
        loose = np.setdiff1d(np.array(list(starts), dtype=int), picks)
        grey_points(axes, look, at[loose], 2.4 if lines == "nearest" else 1.6)
        pick_points(axes, look, at[picks])
        return figure

    return build


def worst_places(look: Look, maps: Maps, one: Map, places: Sequence[tuple[int, str]]) -> Build:
    """A map with numbered crosses at `places`, each joined to its nearest pick."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        side = min(width, height)
        axes = square(figure, look, one, (0, height - side, side))
        at = framed(one)[0]
        draw_points(axes, look, maps, at)
        color = look.template.color_warning
        for position, name in places:
            nearest = maps.nearest[position]
            ends = at[[position, position if nearest is None else nearest]]
            axes.plot(ends[:, 0], ends[:, 1], color=color, linewidth=0.8)
            axes.plot(*at[position], "x", color=color, markersize=6, markeredgewidth=1.6)
            axes.annotate(
                name, at[position], xytext=(4, 3), textcoords="offset points", weight="bold"
            )
        return figure

    return build


def joined(maps: Maps, lines: str) -> list[tuple[int, int]]:
    """Positions that a line joins, an even choice of them where they are many."""
    ends: list[int | None] = getattr(maps, lines)
    pairs = [(start, end) for start, end in enumerate(ends) if end is not None and end != start]
    if len(pairs) <= LINES_MOST[lines]:
        return pairs
    chosen = np.linspace(0, len(pairs) - 1, LINES_MOST[lines]).round().astype(int)
    return [pairs[place] for place in chosen]
