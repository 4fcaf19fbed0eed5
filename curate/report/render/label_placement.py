"""Names written beside the lines they belong to, where nothing is in the way.

For each line a few dozen places along it are tried, above, below and at both sides; the
place farthest from every other line wins. If there is none, the caller makes a key.
Cost: places × points on all lines, a few hundred thousand comparisons.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from curate.report.render import fonts

Points = NDArray[np.float64]
Box = tuple[float, float, float, float]  # left, bottom, right, top

PLACES = 48
GAPS = (4.0, 8.0, 12.0)  # points between a line and its name
NEEDED = 3.0  # points that must be free around a name
ENOUGH = 14.0  # more room than this is no better
STEP = 2.0  # points between samples of a line


@dataclass(frozen=True)
class NamedCurve:
    """A drawn line and what is to be written beside it; x, y in the data of the axes.

    color, ink  of the line, and of its name
    body        share of the line's own height below which it is too like the others to be named
    level       share of the frame's height that the line may be above or below its name
    """

    text: str
    color: str
    ink: str
    x: Points
    y: Points
    style: dict[str, Any]
    body: float = 0.0
    level: float = 1.0


def place_names(
    axes: Axes, curves: list[NamedCurve], size: float, walls: list[tuple[Points, Points]]
) -> list[Box] | None:
    """A place for each name, clear of all curves and `walls`; None if one has no room."""
    ways = [_dense(axes.transData.transform(np.column_stack([one.x, one.y]))) for one in curves]
    in_way = [_dense(axes.transData.transform(np.column_stack(wall))) for wall in walls]
    frame = axes.get_window_extent().extents
    taken: list[Box] = []
    for which, curve in enumerate(curves):
        others = [way for place, way in enumerate(ways) if place != which]
        named = _named_part(ways[which], curve.body)
        room = (fonts.measure(curve.text, size, fonts.BOLD), size)
        level = curve.level * (frame[3] - frame[1])
        box = _best_place(named, ways[which], others, in_way, taken, frame, room, level)
        if box is None:
            return None
        taken.append(box)
    return taken


def write_names(axes: Axes, curves: list[NamedCurve], boxes: list[Box]) -> None:
    """Write each name in its place."""
    for curve, box in zip(curves, boxes, strict=True):
        x, y = axes.transData.inverted().transform((box[0], box[1]))
        axes.text(x, y, curve.text, color=curve.ink, weight="bold", va="bottom", ha="left")


def _dense(way: Points) -> Points:
    """Points at most STEP apart along a polyline."""
    parts = [way[:1]]
    for start, end in pairwise(way):
        many = max(1, min(1000, int(np.ceil(np.hypot(*(end - start)) / STEP))))
        parts.append(start + (end - start) * (np.arange(1, many + 1) / many)[:, None])
    return np.concatenate(parts)


def _named_part(way: Points, body: float) -> Points:
    """The points of a line where its name may stand: above `body` of its own height."""
    heights = way[:, 1] - way[:, 1].min()
    part: Points = way[heights >= body * heights.max()]
    return part


def _best_place(
    named: Points,
    own: Points,
    others: list[Points],
    walls: list[Points],
    taken: list[Box],
    frame: Any,
    room: tuple[float, float],
    level: float,
) -> Box | None:
    """The freest box of size `room` near the `named` part of a line, None if none is free.

    Nowhere beside it may the line be farther above or below than `level`.
    """
    best: tuple[float, Box] | None = None
    nothing = own[:0]
    rivals, blocked = np.concatenate([nothing, *others]), np.concatenate([nothing, *walls])
    for x, y in named[np.linspace(0, len(named) - 1, PLACES).astype(int)]:
        for gap in GAPS:
            for box in _around(float(x), float(y), gap, *room):
                score = _score(box, own, rivals, blocked, taken, frame) - gap / 2
                if score <= NEEDED - gap / 2 or _off_level(box, own) > level:
                    continue
                if best is None or score > best[0]:
                    best = score, box
    return None if best is None else best[1]


def _around(x: float, y: float, gap: float, width: float, height: float) -> list[Box]:
    """Boxes that touch the point from the right, the left, above and below."""
    corners = [
        (x + gap, y - height / 2),
        (x - gap - width, y - height / 2),
        (x - width / 2, y + gap),
        (x - width / 2, y - gap - height),
        (x + gap / 2, y + gap / 2),
        (x - gap / 2 - width, y + gap / 2),
    ]
    return [(left, low, left + width, low + height) for left, low in corners]


def _off_level(box: Box, own: Points) -> float:
    """How far above or below `box` its line is, at the farthest; 0 where it is only beside."""
    over = own[(own[:, 0] >= box[0]) & (own[:, 0] <= box[2])]
    if not len(over):
        return 0.0
    away = np.maximum(np.maximum(box[1] - over[:, 1], over[:, 1] - box[3]), 0)
    return float(away.max())


def _score(
    box: Box, own: Points, others: Points, walls: Points, taken: list[Box], frame: Any
) -> float:
    """Free points around `box`; below zero where it leaves the frame or covers something."""
    inside = min(box[0] - frame[0], box[1] - frame[1], frame[2] - box[2], frame[3] - box[3])
    if inside < 0 or _distance(box, own) < NEEDED:
        return -1.0
    for other in taken:
        if _apart(box, other) < 3:
            return -1.0
    free = _distance(box, others)
    if free < 1.5 * _distance(box, own):
        return -1.0  # it would seem to be another line's name
    return min(ENOUGH, free, _distance(box, walls))


def _distance(box: Box, points: Points) -> float:
    """Distance of the nearest of `points` to `box`, 0 inside, inf without points."""
    if not len(points):
        return float("inf")
    dx = np.maximum(np.maximum(box[0] - points[:, 0], points[:, 0] - box[2]), 0)
    dy = np.maximum(np.maximum(box[1] - points[:, 1], points[:, 1] - box[3]), 0)
    return float(np.hypot(dx, dy).min())


def _apart(one: Box, other: Box) -> float:
    return max(one[0] - other[2], other[0] - one[2], one[1] - other[3], other[1] - one[3])
