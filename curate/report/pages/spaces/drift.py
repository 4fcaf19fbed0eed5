"""The pages of a drift report, and their titles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curate.report.pages.figures.spaces import far_histograms
from curate.report.pages.item_pairs import ItemPair, PairItem, item_pairs
from curate.report.pages.page import PageContext, Section
from curate.report.pages.spaces.shared import how_made, how_made_section
from curate.report.render.cards import ItemCard, card_rows
from curate.report.render.numbers import count, number, percent
from curate.report.render.tables import PAD
from curate.report.words.evaluation import PrintName
from curate.report.words.scores import UNITS
from curate.report.words.space_comparison import cut_at_end, item_words
from curate.schema.space_reports import DriftReport, FarItem, FarItems
from curate.schema.spaces import ShownItem

DriftPage = PageContext[DriftReport]

CLUSTERS_MOST = 20
FAR_MOST = 12
COVER_MOST = 24
GRID_COLUMNS, PICTURE_HEIGHT = 6, 60.0
CENTRE_COLUMNS, CENTRE_HEIGHT = 4, 88.0  # the same of centres of clusters
CENTRE_LETTERS = 80
CERTAIN = 0.05  # fraction of random splits as far apart, up to which drift is certain

# --------------------------------------------------------------------------------------
# Titles.


def summary_title(report: DriftReport, _printed: PrintName = str) -> str:
    """Is there drift, and how much."""
    energy = report.energy
    if energy.as_large > CERTAIN * energy.permutations:
        return (
            f"No drift for certain: energy distance {number(energy.distance)}, which "
            f"{energy.as_large} of {energy.permutations} random splits reach"
        )
    return (
        f"The data have drifted: energy distance {number(energy.distance)}, where random splits "
        f"give {number(energy.permuted)}; {percent(report.arrived.fraction)} of the new are far"
    )


def arrived_title(report: DriftReport, _printed: PrintName = str) -> str:
    """How much is new."""
    return _far_title("new", report.arrived, "old")


def gone_title(report: DriftReport, _printed: PrintName = str) -> str:
    """How much has vanished."""
    return _far_title("old", report.gone, "new")


def _far_title(side: str, far: FarItems, other: str) -> str:
    return (
        f"{percent(far.fraction)} of the {side} items are far from the {other} data, where about "
        f"{100 * far.expected:.0f}% is usual"
    )


def moved_title(report: DriftReport, _printed: PrintName = str) -> str | None:
    """How shares of clusters have changed."""
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


def cover_title(report: DriftReport, _printed: PrintName = str) -> str | None:
    """How few new items cover the drift."""
    if not report.cover or report.cover_radius is None:
        return None
    return (
        f"{count(len(report.cover))} new items cover the drift: no new item is farther than "
        f"{number(report.cover_radius)} from them or the old data"
    )


# --------------------------------------------------------------------------------------
# Pages.


def draw_summary(page: DriftPage) -> list[Any]:
    """The numbers of drift."""
    report, style = page.report, page.style
    energy, gone, arrived = report.energy, report.gone, report.arrived
    rows = [
        ["Items", count(report.old.items), count(report.new.items)],
        ["Far from the other set", percent(gone.fraction), percent(arrived.fraction)],
        [
            "Mean distance to the other set",
            number(gone.distances.mean),
            number(arrived.distances.mean),
        ],
        [
            "Mean distance within the other set",
            number(gone.usual.mean),
            number(arrived.usual.mean),
        ],
        ["Far begins at", number(gone.threshold), number(arrived.threshold)],
    ]
    energy_row = [
        "Energy distance",
        number(energy.distance),
        number(energy.permuted),
        number(energy.permuted_high),
        f"{energy.as_large} of {energy.permutations}",
    ]
    pairs = (
        "exact, all pairs"
        if energy.exact
        else f"all pairs of {count(energy.n_old)} old and {count(energy.n_new)} new sampled items"
    )
    return [
        page.table(["", "old", "new"], rows),
        page.caption(_sampling_note(arrived), f"{count(report.shared)} ids are in both sets."),
        style.gap(PAD),
        page.table(
            ["", "measured", "random splits, mean", "95% of them below", "as large"], [energy_row]
        ),
        page.caption(
            f"Energy distance: {pairs}, Euclidean between points, against random splits of both "
            "sets together."
        ),
        style.gap(8),
        style.paragraph(
            "Far: farther from the other set than 99% of the other set's items are from their own "
            "nearest neighbour; so about 1% is far without any drift. Items that are equal to one "
            "of the other set are at 0.",
            "small",
        ),
    ]


def _sampling_note(far: FarItems) -> str:
    if far.distances.exact and far.usual.exact:
        return "Exact: every item to all of the other set."
    return (
        f"Each distance is exact, from uniform samples of {count(far.distances.n_queries)} and "
        f"{count(far.usual.n_queries)} items to all of the other set."
    )


def draw_arrived(page: DriftPage) -> list[Any]:
    """What is new."""
    return _draw_far(page, page.report.arrived, "new", "old")


def draw_gone(page: DriftPage) -> list[Any]:
    """What has vanished."""
    return _draw_far(page, page.report.gone, "old", "new")


def _draw_far(page: DriftPage, far: FarItems, side: str, other: str) -> list[Any]:
    metric = page.report.old.metric
    names = (
        f"{side} items to the nearest {other}",
        f"{other} items to the nearest other {other}",
    )
    figure = far_histograms(
        page.style, far.distances, far.usual, far.threshold, names, UNITS.get(metric, metric)
    )
    return [
        page.figure(figure, 180 if page.shows_pictures else 210),
        page.caption(_sampling_note(far)),
        page.style.gap(PAD),
        *_far_items(page, far.worst[:FAR_MOST], side, other),
        page.caption(
            f"The farthest {side} items, each beside its nearest {other} item; every measured "
            f"item is in {far.file}."
        ),
    ]


def _far_items(page: DriftPage, items: Sequence[FarItem], side: str, other: str) -> list[Any]:
    """Items of one side, each beside the nearest of the other: as pictures, or in words."""
    pairs = [
        ItemPair(
            _pair_item(page, item, side, "selected"),
            _pair_item(page, item.nearest, other, "input"),
            item.distance,
        )
        for item in items
    ]
    return item_pairs(page, pairs, (f"{side} item", f"nearest {other} item"))


def _pair_item(page: DriftPage, item: ShownItem, side: str, ink: str) -> PairItem:
    words = item_words(item, page.short_name)
    return PairItem(item.id, words, ink, picture_key=f"{side}:{item.id}")


def draw_moved(page: DriftPage) -> list[Any]:
    """Clusters, those that changed most first."""
    clusters = page.report.shares[:CLUSTERS_MOST]
    caption = page.caption(
        "k-means of the old items; each new item is of the cluster with the nearest centre."
    )
    if page.shows_pictures:
        cards = [
            ItemCard(
                f"{percent(cluster.old)} → {percent(cluster.new)}",
                "",
                cluster.centre.id,
                page.thumbnails.get(f"old:{cluster.centre.id}"),
            )
            for cluster in clusters
        ]
        return [*card_rows(page.style, cards, CENTRE_COLUMNS, CENTRE_HEIGHT), caption]
    rows = [
        [
            cut_at_end(item_words(cluster.centre, page.short_name), CENTRE_LETTERS),
            percent(cluster.old),
            percent(cluster.new),
            number(100 * (cluster.new - cluster.old)),
        ]
        for cluster in clusters
    ]
    head = ["old item in the middle of the cluster", "old", "new", "points"]
    return [page.table(head, rows), caption]


def draw_cover(page: DriftPage) -> list[Any]:
    """The items to label next."""
    report = page.report
    items = report.cover[:COVER_MOST]
    left = len(report.cover) - len(items)
    return [
        *(_cover_pictures(page, items) or _far_items(page, items, "new", "old")),
        page.caption(
            "Farthest-first traversal of the new items, where the old ones count as selected; the "
            "distance is that to the nearest item chosen before.",
            f"{left} more are in {report.cover_file}."
            if left
            else f"All ids are in {report.cover_file}.",
        ),
    ]


def _cover_pictures(page: DriftPage, items: Sequence[FarItem]) -> list[Any]:
    if not page.shows_pictures:
        return []
    cards = [
        ItemCard(count(rank), number(item.distance), item.id, page.thumbnails.get(f"new:{item.id}"))
        for rank, item in enumerate(items, 1)
    ]
    return list(card_rows(page.style, cards, GRID_COLUMNS, PICTURE_HEIGHT))


def draw_how_made(page: DriftPage) -> list[Any]:
    """How to get the same numbers again."""
    report = page.report
    files = (report.arrived.file, report.gone.file, report.cover_file, report.thumbnails)
    listed = ", ".join(["report.json", *filter(None, files)])
    return how_made(page, [report.old, report.new], [("Beside this report", listed)])


SECTIONS: dict[str, Section] = {
    "summary": Section(
        "Summary",
        summary_title,
        draw_summary,
        "The yardstick is the distances within each set.",
    ),
    "arrived": Section(
        "What is new",
        arrived_title,
        draw_arrived,
        "Blue beyond the dashed line: new items unlike all old ones. Grey: how near old items are "
        "to each other.",
    ),
    "gone": Section(
        "What has gone",
        gone_title,
        draw_gone,
        "Blue beyond the dashed line: old items unlike all new ones. Grey: how near new items are "
        "to each other.",
    ),
    "moved": Section(
        "Shares", moved_title, draw_moved, "Which clusters of the data have grown or shrunk."
    ),
    "cover": Section(
        "What to label next",
        cover_title,
        draw_cover,
        "In pick order: what to add to the old data so that the new are covered.",
    ),
    "made": how_made_section(draw_how_made),
}
