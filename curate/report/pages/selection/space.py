"""The space that the selection was made in: what `curate evaluate` says of it, on one page."""

from __future__ import annotations

from typing import Any

from curate.report.pages.figures.spaces import pair_panels, spectra
from curate.report.pages.page import SelectionPage
from curate.report.render.figures import FigureBox
from curate.report.render.numbers import count, number, percent
from curate.report.render.printable_text import shortened
from curate.report.render.tables import number_table
from curate.report.words import evaluation, scores
from curate.report.words.evaluation import MEASURE_ROWS, measure_value
from curate.schema.evaluation import SpaceQuality
from curate.schema.report import Report

CLASSES_SHOWN = 8
PAIRS_HEIGHT, SPECTRUM_HEIGHT = 170.0, 260.0
OVERLAP = "The less both histograms overlap, the better the space tells classes apart."
GUTTER = 18.0  # between two tables side by side


def finding(report: Report) -> str | None:
    """How often the nearest neighbour has the label of an item; None unless it was asked for."""
    part = report.space
    if part is None:
        return None
    retrieval = part.measured.retrieval
    if retrieval is not None:
        told = (
            f"The nearest neighbour has the label of its item in "
            f"{percent(retrieval.means['recall@1'])} of the cases"
        )
        by_chance = part.recall_by_chance
        return told if by_chance is None else f"{told}, where chance gives {percent(by_chance)}"
    return (
        f"The space spreads {scores.items_counted(report, part.items)} over "
        f"{number(part.measured.spectrum.effective_rank)} of "
        f"{count(part.measured.space.dims)} dimensions"
    )


def draw(page: SelectionPage) -> list[Any]:
    """Pairs, or the spectrum where there are none; every measure; the classes found worst."""
    part, style = page.report.space, page.style
    assert part is not None  # or there were no finding
    one = part.measured
    figure = (
        FigureBox(style, spectra(style, [one]), SPECTRUM_HEIGHT)
        if one.pairs is None
        else FigureBox(style, pair_panels(style, [one]), PAIRS_HEIGHT)
    )
    story: list[Any] = [figure, style.gap(6), _measures(page, part)]
    story.append(
        page.caption(
            "" if one.pairs is None else OVERLAP,
            evaluation.sampling_note(part, one),
            *evaluation.undefined_sentences(one),
        )
    )
    if one.classes:
        story += [style.gap(8), _classes(page, part)]
        left = part.classes - min(len(one.classes), CLASSES_SHOWN)
        story.append(
            page.caption(
                "Fraction: of the 8 nearest of the items of either class, those of the other."
                if one.mixed
                else "",
                f"{count(left)} classes are found better." if left > 0 else "",
            )
        )
    return story


def _measures(page: SelectionPage, part: SpaceQuality) -> Any:
    """What labels tell at the left, the shape of the space at the right; only that without."""
    told = [
        (row, count(int(found)) if name == "rank" else number(found))
        for name, row in MEASURE_ROWS.items()
        if (found := measure_value(part.measured, name)) is not None
    ]
    left = [(row.title, text) for row, text in told if row.more]
    right = [(row.title, text) for row, text in told if not row.more]
    return _side_by_side(
        page,
        (["By the labels", ""], [list(row) for row in left]),
        (["Shape of the space", ""], [list(row) for row in right]),
    )


def _classes(page: SelectionPage, part: SpaceQuality) -> Any:
    """The classes that are found worst, and the pairs that are mixed up most."""
    one, half = part.measured, (page.style.width - GUTTER) / 2
    worst = [
        [
            shortened(row.label, half - 130, page.style.small),
            count(row.items),
            number(row.recall_at_1),
        ]
        for row in one.classes[:CLASSES_SHOWN]
    ]
    mixed = [
        [
            shortened(f"{pair.first} and {pair.second}", half - 70, page.style.small),
            percent(pair.fraction),
        ]
        for pair in one.mixed[:CLASSES_SHOWN]
    ]
    return _side_by_side(
        page,
        (["Found worst", "items", "Recall@1"], worst),
        (["Mixed up most", "fraction"], mixed),
    )


def _side_by_side(page: SelectionPage, *tables: tuple[list[str], list[list[str]]]) -> Any:
    """Tables as one, of which those with rows share the width; the first column is words."""
    shown = [(head, rows) for head, rows in tables if rows]
    each = (page.style.width - GUTTER * (len(shown) - 1)) / max(len(shown), 1)
    heads: list[str] = []
    widths: list[float] = []
    numeric: list[int] = []
    for place, (head, _) in enumerate(shown):
        if place:
            heads.append("")
            widths.append(GUTTER)
        numeric += range(len(heads) + 1, len(heads) + len(head))
        heads += head
        widths += [each - 62.0 * (len(head) - 1), *[62.0] * (len(head) - 1)]
    lines = []
    for line in range(max(len(rows) for _, rows in shown)):
        cells: list[str] = []
        for place, (head, rows) in enumerate(shown):
            cells += [""] * (place > 0)
            cells += rows[line] if line < len(rows) else [""] * len(head)
        lines.append(cells)
    return number_table(page.style, heads, lines, widths, numeric)
