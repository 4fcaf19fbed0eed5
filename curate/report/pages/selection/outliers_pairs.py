"""What lies far from everything, and what is nearly twice in the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.platypus import KeepTogether

from curate.report.pages.item_pairs import ItemPair, PairItem, item_pairs, pairs_in_row
from curate.report.pages.page import SelectionPage
from curate.report.pages.selection.maps import places_on_map
from curate.report.render.cards import ItemCard, card_rows
from curate.report.render.numbers import count, interval, number, percent
from curate.report.render.printable_text import shortened
from curate.report.render.tables import number_table
from curate.report.words.scores import nothing_to_compare
from curate.schema.measures import Neighbourhoods, Outlier, OutlierShare, Pair
from curate.schema.report import Report

PAIRS_MOST = {"images": 6, "text": 4}
PAIRS_IN_TABLE = 8
OUTLIER_GRID = {"images": (6, 64.0), "text": (3, None)}  # columns, height of pictures
OUTLIERS_MOST, OUTLIERS_IN_TABLE = 6, 8
LEAST_ITEMS = 20  # of the input, of which one could be an outlying 5%


def title(report: Report) -> str | None:
    """How much of the selection is outlying, or else how near the nearest items are."""
    neighbourhoods = report.neighbourhoods
    if neighbourhoods is None:
        return None
    shares = meaningful_shares(report)
    if shares:
        share = shares[-1]
        return (
            f"{percent(share.selected)} of the picks are in the outlying {_part(share)} of the "
            f"input (random: {_interval(share)})"
        )
    if not neighbourhoods.input_pairs:
        return None
    return f"The closest two input items lie {number(neighbourhoods.input_pairs[0].distance)} apart"


def meaningful_shares(report: Report) -> list[OutlierShare]:
    """Outlier shares of enough items, where random choice could give others."""
    neighbourhoods = report.neighbourhoods
    if neighbourhoods is None or nothing_to_compare(report):
        return []
    n = report.counts.input
    return [
        share
        for share in neighbourhoods.outlier_shares
        if share.input * n >= 1 and n >= LEAST_ITEMS
    ]


def draw(page: SelectionPage) -> list[Any]:
    """Outliers with their share, then the pairs."""
    neighbourhoods = page.report.neighbourhoods
    assert neighbourhoods is not None  # the section has a title
    return [*_outliers(page, neighbourhoods), *_pairs(page, neighbourhoods)]


def _outliers(page: SelectionPage, neighbourhoods: Neighbourhoods) -> list[Any]:
    shares, style = meaningful_shares(page.report), page.style
    if not shares:
        return []
    head = ["Part of the input", "Input", "Selection", "Random", "Picks"]
    rows = [
        [
            f"most outlying {_part(share)} (beyond {number(share.threshold)})",
            percent(share.input),
            percent(share.selected),
            _interval(share),
            count(share.n_picks),
        ]
        for share in shares
    ]
    most = OUTLIERS_MOST if page.item_kind in OUTLIER_GRID else OUTLIERS_IN_TABLE
    outliers = neighbourhoods.outliers[:most]
    sample = (
        f"from all {count(neighbourhoods.n_queries)} input items"
        if neighbourhoods.exact
        else f"from a uniform sample of {count(neighbourhoods.n_queries)} of "
        f"{count(page.report.counts.input)} input items, each measured against all of them"
    )
    return [
        page.table(head, rows),
        page.caption(
            f"Outlyingness: mean distance to the {count(neighbourhoods.neighbours)} nearest other "
            f"input items, {sample}. Random: middle 95% of uniform draws as large."
        ),
        KeepTogether(
            [
                style.paragraph("The most outlying input items", "heading"),
                *_outlier_grid(page, outliers),
                style.gap(4),
                *places_on_map(
                    page, [outlier.row for outlier in outliers], page.template.explain_outliers
                ),
            ]
        ),
    ]


def _outlier_grid(page: SelectionPage, outliers: Sequence[Outlier]) -> list[Any]:
    style = page.style
    if page.item_kind not in OUTLIER_GRID:
        wide = style.width - 24 - 90 - 80
        rows = [
            [
                count(place),
                shortened(outlier.id, wide - 8, style.small),
                "" if outlier.rank is None else f"pick {count(outlier.rank)}",
                number(outlier.distance),
            ]
            for place, outlier in enumerate(outliers, 1)
        ]
        head = ["", "Input item", "", "Outlyingness"]
        return [number_table(style, head, rows, [24, wide, 90, 80], [3])]
    columns, picture = OUTLIER_GRID[page.item_kind]
    cards = [
        ItemCard(
            head=count(place),
            aside=number(outlier.distance),
            foot=outlier.id
            if outlier.rank is None
            else f"pick {count(outlier.rank)}: {outlier.id}",
            jpeg=page.thumbnails.get(outlier.id),
            text=outlier.text or "",
        )
        for place, outlier in enumerate(outliers, 1)
    ]
    return list(card_rows(style, cards, columns, picture))


def _pairs(page: SelectionPage, neighbourhoods: Neighbourhoods) -> list[Any]:
    style, story = page.style, []
    in_table = pairs_in_row(page) is None
    most = PAIRS_IN_TABLE if in_table else PAIRS_MOST[page.item_kind]
    queries = count(neighbourhoods.n_queries)
    sampled = "" if neighbourhoods.exact else f" (from {queries} of the input)"
    for heading, pairs, ink, note in (
        (
            f"The closest items of the input{sampled}",
            neighbourhoods.input_pairs,
            "input",
            "Would one label do for both? Items with exactly the same content are left out; an "
            "item is in one pair at most.",
        ),
        (
            "The closest picks",
            neighbourhoods.pick_pairs,
            "selected",
            "The picks that are most alike.",
        ),
    ):
        if not pairs:
            continue
        drawn = [_item_pair(pair, ink) for pair in pairs[:most]]
        story.append(
            KeepTogether(
                [
                    style.paragraph(heading, "heading"),
                    *item_pairs(page, drawn, ("Item", "Other item"), arrow=False),
                    page.caption(note),
                    style.gap(6),
                ]
            )
        )
    return story


def _item_pair(pair: Pair, ink: str) -> ItemPair:
    first = PairItem(pair.one, pair.text or "", ink)
    return ItemPair(first, PairItem(pair.other, pair.other_text or "", ink), pair.distance)


def _part(share: OutlierShare) -> str:
    return f"{100 * share.fraction:g}%"


def _interval(share: OutlierShare) -> str:
    low, high = share.interval
    return interval((100 * low, 100 * high)) + "%"
