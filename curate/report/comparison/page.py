"""compare.pdf: one page with a figure and a table, from a Comparison and a template alone."""

from __future__ import annotations

import io
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from curate.report import fonts
from curate.report.comparison import words
from curate.report.comparison.model import Comparison
from curate.report.comparison.words import Column
from curate.report.document import Document, Imprint, Title
from curate.report.figures import Build, FigureBox, grid, heading, new_figure, panel, plain_ticks
from curate.report.literal import fit
from curate.report.look import Look
from curate.report.pages import plain_streams
from curate.report.tables import LEAST, PAD, TIGHT, facts_table, natural_widths, number_table
from curate.report.template import Template

HOW = (
    "Blue: a selection. Orange: the middle 95% of random selections of the same size, and their "
    "mean. Each panel has its own scale."
)
DOTTED = " Dotted: the labels of the input."
ACROSS = 3  # panels beside each other
NAMES = 0.24  # share of the width for names, at most
ROW, HEAD, FOOT, GAP = 15.0, 27.0, 22.0, 16.0
LEAST_NAME = 60.0
PANEL = 190.0  # height of a panel, at most


def render_comparison(comparison: Comparison, template: Template) -> bytes:
    """The PDF, as bytes; the same for the same comparison."""
    look = Look(template)
    story: list[Any] = [
        Title(words.finding(comparison), look, "comparison", "Selections side by side"),
        look.paragraph(HOW + (DOTTED if _of_input(comparison) is not None else ""), "how"),
    ]
    if warning := words.sizes_differ(comparison):
        story.append(look.paragraph(warning, "note"))
    shown = words.columns(comparison)
    story += [
        FigureBox(look, figure(look, comparison, shown), _height(comparison, shown)),
        look.gap(8),
        _table(look, comparison),
        look.paragraph(words.notes(comparison), "foot"),
        look.paragraph("What makes them again", "heading"),
        facts_table(look, [(one.name, one.command) for one in comparison.selections]),
    ]
    imprint = Imprint(
        title=f"{comparison.data_name}: {len(comparison.selections)} selections",
        name=comparison.data_name,
        version=comparison.curate,
    )
    buffer = io.BytesIO()
    with plain_streams():
        Document(buffer, look, imprint).write(story)
    return buffer.getvalue()


def figure(look: Look, comparison: Comparison, shown: list[Column]) -> Build:
    """A panel for each statistic, a line in each for every selection."""

    def build(width: float, height: float) -> Figure:
        made = new_figure(width, height)
        names = [one.name for one in comparison.selections]
        longest = max(fonts.measure(name, look.small) for name in names)
        left = min(max(longest + 8, LEAST_NAME), NAMES * width)
        wide = (width - left - (ACROSS - 1) * GAP) / ACROSS
        tall = _row(comparison) * len(names)
        for place, column in enumerate(shown):
            line, across = divmod(place, ACROSS)
            bottom = height - (line + 1) * (HEAD + tall + FOOT) + FOOT
            axes = panel(made, left + across * (wide + GAP), bottom, wide, tall)
            _draw_panel(axes, look, comparison, column)
            axes.set_yticks(range(len(names)))
            axes.set_yticklabels(
                [fit(name, left - 8, look.small) for name in names] if not across else []
            )
        return made

    return build


def _height(comparison: Comparison, shown: list[Column]) -> float:
    lines = -(-len(shown) // ACROSS)
    return lines * (HEAD + _row(comparison) * len(comparison.selections) + FOOT)


def _row(comparison: Comparison) -> float:
    """Height of the line of one selection: less where there are many."""
    return min(ROW, PANEL / len(comparison.selections))


def _draw_panel(axes: Axes, look: Look, comparison: Comparison, column: Column) -> None:
    ends: list[float] = []
    for row, one in enumerate(comparison.selections):
        value, found = words.value_of(one, column.key), one.statistics.get(column.key)
        if found is not None and found.interval is not None and found.random is not None:
            low, high = found.interval
            bar: dict[str, Any] = {"color": look.template.color_random, "solid_capstyle": "butt"}
            axes.plot([low, high], [row, row], linewidth=6, alpha=0.45, zorder=2, **bar)
            axes.plot([found.random] * 2, [row - 0.28, row + 0.28], linewidth=1.2, zorder=3, **bar)
            ends += [low, high]
        if value is not None:
            axes.plot(
                [value], [row], "o", color=look.template.color_selected, markersize=5, zorder=4
            )
            ends.append(value)
    of_input = _of_input(comparison)
    if column.key == "balance" and of_input is not None:
        axes.axvline(
            of_input, color=look.template.color_input, linewidth=1.2, linestyle=(0, (1, 1))
        )
        ends.append(of_input)
    low, high = min(ends), max(ends)
    margin = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    axes.set_xlim(low - margin, high + margin)
    axes.set_ylim(len(comparison.selections) - 0.5, -0.5)
    grid(axes, look, "x")
    plain_ticks(axes.xaxis, 4)
    heading(axes, look, column.name, 13)
    axes.annotate(
        column.good,
        (0, 1),
        xytext=(0, 4),
        xycoords="axes fraction",
        textcoords="offset points",
        color=look.template.color_quiet,
        annotation_clip=False,
    )


def _of_input(comparison: Comparison) -> float | None:
    """Label balance of the data."""
    return None if comparison.labels is None else comparison.labels.balance


def _table(look: Look, comparison: Comparison) -> Any:
    """A row a selection, the best of each column in bold, the random draws below."""
    head, rows = words.heads(comparison), words.rows(comparison)
    numeric = list(range(1, len(head)))
    for size, pad in ((look.small, PAD), (min(look.small, LEAST), TIGHT)):
        rest = sum(natural_widths(head, rows, size, pad)[1:])
        if rest + NAMES * look.width <= look.width:
            break
    widths = natural_widths(head, rows, size, pad)
    widths[0] = min(widths[0], max(look.width - rest, LEAST_NAME))
    spare = max(look.width - sum(widths), 0) / len(numeric)
    widths = [widths[0], *(width + spare for width in widths[1:])]
    cells = [[fit(row[0], widths[0] - pad, size), *row[1:]] for row in rows]
    quiet = list(range(len(comparison.selections), len(rows)))
    return number_table(look, head, cells, widths, numeric, quiet_rows=quiet, size=size, pad=pad)
