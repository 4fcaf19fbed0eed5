"""Metadata before and after: the label, where its items lie, and the columns that changed most."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import KeepTogether

from curate.report.pages.figures.class_bars import AXIS, KEY, ClassShares, class_bars, gathered
from curate.report.pages.figures.label_maps import label_maps, maps_height
from curate.report.pages.selection.diversity_coverage import beyond
from curate.report.pages.page import SelectionPage
from curate.report.render.figures import FigureBox
from curate.report.render.numbers import count, interval, number
from curate.report.words.scores import draw_count, nothing_to_compare
from curate.schema.measures import ColumnShares
from curate.schema.report import Report

MOST_HIGH = 330.0  # of the bars of one column
LINE = 16.0  # of one class, at most
MAPS_MOST = 10
NAME = 32  # signs of a column's name in the title


def finding(report: Report) -> str | None:
    """The column whose shares moved most, against random choice."""
    if not report.columns or nothing_to_compare(report) or not draw_count(report):
        return None
    one = max(report.columns, key=_excess)
    moved, (low, high) = one.variation, one.variation.interval
    name = one.name
    if len(name) > NAME:
        name = f"{name[: NAME // 2]}…{name[-NAME // 2 :]}"
    if moved.selected > high:
        return (
            f"The selection shifts the shares of column {name} by {number(moved.selected)} "
            f"(random: {interval(moved.interval)})"
        )
    against = f"({number(moved.selected)}; random: {interval(moved.interval)})"
    if moved.selected < low:
        return f"The shares of column {name} stay nearer to the input's than by chance {against}"
    return f"No shares moved beyond chance (column {name}: {against[1:]}"


def draw(page: SelectionPage) -> list[Any]:
    """Each column as bars; below the label its maps."""
    story: list[Any] = []
    for one in page.report.columns:
        story.append(KeepTogether(_column(page, one)))
        if one.is_label:
            story += _maps(page, one)
    return story


def _high(lines: int) -> float:
    """Height of the bars of so many classes: lower than beside targets."""
    return min(MOST_HIGH, KEY + AXIS + LINE * lines)


def _excess(one: ColumnShares) -> float:
    return one.variation.selected - one.variation.random


def _column(page: SelectionPage, one: ColumnShares) -> list[Any]:
    style, moved, even = page.style, one.variation, one.entropy
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
        for share in one.classes
    ]
    shown = gathered(classes, MOST_HIGH)
    told = (
        f"Total variation {number(moved.selected)} from the input (random choice "
        f"{interval(moved.interval)}). Balance entropy {number(even.selected)} (random choice "
        f"{interval(even.interval)}), {number(one.input_entropy)} in the input."
    )
    notes = []
    if one.binned:
        notes.append("Bins between quantiles of the input, each with about as many items.")
    if one.n_classes > len(one.classes):
        notes.append(f"The most frequent {count(len(one.classes))} of {count(one.n_classes)}.")
    if len(shown) < len(classes):
        notes.append("The rarest classes are only counted; each is in report.json.")
    return [
        style.paragraph(
            f"{one.name} (the label)" if one.is_label and one.name != "label" else one.name,
            "heading",
        ),
        style.paragraph(told),
        FigureBox(style, class_bars(style, shown), _high(len(shown))),
        *([page.caption(*notes)] if notes else []),
        style.gap(6),
    ]


def _maps(page: SelectionPage, label: ColumnShares) -> list[Any]:
    """The map again for the most frequent labels."""
    style, maps = page.style, page.report.maps
    one = maps.bent
    on_map = {name for name in maps.label if name is not None}
    names = [share.name for share in label.classes if share.name in on_map][:MAPS_MOST]
    if one is None or not names:
        return []
    some = f"the {count(len(names))} most frequent of {count(label.n_classes)} labels"
    which = some if label.n_classes > len(names) else "each label"
    return [
        KeepTogether(
            [
                style.paragraph("Where they lie", "heading"),
                FigureBox(
                    style, label_maps(style, maps, one, names), maps_height(style.width, len(names))
                ),
                page.caption(
                    f"The same map for {which}: black its items, ringed blue its picks, grey all "
                    "others; in words how many of those on the map are picks.",
                    beyond(one),
                ),
                style.gap(6),
            ]
        )
    ]
