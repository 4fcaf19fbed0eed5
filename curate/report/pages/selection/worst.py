"""The input items farthest from everything selected, each beside the pick that stands for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.platypus import Flowable

from curate.report.pages.figures.maps import worst_places
from curate.report.pages.selection.diversity_coverage import beyond, side_by_side
from curate.report.pages.selection.pairs import (
    Beside,
    PairRow,
    Side,
    columns_of,
    middle_of,
    side_by_side_pairs,
)
from curate.report.pages.page import SelectionPage
from curate.report.render.figures import FigureBox
from curate.report.render.numbers import count
from curate.schema.measures import WorstCovered

SIDE = 236.0  # of the map


def draw(page: SelectionPage) -> list[Any]:
    """Pairs of pictures or texts; a table where there are only ids."""
    shown = [one for one in page.report.coverage.worst if one.distance > 0]
    shown = shown[: min(page.template.pairs_of_worst, _most(page))]
    body = side_by_side_pairs(page, list(map(_beside, shown)), ("Input item", "Nearest pick"))
    return [*body, _foot(page, shown), *_places(page, shown)]


def _foot(page: SelectionPage, shown: list[WorstCovered]) -> Any:
    named = f"{count(len(shown))} input items" if len(shown) > 1 else "input item"
    whose = "their" if len(shown) > 1 else "its"
    order = ", farthest first" if len(shown) > 1 else ""
    return page.caption(
        f"The {named} with the largest distance to {whose} nearest pick, out of all input{order}.",
        "A pick marked (datapool) was chosen earlier." if _any_pool(shown) else "",
    )


def _places(page: SelectionPage, shown: list[WorstCovered]) -> list[Any]:
    return where_they_lie(page, [one.row for one in shown], page.template.explain_worst)


def where_they_lie(page: SelectionPage, rows: Sequence[int], explained: list[str]) -> list[Any]:
    """Where on the map the items in these source rows lie: scattered, or all in one place."""
    style, maps = page.style, page.report.maps
    one = maps.bent
    position = {row: place for place, row in enumerate(maps.rows)}
    found = [(position[row], count(place)) for place, row in enumerate(rows, 1) if row in position]
    if one is None or len(found) < 2:
        return []
    loose = sum(maps.nearest[place] is None for place, _ in found)
    told = [
        style.paragraph("Where they lie", "heading"),
        *style.paragraph_list(explained),
        page.caption(
            f"{count(len(found))} of the {count(len(rows))} are on the map.",
            _without_line(page, loose, len(found)),
            beyond(one),
        ),
    ]
    figure = FigureBox(style, worst_places(style, maps, one, found), SIDE, width=SIDE)
    return [style.gap(12), IfRoom(side_by_side(style, figure, told, SIDE))]


def _without_line(page: SelectionPage, loose: int, all_: int) -> str:
    """Why some crosses have no line."""
    if not loose:
        return ""
    who = "No cross has a line" if loose == all_ else f"{count(loose)} have no line"
    where = "in the datapool, or else not" if page.report.counts.datapool else "not"
    return f"{who}: what is nearest is {where} on the map."


def _most(page: SelectionPage) -> int:
    """As many pairs as one page holds together with the map and the footnote."""
    columns = columns_of(page)
    if columns is None:
        return page.template.pairs_of_worst
    worst = page.report.coverage.worst[: page.template.pairs_of_worst]
    middle = middle_of(page, list(map(_beside, worst)))
    tall = PairRow(page, [], columns, middle).wrap(page.style.width, 0)[1]
    below = page.height([_foot(page, worst), *_places(page, worst)])
    room = page.room(page.findings["worst"], page.template.how("worst")) - below
    return max(2, int(room / tall)) * columns


class IfRoom(Flowable):  # type: ignore[misc]
    """A flowable that is left out where it would stand alone on the next page."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner
        self.fits = True

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Size on the page, or nothing."""
        wide, tall = self.inner.wrap(width, height)
        self.fits = tall <= height
        return (wide, tall) if self.fits else (width, 0.0)

    def draw(self) -> None:
        """Draw what is inside."""
        if self.fits:
            self.inner.drawOn(self.canv, 0, 0)


def _beside(one: WorstCovered) -> Beside:
    pooled = one.nearest_in_datapool
    pick = Side(
        one.nearest,
        one.nearest_text or "",
        "datapool" if pooled else "selected",
        mark="(datapool) " if pooled else "",
        picture=f"datapool:{one.nearest}" if pooled else "",
    )
    return Beside(Side(one.id, one.text or "", "input"), pick, one.distance)


def _any_pool(shown: list[WorstCovered]) -> bool:
    return any(one.nearest_in_datapool for one in shown)
