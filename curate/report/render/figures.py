"""What all figures share: size on the page, fonts, axes, ticks.

A figure is built when it is drawn, for the exact width and height in points that it has on the
page; it is not scaled afterwards. matplotlib runs with its own default settings, not with those
of the machine, and the previous settings are restored.
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
from curate.report.render.vector_graphics import draw_figure

FigureBuilder = Callable[[float, float], Figure]
OWN = frozenset({"backend", "backend_fallback", "interactive", "toolbar", "timezone"})


@contextmanager
def figure_settings(style: PageStyle) -> Iterator[None]:
    """Context with matplotlib's defaults and the fonts of the report; no mathtext."""
    defaults = {
        name: matplotlib.rcParamsDefault[name]
        for name in matplotlib.rcParamsDefault
        if name not in OWN
    }
    quiet = style.template.color_quiet
    of_report: dict[str, Any] = {
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
    # matplotlib validates each setting that is set, which is slow: set only those that differ.
    wanted: Any = {**defaults, **of_report}
    changed = {name: value for name, value in wanted.items() if matplotlib.rcParams[name] != value}
    with matplotlib.rc_context(changed):
        yield


class FigureBox(Flowable):  # type: ignore[misc]
    """A figure as a flowable, in points.

    build   makes the figure for a width and a height
    height  None: the height that the page has left minus `reserve`, between `least` and `most`
    width   None: the width of the text column
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
        """Width and height on the page, in points."""
        reserve, least, most = self.limits
        self.width = self.fixed[0] or width
        self.height = self.fixed[1] or min(max(height - reserve, least), most)
        return self.width, self.height

    def draw(self) -> None:
        """Build the figure and draw it, with an alternative text for screen readers."""
        with figure_settings(self.style):
            figure = self.build(self.width, self.height)
            text = alternative_text(figure, self.canv.finding)
            text_in_pdf = (codecs.BOM_UTF16_BE + text.encode("utf-16-be", "replace")).hex()
            self.canv.addLiteral(f"/Span <</Alt <{text_in_pdf}>>> BDC")
            draw_figure(figure, self.canv)
            self.canv.addLiteral("EMC")


def alternative_text(figure: Figure, finding: str) -> str:
    """Alternative text of a figure: the finding that it shows, and the text on its axes."""
    texts = (text.get_text() for axes in figure.axes for text in (*axes.texts, axes.xaxis.label))
    shown = ", ".join(dict.fromkeys(text for text in texts if text))
    return f"Figure: {finding}." + (f" On it: {shown}." if shown else "")


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of this size in points."""
    figure = Figure(figsize=(width / 72, height / 72), dpi=72)
    figure.patch.set_visible(False)  # the page is white
    return figure


def panel(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes at a position in points, with a line at the bottom only."""
    whole = figure.get_size_inches() * 72
    box = (left / whole[0], bottom / whole[1], width / whole[0], height / whole[1])
    axes = figure.add_axes(box)
    for side in ("left", "top", "right"):
        axes.spines[side].set_visible(False)
    axes.patch.set_visible(False)
    return axes


def heading(axes: Axes, style: PageStyle, text: str, gap: float = 8) -> None:
    """Write a bold line above the axes, from their left edge."""
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
    """Write bold words in the colour of a set; `at` is their upper right corner in axes units."""
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
    """Set at most `many` round ticks, formatted like all numbers of the report.

    `whole` sets ticks at whole numbers only, for counts.
    """
    axis.set_major_locator(MaxNLocator(many, steps=[1, 2, 2.5, 5, 10], integer=whole))
    axis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))


def percent_ticks(axis: Any, many: int = 6) -> None:
    """Set at most `many` round ticks for shares, in percent."""
    axis.set_major_locator(MaxNLocator(many, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{tick(100 * value)}%"))


def tick(value: float) -> str:
    """A tick label: the number without trailing zeros."""
    mantissa, e, power = number(value).partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + e + power


def grid(axes: Axes, style: PageStyle, which: str = "y") -> None:
    """Draw thin grid lines."""
    axes.grid(axis=which, color=style.template.color_rule, linewidth=0.4)  # type: ignore[arg-type]
