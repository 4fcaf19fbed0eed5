"""The pages on diversity and on coverage: what the measure means, its distributions, its table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from curate.report.pages.figures.distributions import distributions, present
from curate.report.pages.page import SelectionPage, fit_columns
from curate.report.pages.selection.maps import measure_explained
from curate.report.render.figures import FigureBox
from curate.report.render.numbers import count, number
from curate.report.render.style import SETS
from curate.report.render.tables import number_table
from curate.report.words import scores
from curate.report.words.scores import nothing_to_compare, statistic_value
from curate.schema.measures import Distribution, RandomBaseline, SetMeasures
from curate.schema.report import Report

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SET_NAMES = {name: SETS[name].name for name in ("input", "selected", "random", "datapool", "union")}
SET_NAMES["random_union"] = "random ∪ datapool"
# Statistic -> head of its column.
STATISTICS = {
    "mean": "mean",
    "min": "min",
    "q5": "5%",
    "q25": "25%",
    "q50": "50%",
    "q75": "75%",
    "q95": "95%",
    "q99": "99%",
    "max": "max",
    "std": "std",
}


def draw_diversity(page: SelectionPage) -> list[Any]:
    """How different the items of each set are."""
    report, texts = page.report, page.template.explain_diversity
    return _measure_page(
        page,
        report.diversity,
        measure_explained(page, "neighbour", texts, "picks to their nearest pick"),
        "nearest other item",
        "items",
        page.caption(
            scores.sampling_note(report.diversity.input, report, report.counts.input),
            scores.draws_note(report),
        ),
    )


def draw_coverage(page: SelectionPage) -> list[Any]:
    """How near each input item is to each set."""
    report, texts = page.report, page.template.explain_coverage
    return _measure_page(
        page,
        report.coverage,
        measure_explained(page, "nearest", texts, "input items to their nearest pick"),
        "nearest member",
        "the input",
        page.caption(
            scores.sampling_note(report.coverage.selected, report, report.counts.input),
            scores.sampled_maxima_note(report),
            _spike_at_zero(report),
            scores.draws_note(report),
        ),
    )


def _measure_page(
    page: SelectionPage,
    measure: SetMeasures,
    explanation: Any,
    nearest: str,
    whole: str,
    caption: Any,
) -> list[Any]:
    """The explanation, the distributions of the sets over the free height, and their table.

    nearest  to which member of the set the distances are
    whole    of what the shares are
    """
    style = page.style
    sets = present(measure, alone=nothing_to_compare(page.report))
    unit = scores.distance_unit(page.report)
    measured = f"distance to the {nearest} of the set ({unit})"
    figure = distributions(style, sets, measured, f"Share of {whole} at most this far")
    below = [style.gap(6), statistics_table(page, measure), caption]
    reserve = page.height(below) + 2
    return [
        explanation,
        style.gap(8),
        FigureBox(style, figure, reserve=reserve, least=150, most=290),
        *below,
    ]


def _spike_at_zero(report: Report) -> str:
    """What lies at distance 0."""
    counts = report.counts
    equal = ", and the items equal to them" if counts.distinct < counts.input else ""
    return (
        f"The spike at distance 0 is the {scores.picks_text(counts.selected)} themselves, of "
        f"{scores.items_text(report, counts.input)}{equal}."
    )


# --------------------------------------------------------------------------------------
# The table of statistics.


def statistics_table(page: SelectionPage, measure: SetMeasures) -> Any:
    """A row for each set; under random ones the interval of the draws, in two rows.

    Long numbers get wider columns, then smaller type, then a shared power of ten.
    """
    sets = sets_in_table(page.report, measure)
    style = page.style
    for power in dict.fromkeys((0, _largest_power(sets))):
        head, rows, quiet = _statistics(sets, power)
        size, pad, widths, fits = fit_columns(style, head, rows)
        if fits:
            break
    if not fits:
        widths = [width * style.width / sum(widths) for width in widths]
    numeric = list(range(1, len(head)))
    return number_table(style, head, rows, widths, numeric, quiet_rows=quiet, size=size, pad=pad)


def sets_in_table(report: Report, measure: SetMeasures) -> dict[str, Distribution]:
    """The sets of a measure, without the draws where these could not be different."""
    alone = nothing_to_compare(report)
    sets = {name: getattr(measure, name) for name in SET_NAMES}
    return {
        name: distances
        for name, distances in sets.items()
        if distances is not None and not (alone and isinstance(distances, RandomBaseline))
    }


def _statistics(
    sets: Mapping[str, Distribution], power: int
) -> tuple[list[str], list[list[str]], list[int]]:
    """Head, rows in units of ten to the `power`, and which rows are secondary."""

    def scaled(value: float) -> str:
        return number(value / 10.0**power)

    rows: list[list[str]] = []
    quiet = []
    for name, distances in sets.items():
        values = [scaled(statistic_value(distances, key)) for key in STATISTICS]
        rows.append([SET_NAMES[name], *values, count(distances.n_queries)])
        if isinstance(distances, RandomBaseline):
            for end, title in enumerate(("  95% of draws from", "  to")):
                quiet.append(len(rows))
                ends = [
                    scaled(distances.interval[key][end]) if key in distances.interval else ""
                    for key in STATISTICS
                ]
                rows.append([title, *ends, ""])
    unit = f"× 10{str(power).translate(SUPERSCRIPT)}" if power else ""
    return [unit, *STATISTICS.values(), "items"], rows, quiet


def _largest_power(sets: Mapping[str, Distribution]) -> int:
    """The power of ten of the largest distance, 0 if there is none."""
    largest = max((distances.max for distances in sets.values()), default=0.0)
    return math.floor(math.log10(largest)) if largest > 0 and math.isfinite(largest) else 0
