"""The pages of a drift report, and their findings as sentences with numbers."""

from __future__ import annotations

from typing import Any

from curate.report.pages.figures.spaces import far_histograms
from curate.report.pages.spaces.sheet import (
    SpaceSection,
    SpaceSheet,
    how_made,
    made_section,
)
from curate.report.render import cards
from curate.report.render.numbers import count, number, percent
from curate.report.render.tables import PAD
from curate.report.words.scores import UNITS
from curate.report.words.space_comparison import item_words
from curate.schema.space_reports import DriftReport, FarItem, FarItems
from curate.schema.spaces import ShownItem

Sheet = SpaceSheet[DriftReport]

SHARES_MOST = 20
FAR_SHOWN = 12
COVER_SHOWN = 24
COLUMNS, PICTURE = 6, 60.0  # of items as pictures, and their height
CENTRES, CENTRE = 4, 88.0  # the same of middles of clusters


def summary(report: DriftReport) -> str:
    """Is there drift, and how much."""
    energy = report.energy
    if energy.as_large > 0.05 * energy.permutations:
        return (
            f"No drift for certain: energy distance {number(energy.distance)}, which "
            f"{energy.as_large} of {energy.permutations} random splits reach"
        )
    return (
        f"The data have drifted: energy distance {number(energy.distance)}, where random splits "
        f"give {number(energy.permuted)}; {percent(report.arrived.fraction)} of the new are far"
    )


def arrived(report: DriftReport) -> str:
    """How much is new."""
    return _far("new", report.arrived, "old")


def gone(report: DriftReport) -> str:
    """How much has vanished."""
    return _far("old", report.gone, "new")


def _far(which: str, part: FarItems, other: str) -> str:
    return (
        f"{percent(part.fraction)} of the {which} items are far from the {other} data, where about "
        f"{100 * part.expected:.0f}% is usual"
    )


def moved(report: DriftReport) -> str | None:
    """How shares have moved."""
    if report.moved is None or not report.shares:
        return None
    if report.moved == 0:
        return "No item changed cluster: each cluster has the share that it had"
    most = report.shares[0]
    grew = "grew" if most.new > most.old else "shrank"
    return (
        f"{percent(report.moved)} of the items changed cluster; one {grew} from "
        f"{percent(most.old)} to {percent(most.new)}"
    )


def cover(report: DriftReport) -> str | None:
    """What covers the drift."""
    if not report.cover or report.cover_radius is None:
        return None
    return (
        f"{count(len(report.cover))} new items cover the drift: no new item is farther than "
        f"{number(report.cover_radius)} from them or the old data"
    )


def draw_summary(sheet: Sheet) -> list[Any]:
    """The numbers of drift."""
    report = sheet.report
    energy = report.energy
    rows = [
        ["Items", count(report.old.items), count(report.new.items)],
        ["Far from the other set", percent(report.gone.fraction), percent(report.arrived.fraction)],
        [
            "Mean distance to the other set",
            number(report.gone.distances.mean),
            number(report.arrived.distances.mean),
        ],
        [
            "Mean distance within the other set",
            number(report.gone.usual.mean),
            number(report.arrived.usual.mean),
        ],
        ["Far begins at", number(report.gone.threshold), number(report.arrived.threshold)],
    ]
    sampled = (
        "exact, all pairs"
        if energy.exact
        else f"all pairs of {count(energy.n_old)} old and {count(energy.n_new)} new sampled items"
    )
    return [
        sheet.table(["", "old", "new"], rows),
        sheet.foot(_measured(report.arrived), f"{count(report.shared)} ids are in both sets."),
        sheet.style.gap(PAD),
        sheet.table(
            ["", "measured", "random splits, mean", "95% of them below", "as large"],
            [
                [
                    "Energy distance",
                    number(energy.distance),
                    number(energy.permuted),
                    number(energy.permuted_high),
                    f"{energy.as_large} of {energy.permutations}",
                ]
            ],
        ),
        sheet.foot(
            f"Energy distance: {sampled}, Euclidean between points,",
            "against random splits of both sets together.",
        ),
        sheet.style.gap(8),
        sheet.style.paragraph(
            "Far: farther from the other set than 99% of its own items are from their nearest "
            "other one; so about 1% is far without any drift. Items with an equal one on the other "
            "side are at 0.",
            "small",
        ),
    ]


def _measured(part: FarItems) -> str:
    if part.distances.exact and part.usual.exact:
        return "Exact: every item to all of the other set."
    return (
        f"Each distance is exact, from uniform samples of {count(part.distances.n_queries)} and "
        f"{count(part.usual.n_queries)} items to all of the other set."
    )


def draw_arrived(sheet: Sheet) -> list[Any]:
    """What is new."""
    words = ("new items to the nearest old", "old items to the nearest other old")
    return _draw_far(sheet, sheet.report.arrived, words, "nearest old", ("new", "old"))


def draw_gone(sheet: Sheet) -> list[Any]:
    """What has vanished."""
    words = ("old items to the nearest new", "new items to the nearest other new")
    return _draw_far(sheet, sheet.report.gone, words, "nearest new", ("old", "new"))


def _draw_far(
    sheet: Sheet, part: FarItems, words: tuple[str, str], nearest: str, sides: tuple[str, str]
) -> list[Any]:
    unit = UNITS.get(sheet.report.old.metric, sheet.report.old.metric)
    figure = far_histograms(sheet.style, part.distances, part.usual, part.threshold, words, unit)
    return [
        sheet.figure(figure, 180 if sheet.thumbnails else 210),
        sheet.foot(_measured(part)),
        sheet.style.gap(PAD),
        *_items(sheet, part.worst[:FAR_SHOWN], nearest, sides),
        sheet.foot(f"The farthest; every measured item is in {part.file}."),
    ]


def _items(sheet: Sheet, items: list[FarItem], nearest: str, sides: tuple[str, str]) -> list[Any]:
    """Items of one side with the nearest of the other: as pictures, or in words."""
    if sheet.thumbnails:
        shown = []
        for rank, one in enumerate(items, 1):
            shown += [
                _card(sheet, one, sides[0], str(rank), number(one.distance)),
                _card(sheet, one.nearest, sides[1], nearest),
            ]
        return list(cards.card_rows(sheet.style, shown, COLUMNS, PICTURE))
    rows = [
        [str(rank), _short(item_words(one)), number(one.distance), _short(item_words(one.nearest))]
        for rank, one in enumerate(items, 1)
    ]
    return [sheet.table(["", "item", "distance", f"{nearest} item"], rows, text=(0, 1, 3))]


def _card(sheet: Sheet, one: ShownItem, side: str, head: str, aside: str = "") -> cards.ItemCard:
    return cards.ItemCard(head, aside, one.id, sheet.thumbnails.get(f"{side}:{one.id}"))


def _short(words: str, most: int = 80) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def draw_moved(sheet: Sheet) -> list[Any]:
    """Clusters, those that changed most first."""
    told = sheet.foot(
        "k-means of the old items; each new item is of the cluster with the nearest centre."
    )
    if sheet.thumbnails:
        shown = [
            _card(sheet, one.centre, "old", f"{percent(one.old)} → {percent(one.new)}")
            for one in sheet.report.shares[:SHARES_MOST]
        ]
        return [*cards.card_rows(sheet.style, shown, CENTRES, CENTRE), told]
    rows = [
        [
            _short(item_words(one.centre)),
            percent(one.old),
            percent(one.new),
            number(100 * (one.new - one.old)),
        ]
        for one in sheet.report.shares[:SHARES_MOST]
    ]
    return [
        sheet.table(["old item in the middle of the cluster", "old", "new", "points"], rows),
        told,
    ]


def draw_cover(sheet: Sheet) -> list[Any]:
    """The items to label next."""
    report = sheet.report
    left = len(report.cover) - COVER_SHOWN
    shown = report.cover[:COVER_SHOWN]
    return [
        *(
            cards.card_rows(
                sheet.style,
                [
                    _card(sheet, one, "new", str(rank), number(one.distance))
                    for rank, one in enumerate(shown, 1)
                ],
                COLUMNS,
                PICTURE,
            )
            if sheet.thumbnails
            else _items(sheet, shown, "nearest old", ("new", "old"))
        ),
        sheet.foot(
            "Farthest-first traversal of the new items, the old ones counting as selected; the "
            "distance is that to the nearest item chosen before.",
            f"All ids are in {report.cover_file}."
            if left <= 0
            else f"{left} more are in {report.cover_file}.",
        ),
    ]


def draw_made(sheet: Sheet) -> list[Any]:
    """How to get the same numbers again."""
    report = sheet.report
    named = (report.arrived.file, report.gone.file, report.cover_file, report.thumbnails)
    files = [name for name in named if name]
    return how_made(
        sheet,
        [report.old, report.new],
        [("Beside this report", f"report.json, {', '.join(files)}")],
    )


SECTIONS = {
    "summary": SpaceSection(
        "Summary",
        "The yardstick is what each set is like within itself.",
        summary,
        draw_summary,
    ),
    "arrived": SpaceSection(
        "What is new",
        "Blue beyond the dashed line has no like in the old data. Grey: how near old items are to "
        "each other.",
        arrived,
        draw_arrived,
    ),
    "gone": SpaceSection(
        "What has gone",
        "Blue beyond the dashed line has no like in the new data. Grey: how near new items are to "
        "each other.",
        gone,
        draw_gone,
    ),
    "moved": SpaceSection("Shares", "Where the weight of the data has moved.", moved, draw_moved),
    "cover": SpaceSection(
        "What to label next",
        "In pick order: what to add to the old data so that the new are covered.",
        cover,
        draw_cover,
    ),
    "made": made_section(draw_made),
}
