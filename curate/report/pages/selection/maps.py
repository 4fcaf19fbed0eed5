"""Maps: the page of them, and maps beside text on other pages.

Every map shows the whole space in two dimensions. On other pages a map explains a measure by
lines between items, or marks where a few items lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.platypus import Flowable, Table

from curate.report.pages.figures.maps import (
    MOST,
    Landmark,
    explanation,
    framed,
    joined,
    map_panels,
    spread,
    worst_places,
)
from curate.report.pages.page import SelectionPage, item_words
from curate.report.render.figures import FigureBox
from curate.report.render.numbers import count, number, percent
from curate.report.words import scores
from curate.schema.measures import Map

EXPLANATION_SIDE, PLACES_SIDE = 190.0, 236.0  # of a map beside text
GUTTER = 16.0  # between the map and the text
NO_PADDING = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]

# --------------------------------------------------------------------------------------
# The page of maps, with a few picks as landmarks.


def draw(page: SelectionPage) -> list[Any]:
    """Every map of the report, one below the other."""
    maps = page.report.maps
    titles = _titles(page)
    marks = landmarks(page, titles[-1][0])
    caption = page.caption(_points_drawn(page), "Landmarks are picks.", *_notes(titles))
    figure = FigureBox(
        page.style,
        map_panels(page.style, maps, titles, marks),
        reserve=page.height([caption]) + 2,
        least=200 * len(titles),
        most=350 * len(titles),
    )
    return [figure, caption]


def landmarks(page: SelectionPage, drawn: Map) -> list[Landmark]:
    """A few picks far from each other on the map, with their pictures, texts or labels."""
    maps = page.report.maps
    by_rank = {item.rank: item for item in page.report.selection.items}
    candidates = []
    for position, rank in enumerate(maps.rank):
        item = by_rank.get(rank) if rank is not None else None
        if item is not None and (not page.shows_pictures or item.id in page.thumbnails):
            candidates.append(position)
    marks = []
    for position in spread(framed(drawn)[0], candidates, MOST):
        item = by_rank[maps.rank[position] or 0]
        marks.append(Landmark(position, item_words(item), page.thumbnails.get(item.id)))
    return marks


def _titles(page: SelectionPage) -> list[tuple[Map, str]]:
    maps = page.report.maps
    titles = []
    if maps.pca is not None:
        shares = maps.pca.explained or []
        variance = (
            f": {' + '.join(percent(share) for share in shares)} of the variance" if shares else ""
        )
        titles.append((maps.pca, f"Principal components{variance}"))
    if maps.pacmap is not None:
        titles.append((maps.pacmap, "PaCMAP: keeps neighbours together, bends the rest"))
    if maps.asked is not None:
        name = maps.asked.note.split(",")[0]
        titles.append((maps.asked, f"{name}: keeps neighbours together, bends the rest"))
    return titles


def _trustworthiness(drawn: Map) -> str:
    """How far neighbours on the map are neighbours in the space."""
    if drawn.trust is None:
        return ""
    value, many = drawn.trust
    points = len(drawn.x)
    sample = f", from {count(many)} of the {count(points)} points" if many < points else ""
    return (
        f"Trustworthiness {number(value)} for 10 neighbours (1: all neighbours on the map are "
        f"neighbours in the space{sample})."
    )


def _points_drawn(page: SelectionPage) -> str:
    maps, whole = page.report.maps, page.report.counts.input
    picks = sum(rank is not None for rank in maps.rank)
    selected = page.report.counts.selected
    selection = (
        scores.picks_text(picks)
        if picks == selected
        else f"{count(picks)} of {scores.picks_text(selected)}"
    )
    if maps.n_sampled >= whole:
        return f"All {scores.items_text(page.report, whole)} are drawn, with {selection}."
    return (
        f"A uniform sample of {count(maps.n_sampled)} of "
        f"{scores.items_text(page.report, whole)} is drawn, with {selection}."
    )


def _notes(titles: list[tuple[Map, str]]) -> list[str]:
    """How each map was made, and how far it can be trusted."""
    notes = []
    for drawn, _ in titles:
        note = drawn.note
        start = note if note.startswith("t-SNE") else note[:1].upper() + note[1:]
        notes += [f"{start.rstrip('.')}.", _trustworthiness(drawn), outside_frame(drawn)]
    return notes


# --------------------------------------------------------------------------------------
# Maps beside text.


def outside_frame(drawn: Map) -> str:
    """A sentence on the points that lie outside the frame of a map; empty if there are none."""
    many = framed(drawn)[3]
    if not many:
        return ""
    points = "1 point lies" if many == 1 else f"{count(many)} points lie"
    edge = "it is" if many == 1 else "they are"
    return f"{points} outside the frame; {edge} drawn at its edge."


def beside_text(page: SelectionPage, figure: Any, text: list[Any], side: float) -> Any:
    """A figure `side` points wide with text at its right."""
    wide = side + GUTTER
    return Table([[figure, text]], colWidths=[wide, page.style.width - wide], style=NO_PADDING)


def measure_explained(page: SelectionPage, lines: str, texts: list[str], ends: str) -> Any:
    """What a measure means, beside a map with the measured distances as lines.

    lines  "neighbour" of each pick, or "nearest" pick of each input item
    ends   what the lines join, in words
    """
    style, maps = page.style, page.report.maps
    drawn = maps.neighbour_map
    many = len(joined(maps, lines)) if drawn is not None else 0
    if drawn is None or not many:  # the last text is about the map
        return Table([[style.defined(texts[:-1])]], colWidths=[style.width], style=NO_PADDING)
    lines_drawn = "1 line is" if many == 1 else f"{count(many)} lines are"
    text = style.defined(texts)
    text.append(page.caption(f"{lines_drawn} drawn, from {ends}.", outside_frame(drawn)))
    figure = FigureBox(
        style,
        explanation(style, maps, drawn, lines),
        EXPLANATION_SIDE,
        width=EXPLANATION_SIDE,
    )
    return beside_text(page, figure, text, EXPLANATION_SIDE)


def places_on_map(page: SelectionPage, rows: Sequence[int], texts: list[str]) -> list[Any]:
    """A map that marks the items in these source rows: together in one place, or scattered.

    Empty where fewer than two of them are on the map; left out where the page has no room.
    """
    style, maps = page.style, page.report.maps
    drawn = maps.neighbour_map
    position = {row: place for place, row in enumerate(maps.rows)}
    places = [(position[row], count(rank)) for rank, row in enumerate(rows, 1) if row in position]
    if drawn is None or len(places) < 2:
        return []
    without_line = sum(maps.nearest[place] is None for place, _ in places)
    text = [
        style.paragraph("Where they lie", "heading"),
        *style.paragraph_list(texts),
        page.caption(
            f"{count(len(places))} of the {count(len(rows))} are on the map.",
            _without_line(page, without_line, len(places)),
            outside_frame(drawn),
        ),
    ]
    figure = FigureBox(
        style, worst_places(style, maps, drawn, places), PLACES_SIDE, width=PLACES_SIDE
    )
    return [style.gap(12), IfRoom(beside_text(page, figure, text, PLACES_SIDE))]


def _without_line(page: SelectionPage, many: int, crosses: int) -> str:
    """Why some crosses have no line; empty if all have one."""
    if not many:
        return ""
    which = "No cross has a line" if many == crosses else f"{count(many)} have no line"
    where = "in the datapool or not on the map" if page.report.counts.datapool else "not on the map"
    return f"{which}: the nearest member is {where}."


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
