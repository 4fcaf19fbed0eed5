"""A few picks at the sides of a map, with a picture or a word, so that the map means something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import IdentityTransform

from curate.report import literal
from curate.report.look import Look
from curate.report.map_ground import Points
from curate.report.vector import Picture

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
    figure: Figure, look: Look, axes: Axes, at: Points, landmarks: Sequence[Landmark]
) -> None:
    """Half of the landmarks in each side column, joined to their points by thin lines."""
    by_x = sorted(landmarks, key=lambda one: (at[one.position, 0], one.position))
    middle = (len(by_x) + 1) // 2
    box = axes.get_window_extent()
    total = float(figure.get_size_inches()[0] * 72)
    columns = ((by_x[:middle], 0.0, box.x0), (by_x[middle:], box.x1, total))
    for members, start, end in columns:
        by_y = sorted(members, key=lambda one: (-at[one.position, 1], one.position))
        slot = box.height / max(len(by_y), 3)
        for place, one in enumerate(by_y):
            top = box.y1 - place * slot
            on_left = start == 0.0
            area = (start if on_left else start + 12, end - 12 if on_left else end)
            _landmark(figure, look, one, area, (top - slot, top), on_left)
            _leader(figure, look, axes, at[one.position], area[int(on_left)], top - slot / 2)


def _leader(figure: Figure, look: Look, axes: Axes, point: Points, x: float, y: float) -> None:
    end = axes.transData.transform(point)
    figure.add_artist(
        Line2D(
            [x, float(end[0])],
            [y, float(end[1])],
            transform=IdentityTransform(),
            color=look.template.color_text,
            linewidth=0.4,
        )
    )


def _landmark(
    figure: Figure,
    look: Look,
    one: Landmark,
    across: tuple[float, float],
    up: tuple[float, float],
    on_left: bool,
) -> None:
    """Picture or words in a slot, against its inner edge."""
    size = look.small
    width, height = across[1] - across[0] - 3, up[1] - up[0]
    middle = (up[0] + up[1]) / 2
    inner = across[1] - 3 if on_left else across[0] + 3
    if one.jpeg is not None:
        side = min(width, height - 8, 64.0)
        left = inner - side if on_left else inner
        figure.add_artist(Picture(one.jpeg, (left, middle - side / 2, side, side)))
        return
    room = max(1, min(4, int((height - 4) / (1.25 * size))))
    for row, line in enumerate(broken := literal.lines(one.words, width, size, room)):
        y = middle + (len(broken) / 2 - row - 0.8) * 1.25 * size
        figure.text(
            inner,
            y,
            line,
            transform=IdentityTransform(),
            ha="right" if on_left else "left",
            va="baseline",
        )
