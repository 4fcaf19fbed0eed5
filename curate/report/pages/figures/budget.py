"""The covering radius after each number of picks: how many are enough?

The curve is the traversal's own; at its end stands what random selections of the full
size reach. Beyond a hundredfold range of n the axis is logarithmic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from curate.report.render import fonts
from curate.report.render.figures import (
    FigureBuilder,
    grid,
    heading,
    new_figure,
    number_ticks,
    panel,
)
from curate.report.render.numbers import count, number
from curate.report.render.style import SETS, PageStyle
from curate.report.words.scores import picks_text
from curate.schema.measures import BudgetCurve, PrefixMeasures, RandomBaseline, VersusRandom

LOG_FROM = 200  # picks from which the first ones would be squeezed into the axis


def budget_curve(
    style: PageStyle,
    budget: BudgetCurve,
    random: RandomBaseline | None,
    unit: str,
    marks: list[int],
) -> FigureBuilder:
    """Radius against number of picks; `marks` are positions in the curve to write out."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        longest = fonts.measure(f"random {count(budget.n[-1])},", style.small, fonts.BOLD)
        axes = panel(figure, 36, 34, width - 36 - max(66, longest + 11), height - 34 - 24)
        heading(axes, style, f"Radius: farthest an input item is from its nearest pick ({unit})")
        axes.plot(
            budget.n,
            budget.radius,
            color=style.template.color_selected,
            linewidth=SETS["selected"].width,
            drawstyle="steps-post" if len(budget.n) <= 60 else "default",
            marker="o" if len(budget.n) == 1 else "",
        )
        _scale(axes, budget)
        top = max(budget.radius[0], random.interval["max"][1] if random else 0.0)
        axes.set_ylim(0, top * 1.08 or 1.0)
        number_ticks(axes.yaxis, 5)
        grid(axes, style)
        scale = " (logarithmic axis)" if axes.get_xscale() == "log" else ""
        axes.set_xlabel(f"number of picks{scale}", labelpad=3)
        _mark(axes, style, budget, marks)
        _finish(axes, style, budget, random)
        return figure

    return build


def _scale(axes: Axes, budget: BudgetCurve) -> None:
    last = budget.n[-1]
    if last >= LOG_FROM:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(FixedLocator(_decades(last)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: count(round(value))))
        axes.set_xlim(1, last)
    else:
        axes.set_xlim(min(1, last - 0.5), max(last, 1.5))
        number_ticks(axes.xaxis, min(8, last), whole=True)


def _decades(last: int) -> list[float]:
    steps = [base * 10**power for power in range(8) for base in (1, 2, 5)]
    if last > 5000:
        steps = [10**power for power in range(8)]
    # A tick close to the end would run into the label of the end itself.
    return [float(step) for step in steps if step < last * 0.45] + [float(last)]


def _mark(axes: Axes, style: PageStyle, budget: BudgetCurve, marks: list[int]) -> None:
    """Ringed points on the curve with their numbers."""
    color = style.template.color_selected
    taken: list[tuple[float, float, float, float]] = []
    frame = axes.get_window_extent()
    for place in marks:
        x, y = budget.n[place], budget.radius[place]
        text = f"{picks_text(x)}: {number(y)}" + (" (knee)" if x == budget.knee else "")
        wide, tall = fonts.measure(text, style.small, fonts.BOLD), style.small
        at, high = (float(end) for end in axes.transData.transform((x, y)))
        # Below and left of a falling curve nothing is in the way, but an axis may be near.
        below = at - 8 - frame.x0 > wide and high - 6 - tall > frame.y0 + 2
        left, low = (at - 5 - wide, high - 6 - tall) if below else (at + 4, high + 7)
        box = (left - 3, low - 2, left + wide + 3, low + tall + 2)
        if any(_overlap(box, other) for other in taken) or box[2] > frame.x1 + 40:
            continue
        taken.append(box)
        axes.plot([x], [y], "o", color=color, markeredgecolor="white", markersize=6, clip_on=False)
        axes.annotate(
            text,
            (x, y),
            xytext=(-5, -6) if below else (4, 7),
            ha="right" if below else "left",
            va="top" if below else "bottom",
            textcoords="offset points",
            color=color,
            weight="bold",
            annotation_clip=False,
        )


def _overlap(
    box: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


def _finish(
    axes: Axes, style: PageStyle, budget: BudgetCurve, random: RandomBaseline | None
) -> None:
    """At the right end: the final radius, and the interval of the random draws."""
    x, y = budget.n[-1], budget.radius[-1]
    if random is None:
        above_axis = 12 / max(axes.get_window_extent().height, 1) * axes.get_ylim()[1]
        at = (x, max(y, above_axis))
        _beside(axes, at, f"all {count(x)}:\n{number(y)}", style.template.color_selected)
        return
    low, high = random.interval["max"]
    color = style.template.color_random
    axes.plot([x, x], [low, high], color=color, linewidth=5, solid_capstyle="butt", clip_on=False)
    axes.plot(
        [x], [random.max], "D", color=color, markeredgecolor="white", markersize=8, clip_on=False
    )
    apart = (
        (24 if random.exact else 32) / max(axes.get_window_extent().height, 1) * axes.get_ylim()[1]
    )
    middle = (random.max + y) / 2
    upper, lower = max(random.max, y), min(random.max, y)
    if upper - lower < apart:
        upper, lower = middle + apart / 2, middle - apart / 2
    lower = max(lower, apart / 2)
    upper = max(upper, lower + apart)
    ours, theirs = (lower, upper) if y <= random.max else (upper, lower)
    _beside(axes, (x, ours), f"all {count(x)}:\n{number(y)}", style.template.color_selected)
    # Of a sample of queries the largest distance is not that of all: the name says so.
    how = "" if random.exact else ",\nsampled"
    name = f"random {count(x)}{how}:\n{number(random.max)}"
    _beside(axes, (x, theirs), name, style.label_color("random"))


def _beside(axes: Axes, at: tuple[float, float], text: str, color: str) -> None:
    axes.annotate(
        text,
        at,
        xytext=(9, 0),
        textcoords="offset points",
        color=color,
        weight="bold",
        va="center",
        annotation_clip=False,
    )


def marks_of(budget: BudgetCurve) -> list[int]:
    """Positions of the knee, and of a tenth, a quarter and half, where there is room for them."""
    last = budget.n[-1]
    wanted = [round(last * share) for share in (0.1, 0.25, 0.5)]
    places = [] if budget.knee is None else [budget.n.index(budget.knee)]
    places += [int(np.searchsorted(budget.n, max(n, 1))) for n in wanted if n >= 2]
    near = 0.06 * last  # labels nearer to the knee's would stand in its way
    apart = [
        place
        for place in places
        if budget.knee in (None, budget.n[place]) or abs(budget.n[place] - budget.knee) > near
    ]
    return [place for place in dict.fromkeys(apart) if budget.n[place] < last]


# --------------------------------------------------------------------------------------
# Coverage and diversity against the number of picks, each beside the band of random draws.


Get = Callable[[PrefixMeasures], VersusRandom | None]
PANELS: tuple[tuple[str, Get], ...] = (
    ("95% of the input lies within", lambda prefix: prefix.coverage_q95),
    ("Mean diversity of the picks", lambda prefix: prefix.diversity_mean),
)


def prefix_curves(
    style: PageStyle,
    prefixes: Sequence[PrefixMeasures],
    unit: str,
    knee: int | None,
    *,
    random: bool,
) -> FigureBuilder:
    """Two panels over a logarithmic axis; a dotted line marks the knee."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        each = (width - 44) / 2
        for place, (title, get) in enumerate(PANELS):
            left = place * (each + 44)
            axes = panel(figure, left + 26, 32, each - 42, height - 32 - 20)
            heading(axes, style, f"{title} ({unit})" if not place else title)
            _curve(axes, style, prefixes, get, random=random)
            if knee is not None:
                axes.axvline(knee, color=style.template.color_quiet, linewidth=0.8, linestyle=":")
            _axes(axes, style, prefixes[-1].n)
        return figure

    return build


def _curve(
    axes: Axes, style: PageStyle, prefixes: Sequence[PrefixMeasures], get: Get, *, random: bool
) -> None:
    known = [(prefix.n, value) for prefix in prefixes if (value := get(prefix)) is not None]
    n = [place for place, _ in known]
    if random:
        color = style.template.color_random
        low, high = zip(*(value.interval for _, value in known), strict=True)
        axes.fill_between(n, low, high, color=color, alpha=0.35, linewidth=0)
        means = [value.random for _, value in known]
        axes.plot(n, means, color=color, linewidth=1.2, linestyle=SETS["random"].dashes)
    own = [value.selected for _, value in known]
    color = style.template.color_selected
    axes.plot(n, own, color=color, linewidth=SETS["selected"].width, marker="o", markersize=3.5)
    axes.set_ylim(
        0, 1.12 * max([*own, *(value.interval[1] for _, value in known if random)]) or 1.0
    )


def _axes(axes: Axes, style: PageStyle, last: int) -> None:
    axes.set_xscale("log")
    steps = [base * 10**power for power in range(8) for base in (1, 3)]
    if last > 1_000:
        steps = [10**power for power in range(8)]
    ticks = [float(step) for step in steps if step < last * 0.6]
    axes.xaxis.set_major_locator(FixedLocator([*ticks, float(last)]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: count(round(value))))
    axes.set_xlim(1 if last > 1 else 0.5, max(last, 1.5) * 1.03)
    number_ticks(axes.yaxis, 4)
    grid(axes, style)
    axes.set_xlabel("number of picks (logarithmic axis)", labelpad=3)
