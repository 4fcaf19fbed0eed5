"""The ground that every figure stands on: its size on the page, its type, its axes.

A figure is built for the width and height that it will have on the page, in points, when
it is drawn; nothing is scaled afterwards. Settings of matplotlib come from its own
defaults, not from the machine's, and are put back.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from reportlab.platypus import Flowable

from curate.report.render.numbers import number
from curate.report.render.style import PageStyle
from curate.report.render.vector import draw_figure

FigureBuilder = Callable[[float, float], Figure]
OWN = frozenset({"backend", "backend_fallback", "interactive", "toolbar", "timezone"})


@contextmanager
def figure_settings(style: PageStyle) -> Iterator[None]:
    """matplotlib's defaults, with the report's type; text is literal, never mathematics."""
    defaults = {
        name: matplotlib.rcParamsDefault[name]
        for name in matplotlib.rcParamsDefault
        if name not in OWN
    }
    quiet = style.template.color_quiet
    ours: dict[str, Any] = {
        "font.family": ["DejaVu Sans"],
        "font.size": style.small,
        "axes.titlesize": style.small,
        "axes.labelsize": style.small,
        "xtick.labelsize": style.small,
        "ytick.labelsize": style.small,
        "text.parse_math": False,
        "text.color": style.template.color_text,
        "axes.labelcolor": quiet,
        "axes.edgecolor": quiet,
        "xtick.color": quiet,
        "ytick.color": quiet,
        "axes.linewidth": 0.6,
        "xtick.major.width": 0.6,
        "xtick.major.size": 3,
        "xtick.minor.size": 0,
        "ytick.minor.size": 0,
        "ytick.major.size": 0,
        "axes.axisbelow": True,
    }
    # Each setting is checked as it is made, which takes long; nearly all are as they should be.
    together: Any = {**defaults, **ours}
    other = {name: one for name, one in together.items() if matplotlib.rcParams[name] != one}
    with matplotlib.rc_context(other):
        yield


class FigureBox(Flowable):  # type: ignore[misc]
    """A figure as wide as the column, and as high as asked or as the page has room.

    build   makes the figure for a width and a height in points
    height  fixed, or None to fill the frame but for `reserve`, between `least` and `most`
    """

    def __init__(
        self,
        style: PageStyle,
        build: FigureBuilder,
        height: float | None = None,
        *,
        width: float | None = None,
        reserve: float = 0,
        least: float = 120,
        most: float = 1000,
    ) -> None:
        super().__init__()
        self.style = style
        self.build = build
        self.fixed = (width, height)
        self.limits = (reserve, least, most)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Size on the page."""
        reserve, least, most = self.limits
        self.width = self.fixed[0] or width
        self.height = self.fixed[1] or min(max(height - reserve, least), most)
        return self.width, self.height

    def draw(self) -> None:
        """Build the figure and draw it, with words for who cannot see it."""
        with figure_settings(self.style):
            figure = self.build(self.width, self.height)
            told = alternative_text(figure, self.canv.finding)
            told_in_pdf = (codecs.BOM_UTF16_BE + told.encode("utf-16-be", "replace")).hex()
            self.canv.addLiteral(f"/Span <</Alt <{told_in_pdf}>>> BDC")
            draw_figure(figure, self.canv)
            self.canv.addLiteral("EMC")


def alternative_text(figure: Figure, finding: str) -> str:
    """Alternative text of a figure: the finding that it shows, and what stands on its axes."""
    texts = (text.get_text() for axes in figure.axes for text in (*axes.texts, axes.xaxis.label))
    shown = ", ".join(dict.fromkeys(text for text in texts if text))
    return f"Figure: {finding}." + (f" On it: {shown}." if shown else "")


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of so many points."""
    figure = Figure(figsize=(width / 72, height / 72), dpi=72)
    figure.patch.set_visible(False)  # the page is white already
    return figure


def panel(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes at a place in points, with a line at the bottom only."""
    whole = figure.get_size_inches() * 72
    box = (left / whole[0], bottom / whole[1], width / whole[0], height / whole[1])
    axes = figure.add_axes(box)
    for side in ("left", "top", "right"):
        axes.spines[side].set_visible(False)
    axes.patch.set_visible(False)
    return axes


def heading(axes: Axes, style: PageStyle, text: str, gap: float = 8) -> None:
    """A bold line above the axes, from their left edge."""
    axes.annotate(
        text,
        (0, 1),
        xytext=(0, gap),
        xycoords="axes fraction",
        textcoords="offset points",
        weight="bold",
        color=style.template.color_text,
        annotation_clip=False,
    )


def corner_label(
    axes: Axes, style: PageStyle, at: tuple[float, float], words: str, color: str
) -> None:
    """Bold words in the colour of a set; `at` is their upper right corner, in parts of the axes."""
    axes.text(
        *at,
        words,
        transform=axes.transAxes,
        color=style.label_color(color),
        weight="bold",
        va="top",
        ha="right",
    )


def number_ticks(axis: Any, many: int = 6, *, whole: bool = False) -> None:
    """At most `many` round ticks, written as the rest of the report writes numbers.

    `whole` is for what is counted: no ticks between.
    """
    axis.set_major_locator(MaxNLocator(many, steps=[1, 2, 2.5, 5, 10], integer=whole))
    axis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))


def percent_ticks(axis: Any, many: int = 6) -> None:
    """At most `many` round ticks of shares, in percent."""
    axis.set_major_locator(MaxNLocator(many, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{tick(100 * value)}%"))


def tick(value: float) -> str:
    """A tick label: the number without the zeros that only a measurement needs."""
    mantissa, e, power = number(value).partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + e + power


def grid(axes: Axes, style: PageStyle, which: str = "y") -> None:
    """Thin lines to read a value by."""
    axes.grid(axis=which, color=style.template.color_rule, linewidth=0.4)  # type: ignore[arg-type]
