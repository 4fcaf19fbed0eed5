"""The input items farthest from every pick, each beside its nearest pick."""

from __future__ import annotations

from typing import Any

from curate.report.pages.item_pairs import (
    ItemPair,
    PairItem,
    PairRow,
    distance_width,
    item_pairs,
    pairs_in_row,
)
from curate.report.pages.page import SelectionPage
from curate.report.pages.selection.maps import places_on_map
from curate.report.render.numbers import count
from curate.schema.measures import WorstCovered

HEADS = ("Input item", "Nearest pick")


def draw(page: SelectionPage) -> list[Any]:
    """Pairs of pictures or texts, or a table where there are only ids; then their places."""
    worst = [item for item in page.report.coverage.worst if item.distance > 0]
    worst = worst[: min(page.template.pairs_of_worst, _most_pairs(page))]
    pairs = item_pairs(page, [_pair(item) for item in worst], HEADS)
    return [*pairs, _caption(page, worst), *_places(page, worst)]


def _caption(page: SelectionPage, worst: list[WorstCovered]) -> Any:
    many = len(worst) > 1
    items = f"{count(len(worst))} input items" if many else "input item"
    whose, order = ("their", ", farthest first") if many else ("its", "")
    from_datapool = any(item.nearest_in_datapool for item in worst)
    return page.caption(
        f"The {items} with the largest distance to {whose} nearest pick, out of all input{order}.",
        "A pick marked (datapool) was chosen earlier." if from_datapool else "",
    )


def _places(page: SelectionPage, worst: list[WorstCovered]) -> list[Any]:
    return places_on_map(page, [item.row for item in worst], page.template.explain_worst)


def _most_pairs(page: SelectionPage) -> int:
    """As many pairs as one page holds together with the map and the caption."""
    columns = pairs_in_row(page)
    if columns is None:
        return page.template.pairs_of_worst
    worst = page.report.coverage.worst[: page.template.pairs_of_worst]
    middle = distance_width(page, [_pair(item) for item in worst])
    tall = PairRow(page, [], columns, middle).wrap(page.style.width, 0)[1]
    below = page.height([_caption(page, worst), *_places(page, worst)])
    return max(2, int((page.free_height("worst") - below) / tall)) * columns


def _pair(item: WorstCovered) -> ItemPair:
    pooled = item.nearest_in_datapool
    pick = PairItem(
        item.nearest,
        item.nearest_text or "",
        "datapool" if pooled else "selected",
        mark="(datapool) " if pooled else "",
        picture_key=f"datapool:{item.nearest}" if pooled else "",
    )
    return ItemPair(PairItem(item.id, item.text or "", "input"), pick, item.distance)
