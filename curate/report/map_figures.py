"""Maps of the space, and the drawings that explain a measure on the run's own map.

A map is a picture: no number comes from it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from curate.report import fonts
from curate.report.figures import Build, heading, new_figure
from curate.report.landmarks import Landmark, draw_landmarks
from curate.report.look import Look
from curate.report.map_ground import (
    Points,
    draw_points,
    framed,
    grey_points,
    pick_points,
    picked,
    square,
)
from curate.report.measures import Map, Maps

AWAY = (8.0, 14.0, 21.0, 29.0, 38.0)  # points from a cross to its number, nearest first
TURNS = [np.pi * eighth / 4 for eighth in (1, 7, 3, 5, 0, 2, 4, 6)]
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
        marks = axes.transData.transform(at[[position for position, _ in places]])
        labels = label_places(marks, [name for _, name in places], look.small, axes)
        for (position, name), (label, joins) in zip(places, labels, strict=True):
            nearest = maps.nearest[position]
            ends = at[[position, position if nearest is None else nearest]]
            axes.plot(ends[:, 0], ends[:, 1], color=color, linewidth=0.8)
            axes.plot(*at[position], "x", color=color, markersize=6, markeredgewidth=1.6)
            spot = at[position]
            if joins:  # a thin line from the cross to its number
                far = axes.transData.inverted().transform(label)
                axes.plot(*zip(spot, far, strict=True), color=look.template.color_text, lw=0.4)
            x, y = axes.transData.inverted().transform(label)
            axes.text(
                x,
                y,
                name,
                weight="bold",
                ha="center",
                va="center_baseline",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.75},
            )
        return figure

    return build


def label_places(
    marks: Points, names: Sequence[str], size: float, axes: Axes
) -> list[tuple[tuple[float, float], bool]]:
    """A centre for each name near its mark, clear of marks and other names where possible.

    Also whether it is so far away that a line must join them.
    """
    frame = axes.get_window_extent().extents
    taken: list[tuple[float, float, float, float]] = []
    placed = []
    for (x, y), name in zip(marks.tolist(), names, strict=True):
        half = fonts.measure(name, size, fonts.BOLD) / 2 + 0.6
        tall = 0.45 * size
        found = None
        for away in AWAY:
            for turn in TURNS:
                middle = (
                    x + (away + half - 3) * float(np.cos(turn)),
                    y + away * float(np.sin(turn)),
                )
                box = (middle[0] - half, middle[1] - tall, middle[0] + half, middle[1] + tall)
                inside = min(
                    box[0] - frame[0], box[1] - frame[1], frame[2] - box[2], frame[3] - box[3]
                )
                if inside > 1 and not _hit(box, taken, marks):
                    found = (middle, box, away > AWAY[0])
                    break
            if found:
                break
        if found is None:  # a crowd beyond help: beside the mark, on top of what is there
            found = ((x + 7, y + 5), (x, y, x, y), False)
        taken.append(found[1])
        placed.append((found[0], found[2]))
    return placed


def _hit(
    box: tuple[float, float, float, float],
    taken: Sequence[tuple[float, float, float, float]],
    marks: Points,
) -> bool:
    """Whether `box` covers another name or a mark."""
    for other in taken:
        if box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]:
            return True
    on = (marks[:, 0] > box[0] - 3) & (marks[:, 0] < box[2] + 3)
    on &= (marks[:, 1] > box[1] - 3) & (marks[:, 1] < box[3] + 3)
    return bool(on.any())


def joined(maps: Maps, lines: str) -> list[tuple[int, int]]:
    """Positions that a line joins, an even choice of them where they are many."""
    ends: list[int | None] = getattr(maps, lines)
    pairs = [(start, end) for start, end in enumerate(ends) if end is not None and end != start]
    if len(pairs) <= LINES_MOST[lines]:
        return pairs
    chosen = np.linspace(0, len(pairs) - 1, LINES_MOST[lines]).round().astype(int)
    return [pairs[place] for place in chosen]
