"""Coverage and diversity against the number of picks, each beside the band of random draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from curate.report.figures import Build, grid, heading, new_figure, panel, plain_ticks
from curate.report.look import SETS, Look
from curate.report.numbers import count
from curate.report.worth import Prefix, Rivalled

Get = Callable[[Prefix], Rivalled | None]
PANELS: tuple[tuple[str, Get], ...] = (
    ("95% of the input lies within", lambda one: one.coverage_q95),
    ("Mean diversity of the picks", lambda one: one.diversity_mean),
)


def prefix_curves(
    look: Look, prefixes: Sequence[Prefix], unit: str, knee: int | None, *, random: bool
) -> Build:
    """Two panels over a logarithmic axis; a dotted line marks the knee."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        each = (width - 44) / 2
        for place, (title, get) in enumerate(PANELS):
            left = place * (each + 44)
            axes = panel(figure, left + 26, 32, each - 42, height - 32 - 20)
            heading(axes, look, f"{title} ({unit})" if not place else title)
            _curve(axes, look, prefixes, get, random=random)
            if knee is not None:
                axes.axvline(knee, color=look.template.color_quiet, linewidth=0.8, linestyle=":")
            _axes(axes, look, prefixes[-1].n)
        return figure

    return build


def _curve(axes: Axes, look: Look, prefixes: Sequence[Prefix], get: Get, *, random: bool) -> None:
    known = [(one.n, found) for one in prefixes if (found := get(one)) is not None]
    n = [place for place, _ in known]
    if random:
        color = look.template.color_random
        low, high = zip(*(one.interval for _, one in known), strict=True)
        axes.fill_between(n, low, high, color=color, alpha=0.35, linewidth=0)
        means = [one.random for _, one in known]
        axes.plot(n, means, color=color, linewidth=1.2, linestyle=SETS["random"].dashes)
    own = [one.selected for _, one in known]
    color = look.template.color_selected
    axes.plot(n, own, color=color, linewidth=SETS["selected"].width, marker="o", markersize=3.5)
    axes.set_ylim(0, 1.12 * max([*own, *(one.interval[1] for _, one in known if random)]) or 1.0)


def _axes(axes: Axes, look: Look, last: int) -> None:
    axes.set_xscale("log")
    steps = [base * 10**power for power in range(8) for base in (1, 3)]
    if last > 1_000:
        steps = [10**power for power in range(8)]
    ticks = [float(step) for step in steps if step < last * 0.6]
    axes.xaxis.set_major_locator(FixedLocator([*ticks, float(last)]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: count(round(value))))
    axes.set_xlim(1 if last > 1 else 0.5, max(last, 1.5) * 1.03)
    plain_ticks(axes.yaxis, 4)
    grid(axes, look)
    axes.set_xlabel("number of picks (logarithmic axis)", labelpad=3)
