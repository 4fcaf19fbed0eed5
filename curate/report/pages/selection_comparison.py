"""A comparison of selections: its sentences and rows, for page and terminal, and its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from curate.report.pages.page import LEAST_NAME, PageContext, Section, fit_columns
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
from curate.report.render.printable_text import shortened
from curate.report.render.style import PageStyle
from curate.report.render.tables import facts_table, number_table
from curate.report.words.scores import NOUNS, UNITS
from curate.schema.selection_comparison import Comparison, SelectionCompared

MORE, LESS = "more is better", "distance, less is better"
NAME_LETTERS = 30  # of a selection in a sentence


class ComparedStatistic(NamedTuple):
    """One column of the table: its key, head and name, and which values are good."""

    key: str
    head: str
    name: str
    good: str

    @property
    def more_is_better(self) -> bool:
        """Whether larger values are better."""
        return self.good == MORE


STATISTICS = (
    ComparedStatistic("diversity_mean", "Diversity mean", "Mean diversity", MORE),
    ComparedStatistic("diversity_min", "Diversity min", "Minimum diversity", MORE),
    ComparedStatistic("balance", "Label balance", "Label balance", MORE),
    ComparedStatistic("coverage_mean", "Coverage mean", "Mean coverage", LESS),
    ComparedStatistic("coverage_q95", "Coverage 95%", "95% coverage", LESS),
    ComparedStatistic("coverage_max", "Coverage max", "Maximum coverage", LESS),
)
BY_KEY = {statistic.key: statistic for statistic in STATISTICS}
MARKS = {"better": "▲", "like": "·", "worse": "▼", None: ""}
MARKS_LEGEND = "▲ better than the middle 95% of random draws of its size, ▼ worse, · inside it."

# --------------------------------------------------------------------------------------
# Values and sentences.


def value_of(selection: SelectionCompared, key: str) -> float | None:
    """A statistic of a selection by its key."""
    if key == "balance":
        return None if selection.labels is None else selection.labels.balance
    compared = selection.statistics.get(key)
    return None if compared is None else compared.value


def known_statistics(comparison: Comparison) -> list[ComparedStatistic]:
    """The statistics that at least one selection has."""
    return [
        statistic
        for statistic in STATISTICS
        if any(
            value_of(selection, statistic.key) is not None for selection in comparison.selections
        )
    ]


def best_names(comparison: Comparison, statistic: ComparedStatistic) -> list[str]:
    """Names of the selections whose printed value is the best; none if all are equal."""
    values = {
        selection.name: value
        for selection in comparison.selections
        if (value := value_of(selection, statistic.key)) is not None
    }
    if not values:
        return []
    best = (max if statistic.more_is_better else min)(values.values())
    names = [name for name, value in values.items() if number(value) == number(best)]
    return names if len(names) < len(comparison.selections) else []


def title(comparison: Comparison) -> str:
    """Which selection is the most diverse, and which covers the input best."""
    items, many = items_compared(comparison), len(comparison.selections)
    diverse = best_names(comparison, BY_KEY["diversity_mean"])
    covers = best_names(comparison, BY_KEY["coverage_mean"])
    lead = f"Of {many} selections of {items}"
    if not diverse and not covers:
        return f"{many} selections of {items} with the same mean diversity and coverage"
    if diverse == covers:
        verb = "is" if len(diverse) == 1 else "are"
        return (
            f"{lead}, {_listed(diverse)} {verb} the most diverse on average "
            f"({_printed_value(comparison, diverse, 'diversity_mean')}), and nearest to the input "
            f"({_printed_value(comparison, covers, 'coverage_mean')})"
        )
    clauses = []
    if diverse:
        verb = "is" if len(diverse) == 1 else "are"
        value = _printed_value(comparison, diverse, "diversity_mean")
        clauses.append(f"{_listed(diverse)} {verb} the most diverse ({value} on average)")
    if covers:
        verb = "covers" if len(covers) == 1 else "cover"
        value = _printed_value(comparison, covers, "coverage_mean")
        clauses.append(f"{_listed(covers)} {verb} the input best ({value})")
    return f"{lead}, {' and '.join(clauses)}"


def sizes_differ(comparison: Comparison) -> str:
    """A warning where the size alone explains a difference; empty where all sizes are equal."""
    sizes = sorted({selection.selected for selection in comparison.selections})
    if len(sizes) == 1:
        return ""
    return (
        f"The selections hold {count(sizes[0])} to {count(sizes[-1])} items. A larger selection "
        "covers better and is less diverse because of its size: judge each by the random draws of "
        "its own size."
    )


def items_compared(comparison: Comparison) -> str:
    """How many items of which kind were selected from."""
    nouns = NOUNS.get(comparison.kind, NOUNS["vectors"])
    return f"{count(comparison.input)} {nouns[comparison.input != 1]}"


def notes(comparison: Comparison) -> str:
    """What the numbers are, and what was exact."""
    items, labels = items_compared(comparison), comparison.labels
    exact = all(
        compared.exact
        for selection in comparison.selections
        for compared in selection.statistics.values()
    )
    sentences = [
        f"Distances: {UNITS.get(comparison.metric, comparison.metric)}.",
        MARKS_LEGEND,
        f"Exact: from all {items}."
        if exact
        else f"Distances are exact, from uniform samples of the {items}.",
    ]
    if labels is not None and labels.balance is not None:
        sample = "" if labels.items >= comparison.input else f", from {count(labels.items)} items"
        sentences.append(
            "Label balance: entropy of the shares of the labels over its largest value, 1 where "
            f"all are equally frequent; the input has {number(labels.balance)}{sample}."
        )
    return " ".join(sentences)


def _printed_value(comparison: Comparison, names: list[str], key: str) -> str:
    selection = next(held for held in comparison.selections if held.name == names[0])
    return number(value_of(selection, key))


def _listed(names: list[str]) -> str:
    short = [_cut_in_middle(name) for name in names]
    return short[0] if len(short) == 1 else ", ".join(short[:-1]) + " and " + short[-1]


def _cut_in_middle(name: str) -> str:
    """The two ends of a long name: names of runs differ there."""
    half = NAME_LETTERS // 2
    return name if len(name) <= NAME_LETTERS else f"{name[: half - 1]}…{name[-half:]}"


# --------------------------------------------------------------------------------------
# The table, for page and terminal.


def heads(comparison: Comparison) -> list[str]:
    """The heads of the columns of `rows`."""
    return ["", "n", *(statistic.head for statistic in known_statistics(comparison))]


def rows(comparison: Comparison) -> list[list[str]]:
    """A row for each selection, then two for the random draws of each size."""
    statistics = known_statistics(comparison)
    table = []
    for selection in comparison.selections:
        cells = []
        for statistic in statistics:
            compared = selection.statistics.get(statistic.key)
            mark = MARKS[compared.standing] if compared else ""
            cells.append(f"{number(value_of(selection, statistic.key))} {mark}".strip())
        table.append([selection.name, count(selection.selected), *cells])
    for selection in _one_of_each_size(comparison):
        table += _random_rows(selection, statistics)
    return table


def _one_of_each_size(comparison: Comparison) -> list[SelectionCompared]:
    """The first selection of each size that has random draws."""
    first: dict[tuple[int, int], SelectionCompared] = {}
    for selection in comparison.selections:
        if any(compared.interval is not None for compared in selection.statistics.values()):
            first.setdefault((selection.selected, selection.datapool), selection)
    return list(first.values())


def _random_rows(
    selection: SelectionCompared, statistics: Sequence[ComparedStatistic]
) -> list[list[str]]:
    """Both ends of the middle 95% of the draws as large as the selection."""
    datapool = ", with datapool" if selection.datapool else ""
    table = []
    for end, name in enumerate((f"random{datapool}, 95% of draws from", "  to")):
        cells = []
        for statistic in statistics:
            compared = selection.statistics.get(statistic.key)
            interval = None if compared is None else compared.interval
            cells.append("" if interval is None else number(interval[end]))
        table.append([name, "" if end else count(selection.selected), *cells])
    return table


# --------------------------------------------------------------------------------------
# compare.pdf: one page with a figure and a table.


ComparisonOfSelections = PageContext[Comparison]

COLOURS = (
    "Blue: a selection. Orange: the middle 95% of random selections of the same size, and their "
    "mean. Each panel has its own scale."
)
DOTTED = " Dotted: the labels of the input."
PANELS_IN_ROW = 3
NAME_SHARE = 0.24  # of the width for names, at most
LINE, HEAD, AXIS, GAP = 15.0, 27.0, 22.0, 16.0
PANEL_HEIGHT = 190.0  # at most


def how_to_read(comparison: Comparison) -> str:
    """The line under the title."""
    return COLOURS + (DOTTED if _input_balance(comparison) is not None else "")


def draw(page: ComparisonOfSelections) -> list[Any]:
    """The figure, the table, and the command of each selection."""
    comparison, style = page.report, page.style
    warning = sizes_differ(comparison)
    commands = [(selection.name, selection.command) for selection in comparison.selections]
    return [
        *([style.paragraph(warning, "note")] if warning else []),
        page.figure(panels(style, comparison), _figure_height(comparison)),
        style.gap(8),
        _table(style, comparison),
        page.caption(notes(comparison)),
        style.paragraph("The commands that make them", "heading"),
        facts_table(style, commands),
    ]


SECTIONS = {"comparison": Section("Selections side by side", title, draw)}


def panels(style: PageStyle, comparison: Comparison) -> FigureBuilder:
    """A panel for each statistic, with a line for every selection."""

    def build(width: float, height: float) -> Figure:
        figure = new_figure(width, height)
        names = [selection.name for selection in comparison.selections]
        longest = max(fonts.measure(name, style.small) for name in names)
        left = min(max(longest + 8, LEAST_NAME), NAME_SHARE * width)
        wide = (width - left - (PANELS_IN_ROW - 1) * GAP) / PANELS_IN_ROW
        tall = _line_height(comparison) * len(names)
        for place, statistic in enumerate(known_statistics(comparison)):
            row, column = divmod(place, PANELS_IN_ROW)
            bottom = height - (row + 1) * (HEAD + tall + AXIS) + AXIS
            axes = panel(figure, left + column * (wide + GAP), bottom, wide, tall)
            _draw_panel(axes, style, comparison, statistic)
            axes.set_yticks(range(len(names)))
            axes.set_yticklabels(
                [] if column else [shortened(name, left - 8, style.small) for name in names]
            )
        return figure

    return build


def _figure_height(comparison: Comparison) -> float:
    rows_of_panels = -(-len(known_statistics(comparison)) // PANELS_IN_ROW)
    tall = _line_height(comparison) * len(comparison.selections)
    return rows_of_panels * (HEAD + tall + AXIS)


def _line_height(comparison: Comparison) -> float:
    """Height of the line of one selection: less where there are many."""
    return min(LINE, PANEL_HEIGHT / len(comparison.selections))


def _draw_panel(
    axes: Axes, style: PageStyle, comparison: Comparison, statistic: ComparedStatistic
) -> None:
    template = style.template
    values: list[float] = []
    for row, selection in enumerate(comparison.selections):
        value = value_of(selection, statistic.key)
        compared = selection.statistics.get(statistic.key)
        if compared and compared.interval is not None and compared.random is not None:
            low, high = compared.interval
            bar: dict[str, Any] = {"color": template.color_random, "solid_capstyle": "butt"}
            axes.plot([low, high], [row, row], linewidth=6, alpha=0.45, zorder=2, **bar)
            mean = [compared.random] * 2
            axes.plot(mean, [row - 0.28, row + 0.28], linewidth=1.2, zorder=3, **bar)
            values += [low, high]
        if value is not None:
            axes.plot([value], [row], "o", color=template.color_selected, markersize=5, zorder=4)
            values.append(value)
    balance = _input_balance(comparison)
    if statistic.key == "balance" and balance is not None:
        axes.axvline(balance, color=template.color_input, linewidth=1.2, linestyle=(0, (1, 1)))
        values.append(balance)
    low, high = min(values), max(values)
    margin = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    axes.set_xlim(low - margin, high + margin)
    axes.set_ylim(len(comparison.selections) - 0.5, -0.5)
    grid(axes, style, "x")
    number_ticks(axes.xaxis, 4)
    heading(axes, style, statistic.name, 13)
    axes.annotate(
        statistic.good,
        (0, 1),
        xytext=(0, 4),
        xycoords="axes fraction",
        textcoords="offset points",
        color=template.color_quiet,
        annotation_clip=False,
    )


def _input_balance(comparison: Comparison) -> float | None:
    """Label balance of the data."""
    return None if comparison.labels is None else comparison.labels.balance


def _table(style: PageStyle, comparison: Comparison) -> Any:
    """A row for each selection, the random draws below."""
    head, texts = heads(comparison), rows(comparison)
    size, pad, widths, _ = fit_columns(style, head, texts, NAME_SHARE * style.width)
    cells = [[shortened(row[0], widths[0] - pad, size), *row[1:]] for row in texts]
    return number_table(
        style,
        head,
        cells,
        widths,
        list(range(1, len(head))),
        quiet_rows=range(len(comparison.selections), len(texts)),
        size=size,
        pad=pad,
    )
