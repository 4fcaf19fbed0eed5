"""What is too near and what is far out: near duplicates side by side, and outliers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.platypus import KeepTogether

from curate.report.pages.selection.pairs import Beside, Side, columns_of, side_by_side_pairs
from curate.report.pages.selection.worst import where_they_lie
from curate.report.pages.page import SelectionPage
from curate.report.render import cards, printable_text
from curate.report.render.numbers import count, interval, number, percent
from curate.report.render.tables import number_table
from curate.report.words.scores import nothing_to_compare
from curate.schema.measures import Neighbourhoods, Outlier, OutlierShare, Pair
from curate.schema.report import Report

PAIRS = {"images": 6, "text": 4}
PAIRS_AS_IDS = 8
OUTLIERS = {"images": (6, 64.0), "text": (3, None)}
LEAST = 20  # input items of which one could be an outlying 5%


def finding(report: Report) -> str | None:
    """How much of the selection is outlying, or else how near the nearest items are."""
    part = report.neighbourhoods
    if part is None:
        return None
    shares = shown_shares(report)
    if shares:
        one = shares[-1]
        return (
            f"{percent(one.selected)} of the picks are in the outlying {_part(one)} of the input "
            f"(random: {_ends(one)})"
        )
    if not part.input_pairs:
        return None
    return f"The closest two input items lie {number(part.input_pairs[0].distance)} apart"


def shown_shares(report: Report) -> list[OutlierShare]:
    """Outlier shares that say something: of enough items, against something to compare with."""
    part = report.neighbourhoods
    if part is None or nothing_to_compare(report):
        return []
    n = report.counts.input
    return [one for one in part.outlier_shares if one.input * n >= 1 and n >= LEAST]


def draw(page: SelectionPage) -> list[Any]:
    """Outliers with their share, then the pairs."""
    part = page.report.neighbourhoods
    assert part is not None
    return [*_outliers(page, part), *_near(page, part)]


def _outliers(page: SelectionPage, part: Neighbourhoods) -> list[Any]:
    shares, style = shown_shares(page.report), page.style
    if not shares:
        return []
    head = ["Part of the input", "Input", "Selection", "Random", "Picks"]
    rows = [
        [
            f"most outlying {_part(one)} (beyond {number(one.threshold)})",
            percent(one.input),
            percent(one.selected),
            _ends(one),
            count(one.n_picks),
        ]
        for one in shares
    ]
    rest = (style.width - 190) / 4
    shown = part.outliers[: _most_outliers(page)]
    where = where_they_lie(page, [one.row for one in shown], page.template.explain_outliers)
    from_ = (
        f"from all {count(part.n_queries)} input items"
        if part.exact
        else f"from a uniform sample of {count(part.n_queries)} of "
        f"{count(page.report.counts.input)} input items, each beside all of them"
    )
    return [
        number_table(style, head, rows, [190, rest, rest, rest, rest], [1, 2, 3, 4]),
        page.caption(
            f"Outlyingness: mean distance to the {count(part.neighbours)} nearest other input "
            f"items, {from_}. Random: middle 95% of uniform draws as large."
        ),
        KeepTogether(
            [
                style.paragraph("The most outlying input items", "heading"),
                *_cards(page, shown),
                style.gap(4),
                *where,
            ]
        ),
    ]


def _most_outliers(page: SelectionPage) -> int:
    return 6 if page.item_kind in OUTLIERS else 8


def _cards(page: SelectionPage, shown: Sequence[Outlier]) -> list[Any]:
    style = page.style
    if page.item_kind not in OUTLIERS:
        wide = style.width - 24 - 90 - 80
        rows = [
            [
                count(place),
                printable_text.shortened(one.id, wide - 8, style.small),
                "" if one.rank is None else f"pick {count(one.rank)}",
                number(one.distance),
            ]
            for place, one in enumerate(shown, 1)
        ]
        widths = [24, wide, 90, 80]
        return [number_table(style, ["", "Input item", "", "Outlyingness"], rows, widths, [3])]
    columns, picture = OUTLIERS[page.item_kind]
    made = [
        cards.ItemCard(
            head=count(place),
            aside=number(one.distance),
            foot=one.id if one.rank is None else f"pick {count(one.rank)}: {one.id}",
            jpeg=page.thumbnails.get(one.id),
            text=one.text or "",
        )
        for place, one in enumerate(shown, 1)
    ]
    return list(cards.card_rows(style, made, columns, picture))


def _near(page: SelectionPage, part: Neighbourhoods) -> list[Any]:
    style, story = page.style, []
    most = PAIRS.get(page.item_kind, PAIRS_AS_IDS) if columns_of(page) else PAIRS_AS_IDS
    sampled = "" if part.exact else f" (from {count(part.n_queries)} of the input)"
    for title, pairs, ink, note in (
        (
            f"The closest items of the input{sampled}",
            part.input_pairs,
            "input",
            "Would one label do for both? Items of exactly the same content are not among them; an "
            "item is in one pair at most.",
        ),
        (
            "The closest picks",
            part.pick_pairs,
            "selected",
            "What the selection still says almost twice.",
        ),
    ):
        if not pairs:
            continue
        drawn = [_beside(pair, ink) for pair in pairs[:most]]
        story.append(
            KeepTogether(
                [
                    style.paragraph(title, "heading"),
                    *side_by_side_pairs(page, drawn, ("One", "The other"), arrow=False),
                    page.caption(note),
                    style.gap(6),
                ]
            )
        )
    return story


def _beside(pair: Pair, ink: str) -> Beside:
    one = Side(pair.one, pair.text or "", ink)
    return Beside(one, Side(pair.other, pair.other_text or "", ink), pair.distance)


def _part(one: OutlierShare) -> str:
    return f"{100 * one.fraction:g}%"


def _ends(one: OutlierShare) -> str:
    low, high = one.interval
    return interval((100 * low, 100 * high)) + "%"
