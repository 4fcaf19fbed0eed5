"""What every picture of the space stands on: its frame, the input beneath, the picks on top.

Both axes have the same scale and no unit. The input is fine grey points, or a density
image where they are too many; picks are ringed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from curate.report.figures import panel
from curate.report.look import Look
from curate.report.measures import Map, Maps

Points = NDArray[np.float64]

POINTS_MOST = 8_000  # drawn one by one; more become a density image
DENSITY_BINS = 240
MUCH_SMALLER = 1.3
SIZES = ((2000, 2.2), (10**9, 1.4))  # up to so many input points, points wide
PICK_SIZES = ((60, 6.5), (200, 5.0), (600, 4.0), (10**9, 3.0))


def coordinates(one: Map) -> Points:
    """(m, 2) of a map."""
    return np.column_stack([one.x, one.y]).astype(np.float64)


def framed(one: Map) -> tuple[Points, Points, float, int]:
    """Points, middle and half side of a map's frame, and how many points lie beyond it.

    A point far from all others would shrink them to a spot: where a frame around 94% of
    the points is much smaller, it is used, and points beyond it are moved to its edge.
    """
    at = coordinates(one)
    middle, reach = _around(at.min(axis=0), at.max(axis=0), 1.06)
    low, high = np.quantile(at, [0.03, 0.97], axis=0)
    close, near = _around(low, high, 1.4)
    if near * MUCH_SMALLER >= reach or near <= 0:
        return at, middle, reach or 1.0, 0
    beyond = (np.abs(at - close) > near).any(axis=1)
    return np.clip(at, close - 0.985 * near, close + 0.985 * near), close, near, int(beyond.sum())


def _around(low: Points, high: Points, room: float) -> tuple[Points, float]:
    return (low + high) / 2, float((high - low).max()) / 2 * room


def square(figure: Figure, look: Look, one: Map, place: tuple[float, float, float]) -> Axes:
    """Axes of equal scale, just large enough for all points."""
    left, bottom, side = place
    axes = panel(figure, left, bottom, side, side)
    _, middle, reach, _ = framed(one)
    axes.set_xlim(middle[0] - reach, middle[0] + reach)
    axes.set_ylim(middle[1] - reach, middle[1] + reach)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(look.template.color_rule)
    return axes


def picked(maps: Maps) -> NDArray[np.int64]:
    """Positions of the picks, the first pick last, so that it lies on top."""
    ranked = [(rank, place) for place, rank in enumerate(maps.rank) if rank is not None]
    return np.array([place for _, place in sorted(ranked, reverse=True)], dtype=np.int64)


def draw_points(axes: Axes, look: Look, maps: Maps, at: Points) -> None:
    picks = picked(maps)
    others = np.setdiff1d(np.arange(len(at)), picks)
    if len(others) > POINTS_MOST:
        _density(axes, look, at)
    else:
        grey_points(axes, look, at[others], _size(len(others), SIZES))
    pick_points(axes, look, at[picks])


def grey_points(axes: Axes, look: Look, at: Points, size: float) -> None:
    axes.plot(
        at[:, 0],
        at[:, 1],
        "o",
        color=look.template.color_input,
        markersize=size,
        markeredgewidth=0,
        alpha=0.7,
    )


def pick_points(axes: Axes, look: Look, at: Points) -> None:
    size = _size(len(at), PICK_SIZES)
    axes.plot(
        at[:, 0],
        at[:, 1],
        "o",
        color=look.template.color_selected,
        markersize=size,
        markeredgecolor="white",
        markeredgewidth=0.12 * size,
    )


def _size(many: int, sizes: Sequence[tuple[int, float]]) -> float:
    return next(size for most, size in sizes if many <= most)


def _density(axes: Axes, look: Look, at: Points) -> None:
    """An image of how many points fall where, on a logarithmic scale."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    counts, _, _ = np.histogram2d(
        at[:, 0], at[:, 1], bins=DENSITY_BINS, range=[[left, right], [low, high]]
    )
    shades = LinearSegmentedColormap.from_list("input", ["#FFFFFF", look.template.color_input])
    axes.imshow(
        np.log1p(counts.T),
        extent=(left, right, low, high),
        origin="lower",
        cmap=shades,
        interpolation="nearest",
    )
