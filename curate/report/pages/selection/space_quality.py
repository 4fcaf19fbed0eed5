"""The space that the selection was made in: what `curate evaluate` says about it, on one page."""

from __future__ import annotations

from typing import Any

from curate.report.pages.figures.spaces import pair_panels, spectra
from curate.report.pages.page import SelectionPage
from curate.report.render.numbers import count, number, percent
from curate.report.render.printable_text import shortened
from curate.report.render.tables import number_table
from curate.report.words import evaluation, scores
from curate.report.words.evaluation import MEASURE_ROWS, measure_value
from curate.schema.evaluation import SpaceQuality
from curate.schema.report import Report

CLASSES_MOST = 8
PAIRS_HEIGHT, SPECTRUM_HEIGHT = 170.0, 260.0
OVERLAP = "The less both histograms overlap, the better the space tells classes apart."
GUTTER = 18.0  # between two tables side by side
NUMBER_WIDTH = 62.0  # of a column of numbers


def title(report: Report) -> str | None:
    """How often the nearest neighbour has the label of an item; None unless it was asked for."""
    quality = report.space
    if quality is None:
        return None
    retrieval = quality.measured.retrieval
    if retrieval is not None:
        sentence = (
            f"The nearest neighbour has the label of its item in "
            f"{percent(retrieval.means['recall@1'])} of the cases"
        )
        chance = quality.recall_by_chance
        return sentence if chance is None else f"{sentence}, where chance gives {percent(chance)}"
    return (
        f"The space spreads {scores.items_text(report, quality.items)} over "
        f"{number(quality.measured.spectrum.effective_rank)} of "
        f"{count(quality.measured.space.dims)} dimensions"
    )


def draw(page: SelectionPage) -> list[Any]:
    """Pairs, or the spectrum where there are none; every measure; the classes found worst."""
    quality, style = page.report.space, page.style
    assert quality is not None  # the section has a title
    space = quality.measured
    figure = (
        page.figure(spectra(style, [space], page.short_name), SPECTRUM_HEIGHT)
        if space.pairs is None
        else page.figure(pair_panels(style, [space], page.short_name), PAIRS_HEIGHT)
    )
    story: list[Any] = [figure, style.gap(6), _measures(page, quality)]
    story.append(
        page.caption(
            "" if space.pairs is None else OVERLAP,
            evaluation.sampling_note(quality, space),
            *evaluation.undefined_sentences(space),
        )
    )
    if space.classes:
        story += [style.gap(8), _classes(page, quality)]
        left = quality.classes - min(len(space.classes), CLASSES_MOST)
        story.append(
            page.caption(
                "Fraction: of the 8 nearest of the items of either class, those of the other."
                if space.mixed
                else "",
                f"{count(left)} classes are found better." if left > 0 else "",
            )
        )
    return story


def _measures(page: SelectionPage, quality: SpaceQuality) -> Any:
    """What labels tell at the left, the shape of the space at the right."""
    by_labels: list[list[str]] = []
    shape: list[list[str]] = []
    for name, row in MEASURE_ROWS.items():
        value = measure_value(quality.measured, name)
        if value is not None:
            text = count(int(value)) if name == "rank" else number(value)
            (by_labels if row.more else shape).append([row.title, text])
    return _tables_side_by_side(
        page, (["By the labels", ""], by_labels), (["Shape of the space", ""], shape)
    )


def _classes(page: SelectionPage, quality: SpaceQuality) -> Any:
    """The classes that are found worst, and the pairs that are mixed up most."""
    space, style = quality.measured, page.style
    half = (style.width - GUTTER) / 2
    worst = [
        [
            shortened(part.label, half - 130, style.small),
            count(part.items),
            number(part.recall_at_1),
        ]
        for part in space.classes[:CLASSES_MOST]
    ]
    mixed = [
        [
            shortened(f"{pair.first} and {pair.second}", half - 70, style.small),
            percent(pair.fraction),
        ]
        for pair in space.mixed[:CLASSES_MOST]
    ]
    return _tables_side_by_side(
        page,
        (["Found worst", "items", "Recall@1"], worst),
        (["Mixed up most", "fraction"], mixed),
    )


def _tables_side_by_side(page: SelectionPage, *tables: tuple[list[str], list[list[str]]]) -> Any:
    """One table from those that have rows; they share the width, and begin with a column of words.

    Without labels, only the second of them has rows.
    """
    filled = [(head, rows) for head, rows in tables if rows]
    wide = (page.style.width - GUTTER * (len(filled) - 1)) / max(len(filled), 1)
    heads: list[str] = []
    widths: list[float] = []
    numeric: list[int] = []
    for place, (head, _) in enumerate(filled):
        if place:
            heads.append("")
            widths.append(GUTTER)
        numeric += range(len(heads) + 1, len(heads) + len(head))
        heads += head
        many = len(head) - 1
        widths += [wide - NUMBER_WIDTH * many, *[NUMBER_WIDTH] * many]
    lines = []
    for line in range(max(len(rows) for _, rows in filled)):
        cells: list[str] = []
        for place, (head, rows) in enumerate(filled):
            cells += [""] * (place > 0)
            cells += rows[line] if line < len(rows) else [""] * len(head)
        lines.append(cells)
    return number_table(page.style, heads, lines, widths, numeric)
