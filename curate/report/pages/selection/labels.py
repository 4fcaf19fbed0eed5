"""Metadata before and after: shares of each column, and where the items of each label lie."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import KeepTogether

from curate.report.pages.figures.class_bars import AXIS, KEY, ClassShares, class_bars, gathered
from curate.report.pages.figures.map_grids import label_picks_height, label_picks_maps
from curate.report.pages.page import SelectionPage
from curate.report.pages.selection.maps import outside_frame
from curate.report.render.numbers import count, interval, number
from curate.report.words.scores import draw_count, nothing_to_compare
from curate.schema.measures import ColumnShares
from curate.schema.report import Report

MOST_HIGH = 330.0  # of the bars of one column
LINE = 16.0  # of one class, at most
MAPS_MOST = 10
NAME_LETTERS = 32  # of a column's name in the title


def title(report: Report) -> str | None:
    """The column whose shares changed most, against random choice."""
    if not report.columns or nothing_to_compare(report) or not draw_count(report):
        return None
    column = max(report.columns, key=_more_than_random)
    variation = column.variation
    low, high = variation.interval
    name = column.name
    if len(name) > NAME_LETTERS:
        name = f"{name[: NAME_LETTERS // 2]}…{name[-NAME_LETTERS // 2 :]}"
    if variation.selected > high:
        return (
            f"The selection shifts the shares of column {name} by {number(variation.selected)} "
            f"(random: {interval(variation.interval)})"
        )
    against = f"{number(variation.selected)}; random: {interval(variation.interval)}"
    if variation.selected < low:
        return f"The shares of column {name} stay nearer to the input's than by chance ({against})"
    return f"No shares changed beyond chance (column {name}: {against})"


def draw(page: SelectionPage) -> list[Any]:
    """Each column as bars, and below the label its maps."""
    story: list[Any] = []
    for column in page.report.columns:
        story.append(KeepTogether(_column(page, column)))
        if column.is_label:
            story += _label_maps(page, column)
    return story


def _bars_height(lines: int) -> float:
    """Height of the bars of so many classes: lower than beside targets."""
    return min(MOST_HIGH, KEY + AXIS + LINE * lines)


def _more_than_random(column: ColumnShares) -> float:
    return column.variation.selected - column.variation.random


def _column(page: SelectionPage, column: ColumnShares) -> list[Any]:
    style, variation, entropy = page.style, column.variation, column.entropy
    classes = [
        ClassShares(
            name=share.name,
            target=None,
            input=share.input_share,
            selected=share.selected_share,
            random=share.random_share,
            interval=share.interval,
            items=float(share.selected_count),
            wanted=None,
        )
        for share in column.classes
    ]
    lines = gathered(classes, MOST_HIGH)
    summary = (
        f"Total variation {number(variation.selected)} from the input (random choice "
        f"{interval(variation.interval)}). Balance entropy {number(entropy.selected)} (random "
        f"choice {interval(entropy.interval)}), {number(column.input_entropy)} in the input."
    )
    notes = []
    if column.binned:
        notes.append("Bins between quantiles of the input, each with about as many items.")
    if column.n_classes > len(classes):
        notes.append(f"The most frequent {count(len(classes))} of {count(column.n_classes)}.")
    if len(lines) < len(classes):
        notes.append("The rarest classes are only counted; each is in report.json.")
    named = f"{column.name} (the label)" if column.is_label else column.name
    return [
        style.paragraph(column.name if column.name == "label" else named, "heading"),
        style.paragraph(summary),
        page.figure(class_bars(style, lines), _bars_height(len(lines))),
        *([page.caption(*notes)] if notes else []),
        style.gap(6),
    ]


def _label_maps(page: SelectionPage, label: ColumnShares) -> list[Any]:
    """The map again for each of the most frequent labels."""
    style, maps = page.style, page.report.maps
    drawn = maps.neighbour_map
    on_map = {name for name in maps.label if name is not None}
    names = [share.name for share in label.classes if share.name in on_map][:MAPS_MOST]
    if drawn is None or not names:
        return []
    most = f"the {count(len(names))} most frequent of {count(label.n_classes)} labels"
    which = most if label.n_classes > len(names) else "each label"
    return [
        KeepTogether(
            [
                style.paragraph("Where they lie", "heading"),
                page.figure(
                    label_picks_maps(style, maps, drawn, names),
                    label_picks_height(style.width, len(names)),
                ),
                page.caption(
                    f"The same map for {which}. Black: its items; ringed blue: its picks; grey: "
                    "all other items. Below each name: how many of its items on the map are picks.",
                    outside_frame(drawn),
                ),
                style.gap(6),
            ]
        )
    ]
