"""Place the name of each line beside the line, where nothing overlaps it.

For each line, positions at a few dozen points along it are tried: above, below and at both
sides. The position farthest from all other lines wins. If one name has no free position, the
caller draws a legend instead. Cost: positions × points on all lines, a few hundred thousand
comparisons.
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
    """A drawn line and the name to write beside it.

    x, y        its points, in data coordinates of the axes

    color, ink  colour of the line, and of its name
    style       line style, as keyword arguments of matplotlib
    body        share of the line's own height; below it the line is too close to the others
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
    """A box for each name that overlaps no curve and no wall; None if one name has no room.

    size   of the font, in points
    walls  other lines that no name may cross, (x, y) in data coordinates
    """
    ways = [
        _dense(axes.transData.transform(np.column_stack([curve.x, curve.y]))) for curve in curves
    ]
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
    """Write each name in its box."""
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
    """The points of a line where its name may be: above `body` of its own height."""
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
    """The box of size `room` near the `named` part of a line with the most free space around it.

    Boxes are skipped if the line is more than `level` above or below them. None if no box is
    free.
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
    """Boxes next to the point: right, left, above, below, and above at both sides."""
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
    """Largest distance of the line above or below `box`; 0 if the line is only beside it."""
    over = own[(own[:, 0] >= box[0]) & (own[:, 0] <= box[2])]
    if not len(over):
        return 0.0
    away = np.maximum(np.maximum(box[1] - over[:, 1], over[:, 1] - box[3]), 0)
    return float(away.max())


def _score(
    box: Box, own: Points, others: Points, walls: Points, taken: list[Box], frame: Any
) -> float:
    """Free space around `box` in points; negative if it leaves the frame or covers something."""
    inside = min(box[0] - frame[0], box[1] - frame[1], frame[2] - box[2], frame[3] - box[3])
    if inside < 0 or _distance(box, own) < NEEDED:
        return -1.0
    for other in taken:
        if _apart(box, other) < 3:
            return -1.0
    free = _distance(box, others)
    if free < 1.5 * _distance(box, own):
        return -1.0  # it would look like the name of another line
    return min(ENOUGH, free, _distance(box, walls))


def _distance(box: Box, points: Points) -> float:
    """Distance from `box` to the nearest of `points`; 0 inside, inf without points."""
    if not len(points):
        return float("inf")
    dx = np.maximum(np.maximum(box[0] - points[:, 0], points[:, 0] - box[2]), 0)
    dy = np.maximum(np.maximum(box[1] - points[:, 1], points[:, 1] - box[3]), 0)
    return float(np.hypot(dx, dy).min())


def _apart(box: Box, other: Box) -> float:
    """Gap between two boxes; negative if they overlap."""
    return max(box[0] - other[2], other[0] - box[2], box[1] - other[3], other[1] - box[3])
