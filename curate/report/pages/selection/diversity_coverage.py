"""What the pages on diversity and coverage share: the drawing that explains, and the table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from reportlab.platypus import Table

from curate.report.pages.figures.distributions import distributions, present
from curate.report.pages.figures.maps import explanation, framed, joined
from curate.report.pages.page import SelectionPage
from curate.report.render.figures import FigureBox
from curate.report.render.numbers import count, number
from curate.report.render.style import SETS, PageStyle
from curate.report.render.tables import LEAST, PAD, TIGHT, natural_widths, number_table
from curate.report.words import scores
from curate.report.words.scores import nothing_to_compare, statistic_value
from curate.schema.measures import Distribution, Map, RandomBaseline, SetMeasures
from curate.schema.report import Report

SIDE = 190.0
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
ROWS = {name: SETS[name].name for name in ("input", "selected", "random", "datapool", "union")}
ROWS["random_union"] = "random ∪ datapool"
COLUMNS = (
    ("mean", "mean"),
    ("min", "min"),
    ("q5", "5%"),
    ("q25", "25%"),
    ("q50", "50%"),
    ("q75", "75%"),
    ("q95", "95%"),
    ("q99", "99%"),
    ("max", "max"),
    ("std", "std"),
)


def measure_page(
    page: SelectionPage,
    measure: SetMeasures,
    above: Any,
    words: tuple[str, str],
    foot: Any,
) -> list[Any]:
    """What is `above`, the distributions of the sets, as high as there is room for, the table.

    words  what is measured, and of what the shares are
    """
    style = page.style
    unit, whole = words
    sets = present(measure, alone=nothing_to_compare(page.report))
    figure = distributions(style, sets, unit, f"Share of {whole} at most this far")
    below = [style.gap(6), statistics_table(page, measure), foot]
    reserve = page.height(below) + 2
    return [
        above,
        style.gap(8),
        FigureBox(style, figure, reserve=reserve, least=150, most=290),
        *below,
    ]


def explained(page: SelectionPage, lines: str, texts: list[str], ends: str) -> Any:
    """The measure as lines on the run's own map, beside what it means."""
    style, maps = page.style, page.report.maps
    one = maps.bent
    drawn = len(joined(maps, lines)) if one is not None else 0
    if one is None or not drawn:
        return Table([[style.defined(texts[:-1])]], colWidths=[style.width], style=_FLUSH)
    told = style.defined(texts)
    drawn_lines = "1 line is" if drawn == 1 else f"{count(drawn)} lines are"
    told.append(page.caption(f"{drawn_lines} drawn, from {ends}.", beyond(one)))
    figure = FigureBox(style, explanation(style, maps, one, lines), SIDE, width=SIDE)
    return side_by_side(style, figure, told, SIDE)


def beyond(one: Map) -> str:
    """A sentence on the points that a map does not show where they are; empty without any."""
    many = framed(one)[3]
    if not many:
        return ""
    return (
        f"{'1 point' if many == 1 else f'{count(many)} points'} beyond the frame drawn at its edge."
    )


def side_by_side(style: PageStyle, figure: Any, told: list[Any], wide: float) -> Any:
    """A figure with words at its right."""
    return Table([[figure, told]], colWidths=[wide + 16, style.width - wide - 16], style=_FLUSH)


def statistics_table(page: SelectionPage, measure: SetMeasures) -> Any:
    """A row for each set; under random ones their interval, in two rows.

    Long numbers get wider columns, then smaller type, then a shared power of ten.
    """
    sets = shown_sets(page.report, measure)
    style = page.style
    least = min(style.small, LEAST)
    power = _power(sets)
    tries = [(0, style.small, PAD), (0, least, TIGHT)]
    tries += [(power, style.small, PAD), (power, least, TIGHT)] if power else []
    for shared, size, pad in tries:
        head, rows, quiet = _statistics(sets, shared)
        numeric = list(range(1, len(head)))
        needed = natural_widths(head, rows, size, pad)
        if sum(needed) <= style.width:
            break
    spare = max(style.width - sum(needed), 0.0) / len(numeric)
    widths = [needed[0], *(width + spare for width in needed[1:])]
    too_wide = sum(widths) / style.width
    if too_wide > 1:
        widths = [width / too_wide for width in widths]
    return number_table(style, head, rows, widths, numeric, quiet_rows=quiet, size=size, pad=pad)


def shown_sets(report: Report, measure: SetMeasures) -> dict[str, Distribution]:
    """The sets of a measure, without the draws where these could not be different."""
    alone = nothing_to_compare(report)
    found = {name: getattr(measure, name) for name in ROWS}
    return {
        name: one
        for name, one in found.items()
        if one is not None and not (alone and isinstance(one, RandomBaseline))
    }


def _statistics(
    sets: Mapping[str, Distribution], power: int
) -> tuple[list[str], list[list[str]], list[int]]:
    """Head, rows in units of ten to the `power`, and which rows are secondary."""

    def written(value: float) -> str:
        return number(value / 10.0**power)

    rows: list[list[str]] = []
    quiet = []
    for name, one in sets.items():
        rows.append(
            [ROWS[name], *(written(statistic_value(one, key)) for key, _ in COLUMNS), _many(one)]
        )
        if isinstance(one, RandomBaseline):
            for place, end in ((0, "  95% of draws from"), (1, "  to")):
                quiet.append(len(rows))
                ends = [
                    written(one.interval[key][place]) if key in one.interval else ""
                    for key, _ in COLUMNS
                ]
                rows.append([end, *ends, ""])
    unit = f"× 10{str(power).translate(RAISED)}" if power else ""
    return [unit, *(title for _, title in COLUMNS), "items"], rows, quiet


def _power(sets: Mapping[str, Distribution]) -> int:
    """The power of ten of the largest distance, 0 where there is none."""
    largest = max((one.max for one in sets.values()), default=0.0)
    return math.floor(math.log10(largest)) if largest > 0 and math.isfinite(largest) else 0


def _many(one: Distribution) -> str:
    return count(one.n_queries)


_FLUSH = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]

# --------------------------------------------------------------------------------------
# How different the items of each set are: the drawing, the distributions, the table.


def draw_diversity(page: SelectionPage) -> list[Any]:
    """Drawing and words, figure, table, footnote."""
    report, told = page.report, page.template.explain_diversity
    foot = page.caption(
        scores.sampling_note(report.diversity.input, report, report.counts.input),
        scores.draws_note(report),
    )
    return measure_page(
        page,
        report.diversity,
        explained(page, "neighbour", told, "picks to their nearest pick"),
        (
            f"distance to the nearest other item of the set ({scores.distance_unit(report)})",
            "items",
        ),
        foot,
    )


# --------------------------------------------------------------------------------------
# How near each input item is to each set: the drawing, the distributions, the table.


def draw_coverage(page: SelectionPage) -> list[Any]:
    """Drawing and words, figure, table, footnote."""
    report, told = page.report, page.template.explain_coverage
    foot = page.caption(
        scores.sampling_note(report.coverage.selected, report, report.counts.input),
        scores.sampled_maxima_note(report),
        _spike(page),
        scores.draws_note(report),
    )
    return measure_page(
        page,
        report.coverage,
        explained(page, "nearest", told, "inputs to their nearest pick"),
        (
            f"distance to the nearest member of the set ({scores.distance_unit(report)})",
            "the input",
        ),
        foot,
    )


def _spike(page: SelectionPage) -> str:
    """What lies at distance 0."""
    report = page.report
    counts = report.counts
    picks = f"{scores.picks_counted(counts.selected)} themselves"
    equal = ", and any that equal them" if counts.distinct < counts.input else ""
    whole = scores.items_counted(report, counts.input)
    return f"The spike at distance 0 is the {picks}, of {whole}{equal}."
