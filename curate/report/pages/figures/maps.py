"""Maps of the space, and the drawings that explain a measure on the run's own map.

A map is a picture: no number comes from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import IdentityTransform
from numpy.typing import NDArray

from curate.report.render import fonts, printable_text
from curate.report.render.figures import FigureBuilder, heading, new_figure, panel
from curate.report.render.style import PageStyle
from curate.report.render.vector_graphics import JpegArtist
from curate.schema.measures import Map, Maps

# --------------------------------------------------------------------------------------
# What every picture of the space stands on: its frame, the input beneath, the picks on top.
#
# Both axes have the same scale and no unit. The input is fine grey points, or a density
# image where they are too many; picks are ringed.


Points = NDArray[np.float64]

POINTS_MOST = 8_000  # drawn one by one; more become a density image
DENSITY_BINS = 240
MUCH_SMALLER = 1.3
SIZES = ((2000, 2.2), (10**9, 1.4))  # up to so many input points, points wide
PICK_SIZES = ((60, 6.5), (200, 5.0), (600, 4.0), (10**9, 3.0))


def coordinates(map_: Map) -> Points:
    """(m, 2) of a map."""
    return np.column_stack([map_.x, map_.y]).astype(np.float64)


def framed(map_: Map) -> tuple[Points, Points, float, int]:
    """Points, middle and half side of a map's frame, and how many points lie beyond it.

    A point far from all others would shrink them to a spot: where a frame around 94% of
    the points is much smaller, it is used, and points beyond it are moved to its edge.
    """
    at = coordinates(map_)
    middle, reach = _around(at.min(axis=0), at.max(axis=0), 1.06)
    low, high = np.quantile(at, [0.03, 0.97], axis=0)
    close, near = _around(low, high, 1.4)
    if near * MUCH_SMALLER >= reach or near <= 0:
        return at, middle, reach or 1.0, 0
    beyond = (np.abs(at - close) > near).any(axis=1)
    return np.clip(at, close - 0.985 * near, close + 0.985 * near), close, near, int(beyond.sum())


def _around(low: Points, high: Points, room: float) -> tuple[Points, float]:
    return (low + high) / 2, float((high - low).max()) / 2 * room


def square(figure: Figure, style: PageStyle, map_: Map, place: tuple[float, float, float]) -> Axes:
    """Axes of equal scale, just large enough for all points."""
    left, bottom, side = place
    axes = panel(figure, left, bottom, side, side)
    _, middle, reach, _ = framed(map_)
    axes.set_xlim(middle[0] - reach, middle[0] + reach)
    axes.set_ylim(middle[1] - reach, middle[1] + reach)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(style.template.color_rule)
    return axes


def picked(maps: Maps) -> NDArray[np.int64]:
    """Positions of the picks, the first pick last, so that it lies on top."""
    ranked = [(rank, place) for place, rank in enumerate(maps.rank) if rank is not None]
    return np.array([place for _, place in sorted(ranked, reverse=True)], dtype=np.int64)


def draw_points(axes: Axes, style: PageStyle, maps: Maps, at: Points) -> None:
    picks = picked(maps)
    others = np.setdiff1d(np.arange(len(at)), picks)
    if len(others) > POINTS_MOST:
        _density(axes, style, at)
    else:
        grey_points(axes, style, at[others], _size(len(others), SIZES))
    pick_points(axes, style, at[picks])


def grey_points(axes: Axes, style: PageStyle, at: Points, size: float) -> None:
    axes.plot(
        at[:, 0],
        at[:, 1],
        "o",
        color=style.template.color_input,
        markersize=size,
        markeredgewidth=0,
        alpha=0.7,
    )


def pick_points(axes: Axes, style: PageStyle, at: Points) -> None:
    size = _size(len(at), PICK_SIZES)
    axes.plot(
        at[:, 0],
        at[:, 1],
        "o",
        color=style.template.color_selected,
        markersize=size,
        markeredgecolor="white",
        markeredgewidth=0.12 * size,
    )


def _size(many: int, sizes: Sequence[tuple[int, float]]) -> float:
    return next(size for most, size in sizes if many <= most)


def _density(axes: Axes, style: PageStyle, at: Points) -> None:
    """An image of how many points fall where, on a logarithmic scale."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    counts, _, _ = np.histogram2d(
        at[:, 0], at[:, 1], bins=DENSITY_BINS, range=[[left, right], [low, high]]
    )
    shades = LinearSegmentedColormap.from_list("input", ["#FFFFFF", style.template.color_input])
    axes.imshow(
        np.log1p(counts.T),
        extent=(left, right, low, high),
        origin="lower",
        cmap=shades,
        interpolation="nearest",
    )


# --------------------------------------------------------------------------------------
# A few picks at the sides of a map, with a picture or a word, so that the map means something.


MOST = 8


@dataclass(frozen=True)
class Landmark:
    """What stands for one point of the maps: a picture, or some words."""

    position: int
    words: str
    jpeg: bytes | None


def spread(at: Points, candidates: Sequence[int], many: int) -> list[int]:
    """`many` of the candidate points far from each other on the map, so that labels are too."""
    if len(candidates) <= many:
        return list(candidates)
    points = at[list(candidates)]
    chosen = [int(np.abs(points - points.mean(axis=0)).sum(axis=1).argmax())]
    nearest = np.full(len(points), np.inf)
    while len(chosen) < many:
        nearest = np.minimum(nearest, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int(nearest.argmax()))
    return [candidates[place] for place in chosen]


def draw_landmarks(
    figure: Figure, style: PageStyle, axes: Axes, at: Points, landmarks: Sequence[Landmark]
) -> None:
    """Half of the landmarks in each side column, joined to their points by thin lines."""
    by_x = sorted(landmarks, key=lambda landmark: (at[landmark.position, 0], landmark.position))
    middle = (len(by_x) + 1) // 2
    box = axes.get_window_extent()
    total = float(figure.get_size_inches()[0] * 72)
    columns = ((by_x[:middle], 0.0, box.x0), (by_x[middle:], box.x1, total))
    for members, start, end in columns:
        by_y = sorted(members, key=lambda landmark: (-at[landmark.position, 1], landmark.position))
        slot = box.height / max(len(by_y), 3)
        for place, landmark in enumerate(by_y):
            top = box.y1 - place * slot
            on_left = start == 0.0
            area = (start if on_left else start + 12, end - 12 if on_left else end)
            _landmark(figure, style, landmark, area, (top - slot, top), on_left)
            _leader(figure, style, axes, at[landmark.position], area[int(on_left)], top - slot / 2)


def _leader(
    figure: Figure, style: PageStyle, axes: Axes, point: Points, x: float, y: float
) -> None:
    end = axes.transData.transform(point)
    figure.add_artist(
        Line2D(
            [x, float(end[0])],
            [y, float(end[1])],
            transform=IdentityTransform(),
            color=style.template.color_text,
            linewidth=0.4,
        )
    )


def _landmark(
    figure: Figure,
    style: PageStyle,
    landmark: Landmark,
    across: tuple[float, float],
    up: tuple[float, float],
    on_left: bool,
) -> None:
    """Picture or words in a slot, against its inner edge."""
    size = style.small
    width, height = across[1] - across[0] - 3, up[1] - up[0]
    middle = (up[0] + up[1]) / 2
    inner = across[1] - 3 if on_left else across[0] + 3
    if landmark.jpeg is not None:
        side = min(width, height - 8, 64.0)
        left = inner - side if on_left else inner
        figure.add_artist(JpegArtist(landmark.jpeg, (left, middle - side / 2, side, side)))
        return
    room = max(1, min(4, int((height - 4) / (1.25 * size))))
    for row, line in enumerate(
        broken := printable_text.wrapped_lines(landmark.words, width, size, room)
    ):
        y = middle + (len(broken) / 2 - row - 0.8) * 1.25 * size
        figure.text(
            inner,
            y,
            line,
            transform=IdentityTransform(),
            ha="right" if on_left else "left",
            va="baseline",
        )


# --------------------------------------------------------------------------------------


AWAY = (8.0, 14.0, 21.0, 29.0, 38.0)  # points from a cross to its number, nearest first
TURNS = [np.pi * eighth / 4 for eighth in (1, 7, 3, 5, 0, 2, 4, 6)]
LINES_MOST = {"neighbour": 60, "nearest": 300}


def map_panels(
    style: PageStyle, maps: Maps, titles: Sequence[tuple[Map, str]], landmarks: Sequence[Landmark]
) -> FigureBuilder:
    """One map below the other, each with its title, and the landmarks at both sides."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        each = height / len(titles)
        side = min(each - 26, width - 2 * 84)
        for place, (map_, title) in enumerate(titles):
            bottom = height - (place + 1) * each + 4
            axes = square(figure, style, map_, ((width - side) / 2, bottom, side))
            heading(axes, style, title, 6)
            at = framed(map_)[0]
            draw_points(axes, style, maps, at)
            draw_landmarks(figure, style, axes, at, landmarks)
        return figure

    return build


def explanation(style: PageStyle, maps: Maps, map_: Map, lines: str) -> FigureBuilder:
    """A map with lines along `lines`: 'neighbour' of each pick, or 'nearest' of each input."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        side = min(width, height)
        axes = square(figure, style, map_, (0, height - side, side))
        at = framed(map_)[0]
        ends = joined(maps, lines)
        picks = picked(maps)
        segments = [(at[start], at[end]) for start, end in ends]
        color = "selected" if lines == "neighbour" else "text"
        axes.add_collection(
            LineCollection(segments, colors=style.template.color(color), linewidths=0.7, alpha=0.8),
            autolim=False,
        )
        starts = [start for start, _ in ends] if lines == "nearest" else range(len(at))
        loose = np.setdiff1d(np.array(list(starts), dtype=int), picks)
        grey_points(axes, style, at[loose], 2.4 if lines == "nearest" else 1.6)
        pick_points(axes, style, at[picks])
        return figure

    return build


def worst_places(
    style: PageStyle, maps: Maps, map_: Map, places: Sequence[tuple[int, str]]
) -> FigureBuilder:
    """A map with numbered crosses at `places`, each joined to its nearest pick."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        side = min(width, height)
        axes = square(figure, style, map_, (0, height - side, side))
        at = framed(map_)[0]
        draw_points(axes, style, maps, at)
        color = style.template.color_warning
        marks = axes.transData.transform(at[[position for position, _ in places]])
        labels = label_places(marks, [name for _, name in places], style.small, axes)
        for (position, name), (label, joins) in zip(places, labels, strict=True):
            nearest = maps.nearest[position]
            ends = at[[position, position if nearest is None else nearest]]
            axes.plot(ends[:, 0], ends[:, 1], color=color, linewidth=0.8)
            axes.plot(*at[position], "x", color=color, markersize=6, markeredgewidth=1.6)
            spot = at[position]
            if joins:  # a thin line from the cross to its number
                far = axes.transData.inverted().transform(label)
                axes.plot(*zip(spot, far, strict=True), color=style.template.color_text, lw=0.4)
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
        position = None
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
                    position = (middle, box, away > AWAY[0])
                    break
            if position:
                break
        if position is None:  # a crowd beyond help: beside the mark, on top of what is there
            position = ((x + 7, y + 5), (x, y, x, y), False)
        taken.append(position[1])
        placed.append((position[0], position[2]))
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
