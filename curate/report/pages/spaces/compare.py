"""The pages of a comparison."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import KeepTogether

from curate.report.pages.figures.spaces import agreement_bars, agreement_maps, matrix_figure
from curate.report.pages.spaces.maps import beyond_frames, trust_table
from curate.report.pages.spaces.sheet import (
    SpaceSection,
    SpaceSheet,
    how_made,
    made_section,
    neighbour_line,
)
from curate.report.render.cards import CardRow, ItemCard
from curate.report.render.numbers import count, number
from curate.report.render.tables import PAD
from curate.report.words import space_comparison
from curate.report.words.space_comparison import cut_at_end, item_words, pairwise_matrix
from curate.schema.space_reports import Changed, ComparisonReport, SpacePair

Sheet = SpaceSheet[ComparisonReport]

LABELS_MOST = 34
CHANGED_SHOWN = 6
PAIRS_IN_FULL = 3  # that are shown at every k, and as histograms
NEIGHBOURS_SHOWN = 5
PICTURE = 44.0  # height
BARS = 175.0  # height of a row of histograms
BASIS = (
    "Overlap: the fraction of the k nearest that both spaces share; the item itself is not among "
    "them. IoU: shared over all that either has. Chance: what unrelated spaces give. CKA (linear, "
    "debiased): 1 for equal up to rotation and scale, about 0 for unrelated. RSA: rank correlation "
    "of the distances of pairs. Procrustes: what the best rotation and scale leave, 0 to 1. The "
    "first looks near, the others at the whole: spaces may agree in one and differ in the other."
)


def draw_summary(sheet: Sheet) -> list[Any]:
    """The table of agreement, and of likeness."""
    report, style = sheet.report, sheet.style
    likeness = [
        [
            f"{pair.first} and {pair.second}",
            number(pair.cka),
            number(pair.rsa),
            number(pair.procrustes),
        ]
        for pair in report.pairs
    ]
    measured = (
        f"Exact: all {count(report.items)} items are queries, each against all others."
        if report.exact
        else f"A uniform sample of {count(report.n_queries)} of {count(report.items)} items are "
        "queries, each exact against all others."
    )
    rsa = report.pairs[0].rsa_items
    story = [
        style.paragraph("Neighbours", "heading"),
        sheet.table(["", "k", "overlap", "chance", "IoU", "chance"], _agreement_rows(report)),
        sheet.foot(
            measured,
            "Every k is in report.json." if len(report.pairs) > PAIRS_IN_FULL else "",
        ),
        style.paragraph("The whole space", "heading"),
        sheet.table(["", "CKA", "RSA", "Procrustes"], likeness),
        sheet.foot(
            "CKA and Procrustes: exact, over all items.",
            f"RSA: all pairs of {'all' if rsa == report.items else 'a uniform sample of'} "
            f"{count(rsa)} items.",
        ),
    ]
    for pair in report.pairs:
        for name, why in pair.undefined.items():
            story.append(
                style.paragraph(f"{pair.first} and {pair.second}: no {name}, for {why}.", "small")
            )
    missing = [f"{one.name} has {count(one.missing)} more" for one in report.spaces if one.missing]
    if missing:
        story.append(
            style.paragraph(
                f"Compared are the {count(report.items)} ids that all have: {'; '.join(missing)}.",
                "small",
            )
        )
    return [*story, style.gap(8), style.paragraph(BASIS, "small")]


def _agreement_rows(report: ComparisonReport) -> list[list[str]]:
    """A row for each pair and k; of many pairs only for the k that is shown."""
    return [
        [
            f"{pair.first} and {pair.second}",
            str(one.k),
            number(one.overlap),
            number(one.chance),
            number(one.iou),
            number(one.chance_iou),
        ]
        for pair in report.pairs
        for one in pair.agreement
        if one.k == report.shown_k or len(report.pairs) <= PAIRS_IN_FULL
    ]


def draw_histogram(sheet: Sheet) -> list[Any]:
    """Counts at each k, for the first pairs."""
    story: list[Any] = []
    left = len(sheet.report.pairs) - PAIRS_IN_FULL
    foot = sheet.foot(
        "Dashed orange: expected of unrelated spaces (hypergeometric), cut off where it is "
        "higher than the panel.",
        f"The other {left} pairs are in report.json." if left > 0 else "",
    )
    pairs = sheet.report.pairs[:PAIRS_IN_FULL]
    room = sheet.room(sheet.findings["histogram"], SECTIONS["histogram"].how) - sheet.height([foot])
    for pair in pairs:
        named = sheet.style.paragraph(f"{pair.first} and {pair.second}", "heading")
        height = min(BARS, room / len(pairs) - sheet.height([named]))
        figure = sheet.figure(agreement_bars(sheet.style, pair.agreement), height)
        story.append(KeepTogether([named, figure]))
    return [*story, foot]


def draw_matrices(sheet: Sheet) -> list[Any]:
    """Overlap and CKA of every two."""
    report = sheet.report
    names = [one.name for one in report.spaces]
    return [
        sheet.figure(
            matrix_figure(
                sheet.style,
                names,
                pairwise_matrix(report, "overlap"),
                f"Overlap at k = {report.shown_k}",
            ),
            300,
        ),
        sheet.figure(
            matrix_figure(sheet.style, names, pairwise_matrix(report, "cka"), "Linear CKA"), 300
        ),
    ]


def draw_maps(sheet: Sheet) -> list[Any]:
    """Both maps, coloured by agreement."""
    report = sheet.report
    figure = agreement_maps(sheet.style, report.maps, report.map_common, report.shown_k)
    many = count(len(report.map_common))
    return [
        sheet.figure(figure, (sheet.style.width - 16) / 2 + 62),
        trust_table(sheet, report.maps),
        sheet.foot(
            f"At k = {report.shown_k}: 1 would be a map that shows the neighbours of the space.",
            f"{'; '.join(dict.fromkeys(one.note for one in report.maps))}.",
            f"{many} of {count(report.n_queries)} queries, the same in both.",
            beyond_frames(report.maps),
            "A map is a picture: the colours are measured in the full spaces, the places are not.",
        ),
    ]


def draw_labels(sheet: Sheet) -> list[Any]:
    """Agreement of each class, least first."""
    rows = sheet.report.pairs[0].labels
    shown_rows = [[one.label, count(one.items), number(one.overlap)] for one in rows[:LABELS_MOST]]
    left = len(rows) - len(shown_rows)
    pair = sheet.report.pairs[0]
    return [
        sheet.table(["", "queries", f"overlap at k = {sheet.report.shown_k}"], shown_rows),
        sheet.foot(
            f"{pair.first} and {pair.second}.",
            f"{count(left)} more labels are in report.json." if left > 0 else "",
        ),
    ]


def draw_changed(sheet: Sheet) -> list[Any]:
    """Items with their neighbours in both spaces, side by side."""
    report = sheet.report
    pair = report.pairs[0]
    story = [KeepTogether(_neighbourhood(sheet, one, pair)) for one in pair.changed[:CHANGED_SHOWN]]
    return [
        *story,
        sheet.foot(
            f"Those with the fewest common neighbours; among equals, those near to something. "
            f"{len(pair.changed)} items with {report.shown_k} neighbours each are in report.json, "
            f"every query in {report.agreement_file}."
        ),
    ]


def _neighbourhood(sheet: Sheet, one: Changed, pair: SpacePair) -> list[Any]:
    title = f"{cut_at_end(item_words(one), 110)}: {one.common} in common"
    head = sheet.style.paragraph(title, "heading")
    if sheet.thumbnails:
        return [head, *_pictured(sheet, one, pair), sheet.style.gap(PAD)]
    rows = [
        [
            cut_at_end(neighbour_line(a), 90),
            number(a.distance),
            cut_at_end(neighbour_line(b), 90),
            number(b.distance),
        ]
        for a, b in zip(one.first[:NEIGHBOURS_SHOWN], one.second[:NEIGHBOURS_SHOWN], strict=False)
    ]
    return [
        head,
        sheet.table([pair.first, "distance", pair.second, "distance"], rows, text=(0, 2)),
        sheet.style.gap(PAD),
    ]


def _pictured(sheet: Sheet, one: Changed, pair: SpacePair) -> list[Any]:
    """The item with its nearest in the first space; below them its nearest in the second."""
    own = ItemCard("item", "", one.id, sheet.thumbnails.get(one.id))
    story: list[Any] = []
    for lead, name, near in ((own, pair.first, one.first), (None, pair.second, one.second)):
        shown: list[ItemCard | None] = [
            ItemCard(
                "● both" if other.common else "",
                number(other.distance),
                other.id,
                sheet.thumbnails.get(other.id),
            )
            for other in near[:NEIGHBOURS_SHOWN]
        ]
        story += [
            sheet.style.paragraph(f"Nearest in {name}, with the distance", "small"),
            CardRow(sheet.style, [lead, *shown], NEIGHBOURS_SHOWN + 1, PICTURE),
        ]
    return story


def draw_made(sheet: Sheet) -> list[Any]:
    """How to get the same numbers again."""
    report = sheet.report
    beside = f"report.json: every number; {report.agreement_file}: every query"
    if report.thumbnails:
        beside += f"; {report.thumbnails}: the pictures"
    return how_made(sheet, report.spaces, [("Beside this report", beside)])


SECTIONS = {
    "summary": SpaceSection(
        "Summary",
        "The yardstick is chance: what two spaces share that have nothing to do with each other.",
        space_comparison.summary_title,
        draw_summary,
    ),
    "histogram": SpaceSection(
        "Common neighbours",
        "Further right, more items keep their neighbours. Blue: measured; dashed orange: chance.",
        space_comparison.histogram_title,
        draw_histogram,
    ),
    "matrices": SpaceSection(
        "Every two", "Darker is more alike.", space_comparison.matrices_title, draw_matrices
    ),
    "maps": SpaceSection(
        "Maps",
        "Each point is an item: blue where its neighbours are the same in both spaces, pale where "
        "they are others.",
        space_comparison.maps_title,
        draw_maps,
    ),
    "labels": SpaceSection(
        "Labels", "Least agreement first.", space_comparison.labels_title, draw_labels, True
    ),
    "changed": SpaceSection(
        "Changed most",
        "Nearest first, in either space. A dot marks a neighbour that it has in both.",
        space_comparison.changed_title,
        draw_changed,
    ),
    "made": made_section(draw_made),
}
