"""The comparison as sentences and as rows of one table, for the page and the terminal."""

from __future__ import annotations

import io
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from curate.report.render import fonts
from curate.report.render.document import Document, DocumentInfo, SectionTitle
from curate.report.render.figures import (
    FigureBox,
    FigureBuilder,
    grid,
    heading,
    new_figure,
    number_ticks,
    panel,
)
from curate.report.render.numbers import count, number
from curate.report.render.printable_text import shortened
from curate.report.render.sections import plain_streams
from curate.report.render.style import PageStyle
from curate.report.render.tables import LEAST, PAD, TIGHT, facts_table, natural_widths, number_table
from curate.report.render.template import Template
from curate.report.words.scores import NOUNS, UNITS
from curate.schema.selection_comparison import Comparison, SelectionCompared
from curate.schema.strategies import NONE

MORE, LESS = "more is better", "distance, less is better"
LONGEST = 30  # letters of a name in a sentence


class Column(NamedTuple):
    """One statistic: its key, the head of its column, its name, and which values are good."""

    key: str
    head: str
    name: str
    good: str

    @property
    def more(self) -> bool:
        """Whether more is better."""
        return self.good == MORE


COLUMNS = (
    Column("diversity_mean", "Diversity mean", "Mean diversity", MORE),
    Column("diversity_min", "Diversity min", "Minimum diversity", MORE),
    Column("balance", "Label balance", "Label balance", MORE),
    Column("coverage_mean", "Coverage mean", "Mean coverage", LESS),
    Column("coverage_q95", "Coverage 95%", "95% coverage", LESS),
    Column("coverage_max", "Coverage max", "Maximum coverage", LESS),
)
MARKS = {"better": "▲", "like": "·", "worse": "▼", None: ""}
MARKS_MEAN = "▲ better than the middle 95% of random draws of its size, ▼ worse, · inside it."


def value_of(one: SelectionCompared, key: str) -> float | None:
    """A statistic by the key of its column."""
    if key == "balance":
        return None if one.labels is None else one.labels.balance
    found = one.statistics.get(key)
    return None if found is None else found.value


def columns(comparison: Comparison) -> list[Column]:
    """The columns that any selection can fill."""
    return [
        column
        for column in COLUMNS
        if any(value_of(one, column.key) is not None for one in comparison.selections)
    ]


def best(comparison: Comparison, column: Column) -> list[str]:
    """Names of the selections whose printed value is the best; none if all are equal."""
    held = {one.name: value_of(one, column.key) for one in comparison.selections}
    known = {name: value for name, value in held.items() if value is not None}
    if not known:
        return []
    top = (max if column.more else min)(known.values())
    names = [name for name, value in known.items() if number(value) == number(top)]
    return names if len(names) < len(held) else []


def finding(comparison: Comparison) -> str:
    """Which selection is the most diverse, and which covers the input best."""
    many = len(comparison.selections)
    by_key = {column.key: column for column in COLUMNS}
    diverse = best(comparison, by_key["diversity_mean"])
    covers = best(comparison, by_key["coverage_mean"])
    lead = f"Of {many} selections of {things(comparison)}"
    if not diverse and not covers:
        return (
            f"{many} selections of {things(comparison)} with the same mean diversity and coverage"
        )
    if diverse == covers:
        return (
            f"{lead}, {_is(diverse, 'the most diverse')} on average "
            f"({_value(comparison, diverse, 'diversity_mean')}), and nearest to the input "
            f"({_value(comparison, covers, 'coverage_mean')})"
        )
    told = []
    if diverse:
        value = _value(comparison, diverse, "diversity_mean")
        told.append(f"{_is(diverse, 'the most diverse')} ({value} on average)")
    if covers:
        value = _value(comparison, covers, "coverage_mean")
        verb = "covers" if len(covers) == 1 else "cover"
        told.append(f"{_all(covers)} {verb} the input best ({value})")
    return f"{lead}, {' and '.join(told)}"


def sizes_differ(comparison: Comparison) -> str:
    """A warning where more picks alone explain a difference; empty where all are as many."""
    sizes = sorted({one.selected for one in comparison.selections})
    if len(sizes) == 1:
        return ""
    return (
        f"The selections hold {count(sizes[0])} to {count(sizes[-1])} items: more of them cover "
        "better and repeat more by themselves. Judge each by the random draws of its own size."
    )


def rows(comparison: Comparison) -> list[list[str]]:
    """A row of words for each selection, and two for the random draws of each size."""
    shown = columns(comparison)
    made = []
    for one in comparison.selections:
        cells = []
        for column in shown:
            found = one.statistics.get(column.key)
            mark = MARKS[found.standing] if found else ""
            cells.append(f"{number(value_of(one, column.key))} {mark}".strip())
        made.append([one.name, count(one.selected), *cells])
    return made + [row for one in _one_of_each_size(comparison) for row in _random_rows(one, shown)]


def heads(comparison: Comparison) -> list[str]:
    """The heads of the columns of `rows`."""
    return ["", "n", *(column.head for column in columns(comparison))]


def things(comparison: Comparison) -> str:
    """How many of what."""
    words = NOUNS.get(comparison.kind, NOUNS["vectors"])
    return f"{count(comparison.input)} {words[comparison.input != 1]}"


def notes(comparison: Comparison) -> str:
    """What the numbers are."""
    told = [f"Distances: {UNITS.get(comparison.metric, comparison.metric)}.", MARKS_MEAN]
    every = [found for one in comparison.selections for found in one.statistics.values()]
    exact = all(found.exact for found in every)
    told.append(
        f"Exact: from all {things(comparison)}."
        if exact
        else f"Distances are exact, from uniform samples of the {things(comparison)}."
    )
    if comparison.labels is not None and comparison.labels.balance is not None:
        of_input = number(comparison.labels.balance)
        unlabelled = NONE in comparison.labels.counts
        missing = "; items without a label are a label of their own" if unlabelled else ""
        told.append(
            "Label balance: entropy of the shares of the labels over its largest value, 1 where "
            f"all are equally frequent; the input has {of_input}{missing}."
        )
    return " ".join(told)


def _one_of_each_size(comparison: Comparison) -> list[SelectionCompared]:
    found: dict[tuple[int, int], SelectionCompared] = {}
    for one in comparison.selections:
        if any(value.interval is not None for value in one.statistics.values()):
            found.setdefault((one.selected, one.datapool), one)
    return list(found.values())


def _random_rows(one: SelectionCompared, shown: list[Column]) -> list[list[str]]:
    """Both ends of the middle 95% of the draws of the size of `one`."""
    beyond = ", with datapool" if one.datapool else ""
    made = []
    for place, name in enumerate((f"random{beyond}, 95% of draws from", "  to")):
        ends = [
            None if found is None or found.interval is None else found.interval[place]
            for found in (one.statistics.get(column.key) for column in shown)
        ]
        size = "" if place else count(one.selected)
        made.append([name, size, *("" if end is None else number(end) for end in ends)])
    return made


def _value(comparison: Comparison, names: list[str], key: str) -> str:
    one = next(one for one in comparison.selections if one.name == names[0])
    return number(value_of(one, key))


def _is(names: list[str], what: str) -> str:
    return f"{_all(names)} {'is' if len(names) == 1 else 'are'} {what}"


def _all(names: list[str]) -> str:
    told = [_short(name) for name in names]
    return told[0] if len(told) == 1 else ", ".join(told[:-1]) + " and " + told[-1]


def _short(name: str) -> str:
    """Shortened in the middle: what tells names apart is at their ends."""
    half = LONGEST // 2
    return name if len(name) <= LONGEST else f"{name[: half - 1]}…{name[-half:]}"


# --------------------------------------------------------------------------------------
# compare.pdf: one page with a figure and a table, from a Comparison and a template alone.


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
    style = PageStyle(template)
    story: list[Any] = [
        SectionTitle(finding(comparison), style, "comparison", "Selections side by side"),
        style.paragraph(HOW + (DOTTED if _of_input(comparison) is not None else ""), "how"),
    ]
    if warning := sizes_differ(comparison):
        story.append(style.paragraph(warning, "note"))
    shown = columns(comparison)
    story += [
        FigureBox(style, figure(style, comparison, shown), _height(comparison, shown)),
        style.gap(8),
        _table(style, comparison),
        style.paragraph(notes(comparison), "foot"),
        style.paragraph("What makes them again", "heading"),
        facts_table(style, [(one.name, one.command) for one in comparison.selections]),
    ]
    document_info = DocumentInfo(
        title=f"{comparison.data_name}: {len(comparison.selections)} selections",
        name=comparison.data_name,
        version=comparison.curate,
    )
    buffer = io.BytesIO()
    with plain_streams():
        Document(buffer, style, document_info).write(story)
    return buffer.getvalue()


def figure(style: PageStyle, comparison: Comparison, shown: list[Column]) -> FigureBuilder:
    """A panel for each statistic, a line in each for every selection."""

    def build(width: float, height: float) -> Figure:
        made = new_figure(width, height)
        names = [one.name for one in comparison.selections]
        longest = max(fonts.measure(name, style.small) for name in names)
        left = min(max(longest + 8, LEAST_NAME), NAMES * width)
        wide = (width - left - (ACROSS - 1) * GAP) / ACROSS
        tall = _row(comparison) * len(names)
        for place, column in enumerate(shown):
            line, across = divmod(place, ACROSS)
            bottom = height - (line + 1) * (HEAD + tall + FOOT) + FOOT
            axes = panel(made, left + across * (wide + GAP), bottom, wide, tall)
            _draw_panel(axes, style, comparison, column)
            axes.set_yticks(range(len(names)))
            axes.set_yticklabels(
                [shortened(name, left - 8, style.small) for name in names] if not across else []
            )
        return made

    return build


def _height(comparison: Comparison, shown: list[Column]) -> float:
    lines = -(-len(shown) // ACROSS)
    return lines * (HEAD + _row(comparison) * len(comparison.selections) + FOOT)


def _row(comparison: Comparison) -> float:
    """Height of the line of one selection: less where there are many."""
    return min(ROW, PANEL / len(comparison.selections))


def _draw_panel(axes: Axes, style: PageStyle, comparison: Comparison, column: Column) -> None:
    ends: list[float] = []
    for row, one in enumerate(comparison.selections):
        value, found = value_of(one, column.key), one.statistics.get(column.key)
        if found is not None and found.interval is not None and found.random is not None:
            low, high = found.interval
            bar: dict[str, Any] = {"color": style.template.color_random, "solid_capstyle": "butt"}
            axes.plot([low, high], [row, row], linewidth=6, alpha=0.45, zorder=2, **bar)
            axes.plot([found.random] * 2, [row - 0.28, row + 0.28], linewidth=1.2, zorder=3, **bar)
            ends += [low, high]
        if value is not None:
            axes.plot(
                [value], [row], "o", color=style.template.color_selected, markersize=5, zorder=4
            )
            ends.append(value)
    of_input = _of_input(comparison)
    if column.key == "balance" and of_input is not None:
        axes.axvline(
            of_input, color=style.template.color_input, linewidth=1.2, linestyle=(0, (1, 1))
        )
        ends.append(of_input)
    low, high = min(ends), max(ends)
    margin = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    axes.set_xlim(low - margin, high + margin)
    axes.set_ylim(len(comparison.selections) - 0.5, -0.5)
    grid(axes, style, "x")
    number_ticks(axes.xaxis, 4)
    heading(axes, style, column.name, 13)
    axes.annotate(
        column.good,
        (0, 1),
        xytext=(0, 4),
        xycoords="axes fraction",
        textcoords="offset points",
        color=style.template.color_quiet,
        annotation_clip=False,
    )


def _of_input(comparison: Comparison) -> float | None:
    """Label balance of the data."""
    return None if comparison.labels is None else comparison.labels.balance


def _table(style: PageStyle, comparison: Comparison) -> Any:
    """A row a selection, the best of each column in bold, the random draws below."""
    head, texts = heads(comparison), rows(comparison)
    numeric = list(range(1, len(head)))
    for size, pad in ((style.small, PAD), (min(style.small, LEAST), TIGHT)):
        rest = sum(natural_widths(head, texts, size, pad)[1:])
        if rest + NAMES * style.width <= style.width:
            break
    widths = natural_widths(head, texts, size, pad)
    widths[0] = min(widths[0], max(style.width - rest, LEAST_NAME))
    spare = max(style.width - sum(widths), 0) / len(numeric)
    widths = [widths[0], *(width + spare for width in widths[1:])]
    cells = [[shortened(row[0], widths[0] - pad, size), *row[1:]] for row in texts]
    quiet = list(range(len(comparison.selections), len(texts)))
    return number_table(style, head, cells, widths, numeric, quiet_rows=quiet, size=size, pad=pad)
