"""The pages of a comparison of spaces over the same items."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import KeepTogether

from curate.report.pages.figures.map_grids import agreement_height, agreement_maps
from curate.report.pages.figures.spaces import agreement_bars, matrix_figure
from curate.report.pages.page import PageContext, Section
from curate.report.pages.spaces.shared import (
    how_made,
    how_made_section,
    map_methods,
    map_quality_table,
    outside_frames,
)
from curate.report.render.cards import CardRow, ItemCard
from curate.report.render.numbers import count, number
from curate.report.render.tables import PAD
from curate.report.words import space_comparison
from curate.report.words.space_comparison import cut_at_end, item_words, pairwise_matrix
from curate.schema.space_reports import Changed, ComparisonReport, SpacePair
from curate.schema.spaces import Neighbour

ComparisonPage = PageContext[ComparisonReport]

LABELS_MOST = 34
CHANGED_MOST = 6
PAIRS_IN_FULL = 3  # that are shown at every k, and as histograms
NEIGHBOURS_MOST = 5
PICTURE_HEIGHT, BARS_HEIGHT, MATRIX_HEIGHT = 44.0, 175.0, 300.0
HEADING_LETTERS, NEIGHBOUR_LETTERS = 110, 90
BASIS = (
    "Overlap: the fraction of the k nearest that both spaces share; the item itself is not among "
    "them. IoU: shared over all that either has. Chance: what unrelated spaces give. CKA (linear, "
    "debiased): 1 for equal up to rotation and scale, about 0 for unrelated. RSA: rank correlation "
    "of the distances of pairs. Procrustes: what the best rotation and scale leave, 0 to 1. "
    "Overlap and IoU measure neighbourhoods, the others the whole space: spaces may agree in one "
    "and differ in the other."
)


def _pair_name(page: ComparisonPage, pair: SpacePair) -> str:
    return f"{page.short_name(pair.first)} and {page.short_name(pair.second)}"


def draw_summary(page: ComparisonPage) -> list[Any]:
    """The tables of common neighbours and of the whole spaces."""
    report, style = page.report, page.style
    likeness = [
        [_pair_name(page, pair), number(pair.cka), number(pair.rsa), number(pair.procrustes)]
        for pair in report.pairs
    ]
    measured = (
        f"Exact: all {count(report.items)} items are queries, each against all others."
        if report.exact
        else f"A uniform sample of {count(report.n_queries)} of {count(report.items)} items are "
        "queries, each exact against all others."
    )
    rsa_items = report.pairs[0].rsa_items
    return [
        style.paragraph("Neighbours", "heading"),
        page.table(["", "k", "overlap", "chance", "IoU", "chance"], _agreement_rows(page)),
        page.caption(
            measured,
            "Every k is in report.json." if len(report.pairs) > PAIRS_IN_FULL else "",
        ),
        style.paragraph("The whole space", "heading"),
        page.table(["", "CKA", "RSA", "Procrustes"], likeness),
        page.caption(
            "CKA and Procrustes: exact, over all items.",
            f"RSA: all pairs of {'all' if rsa_items == report.items else 'a uniform sample of'} "
            f"{count(rsa_items)} items.",
        ),
        *style.paragraph_list(_missing_sentences(page), "small"),
        style.gap(8),
        style.paragraph(BASIS, "small"),
    ]


def _agreement_rows(page: ComparisonPage) -> list[list[str]]:
    """A row for each pair and k; of many pairs only for the k that is shown."""
    report = page.report
    return [
        [
            _pair_name(page, pair),
            str(agreement.k),
            number(agreement.overlap),
            number(agreement.chance),
            number(agreement.iou),
            number(agreement.chance_iou),
        ]
        for pair in report.pairs
        for agreement in pair.agreement
        if agreement.k == report.shown_k or len(report.pairs) <= PAIRS_IN_FULL
    ]


def _missing_sentences(page: ComparisonPage) -> list[str]:
    """Measures that are not defined, and items that not all spaces have."""
    report = page.report
    sentences = [
        f"{_pair_name(page, pair)}: no {name}, for {reason}."
        for pair in report.pairs
        for name, reason in pair.undefined.items()
    ]
    more = [
        f"{page.short_name(space.name)} has {count(space.missing)} more"
        for space in report.spaces
        if space.missing
    ]
    if more:
        sentences.append(
            f"Compared are the {count(report.items)} ids that all have: {'; '.join(more)}."
        )
    return sentences


def draw_histogram(page: ComparisonPage) -> list[Any]:
    """Counts at each k, for the first pairs."""
    report, style = page.report, page.style
    left = len(report.pairs) - PAIRS_IN_FULL
    caption = page.caption(
        "Dashed orange: expected of unrelated spaces (hypergeometric), cut off where it is "
        "higher than the panel.",
        f"The other {left} pairs are in report.json." if left > 0 else "",
    )
    pairs = report.pairs[:PAIRS_IN_FULL]
    room = page.free_height("histogram") - page.height([caption])
    story: list[Any] = []
    for pair in pairs:
        heading = style.paragraph(_pair_name(page, pair), "heading")
        height = min(BARS_HEIGHT, room / len(pairs) - page.height([heading]))
        figure = page.figure(agreement_bars(style, pair.agreement), height)
        story.append(KeepTogether([heading, figure]))
    return [*story, caption]


def draw_matrices(page: ComparisonPage) -> list[Any]:
    """Overlap and CKA of every two spaces."""
    report = page.report
    names = [page.short_name(space.name) for space in report.spaces]
    return [
        page.figure(
            matrix_figure(page.style, names, pairwise_matrix(report, measure), title),
            MATRIX_HEIGHT,
        )
        for measure, title in (
            ("overlap", f"Overlap at k = {report.shown_k}"),
            ("cka", "Linear CKA"),
        )
    ]


def draw_maps(page: ComparisonPage) -> list[Any]:
    """Both maps, coloured by agreement."""
    report, style = page.report, page.style
    figure = agreement_maps(style, report.maps, report.map_common, report.shown_k, page.short_name)
    many = count(len(report.map_common))
    return [
        page.figure(figure, agreement_height(style.width)),
        map_quality_table(page, report.maps),
        page.caption(
            f"At k = {report.shown_k}: 1 would be a map that shows the neighbours of the space.",
            map_methods(report.maps),
            f"{many} of {count(report.n_queries)} queries, the same in both.",
            outside_frames(report.maps),
            "A map is a picture: the colours are measured in the full spaces, the places are not.",
        ),
    ]


def draw_labels(page: ComparisonPage) -> list[Any]:
    """Agreement of each class, least first."""
    pair = page.report.pairs[0]
    rows = [
        [page.short_name(part.label), count(part.items), number(part.overlap)]
        for part in pair.labels[:LABELS_MOST]
    ]
    left = len(pair.labels) - len(rows)
    return [
        page.table(["", "queries", f"overlap at k = {page.report.shown_k}"], rows),
        page.caption(
            f"{_pair_name(page, pair)}.",
            f"{count(left)} more labels are in report.json." if left > 0 else "",
        ),
    ]


def draw_changed(page: ComparisonPage) -> list[Any]:
    """Items with their neighbours in both spaces, side by side."""
    report = page.report
    pair = report.pairs[0]
    story = [
        KeepTogether(_neighbourhood(page, changed, pair)) for changed in pair.changed[:CHANGED_MOST]
    ]
    return [
        *story,
        page.caption(
            "The items with the fewest common neighbours; among equals, those with the nearest "
            f"neighbours. {len(pair.changed)} items with {report.shown_k} neighbours each are in "
            f"report.json, every query in {report.agreement_file}."
        ),
    ]


def _neighbourhood(page: ComparisonPage, changed: Changed, pair: SpacePair) -> list[Any]:
    words = cut_at_end(item_words(changed, page.short_name), HEADING_LETTERS)
    heading = page.style.paragraph(f"{words}: {changed.common} in common", "heading")
    if page.shows_pictures:
        return [heading, *_pictures(page, changed, pair), page.style.gap(PAD)]
    rows = [
        [
            _neighbour_words(page, first),
            number(first.distance),
            _neighbour_words(page, second),
            number(second.distance),
        ]
        for first, second in zip(
            changed.first[:NEIGHBOURS_MOST], changed.second[:NEIGHBOURS_MOST], strict=False
        )
    ]
    head = [page.short_name(pair.first), "distance", page.short_name(pair.second), "distance"]
    return [heading, page.table(head, rows, text=(0, 2)), page.style.gap(PAD)]


def _neighbour_words(page: ComparisonPage, neighbour: Neighbour) -> str:
    """A neighbour in words; a dot marks one that both spaces have."""
    words = item_words(neighbour, page.short_name)
    return cut_at_end(f"● {words}" if neighbour.common else words, NEIGHBOUR_LETTERS)


def _pictures(page: ComparisonPage, changed: Changed, pair: SpacePair) -> list[Any]:
    """The item with its nearest in the first space; below them its nearest in the second."""
    own = ItemCard("item", "", changed.id, page.thumbnails.get(changed.id))
    story: list[Any] = []
    for lead, name, neighbours in (
        (own, pair.first, changed.first),
        (None, pair.second, changed.second),
    ):
        cards = [
            ItemCard(
                "● both" if neighbour.common else "",
                number(neighbour.distance),
                neighbour.id,
                page.thumbnails.get(neighbour.id),
            )
            for neighbour in neighbours[:NEIGHBOURS_MOST]
        ]
        heading = f"Nearest in {page.short_name(name)}, with the distance"
        story += [
            page.style.paragraph(heading, "small"),
            CardRow(page.style, [lead, *cards], NEIGHBOURS_MOST + 1, PICTURE_HEIGHT),
        ]
    return story


def draw_how_made(page: ComparisonPage) -> list[Any]:
    """How to get the same numbers again."""
    report = page.report
    files = f"report.json: every number; {report.agreement_file}: every query"
    if report.thumbnails:
        files += f"; {report.thumbnails}: the pictures"
    return how_made(page, report.spaces, [("Beside this report", files)])


SECTIONS: dict[str, Section] = {
    "summary": Section(
        "Summary",
        space_comparison.summary_title,
        draw_summary,
        "Chance is the yardstick: what two unrelated spaces share.",
    ),
    "histogram": Section(
        "Common neighbours",
        space_comparison.histogram_title,
        draw_histogram,
        "Further right, more items keep their neighbours. Blue: measured; dashed orange: chance.",
    ),
    "matrices": Section(
        "Every two", space_comparison.matrices_title, draw_matrices, "Darker is more alike."
    ),
    "maps": Section(
        "Maps",
        space_comparison.maps_title,
        draw_maps,
        "Each point is an item: blue where its neighbours are the same in both spaces, pale where "
        "they differ.",
    ),
    "labels": Section(
        "Labels",
        space_comparison.labels_title,
        draw_labels,
        "Least agreement first.",
        below_last=lambda _: True,
    ),
    "changed": Section(
        "Changed most",
        space_comparison.changed_title,
        draw_changed,
        "Nearest first, in either space. A dot marks a neighbour that the item has in both.",
    ),
    "made": how_made_section(draw_how_made),
}
