"""The space in two dimensions, with a few picks as landmarks."""

from __future__ import annotations

from typing import Any

from curate.report.pages.figures.maps import MOST, Landmark, framed, map_panels, spread
from curate.report.pages.selection.diversity_coverage import beyond
from curate.report.pages.page import SelectionPage, item_words
from curate.report.render.figures import FigureBox
from curate.report.render.numbers import count, number, percent
from curate.report.words import scores
from curate.schema.measures import Map


def draw(page: SelectionPage) -> list[Any]:
    """Every map there is, one below the other."""
    maps = page.report.maps
    titles = _titles(page)
    marks = landmarks(page, titles[-1][0])
    foot = page.caption(_shown_points(page), "Landmarks are picks.", *_notes(titles))
    figure = FigureBox(
        page.style,
        map_panels(page.style, maps, titles, marks),
        reserve=page.height([foot]) + 2,
        least=200 * len(titles),
        most=350 * len(titles),
    )
    return [figure, foot]


def landmarks(page: SelectionPage, one: Map) -> list[Landmark]:
    """A few picks far from each other on the map, with their pictures, texts or labels."""
    maps = page.report.maps
    by_rank = {item.rank: item for item in page.report.selection.items}
    candidates = []
    for position, rank in enumerate(maps.rank):
        item = by_rank.get(rank) if rank is not None else None
        if item is not None and (page.item_kind != "images" or item.id in page.thumbnails):
            candidates.append(position)
    made = []
    for position in spread(framed(one)[0], candidates, MOST):
        item = by_rank[maps.rank[position] or 0]
        made.append(Landmark(position, item_words(item), page.thumbnails.get(item.id)))
    return made


def _titles(page: SelectionPage) -> list[tuple[Map, str]]:
    maps = page.report.maps
    titles = []
    if maps.pca is not None:
        shares = maps.pca.explained or []
        told = (
            f": {' + '.join(percent(share) for share in shares)} of the variance" if shares else ""
        )
        titles.append((maps.pca, f"Principal components{told}"))
    if maps.pacmap is not None:
        titles.append((maps.pacmap, "PaCMAP: keeps neighbours together, bends the rest"))
    if maps.asked is not None:
        name = maps.asked.note.split(",")[0]
        titles.append((maps.asked, f"{name}: keeps neighbours together, bends the rest"))
    return titles


def _trust(one: Map) -> str:
    """How far neighbours on the map are neighbours in the space."""
    if one.trust is None:
        return ""
    value, many = one.trust
    sampled = f", from {count(many)} of the {count(len(one.x))} points"
    return (
        f"Trustworthiness {number(value)} for 10 neighbours (1: every neighbour on the map is one "
        f"in the space{sampled if many < len(one.x) else ''})."
    )


def _shown_points(page: SelectionPage) -> str:
    maps, whole = page.report.maps, page.report.counts.input
    picks = sum(rank is not None for rank in maps.rank)
    selected = page.report.counts.selected
    told = (
        scores.picks_counted(picks)
        if picks == selected
        else f"{count(picks)} of {scores.picks_counted(selected)}"
    )
    if maps.n_sampled >= whole:
        return f"All {scores.items_counted(page.report, whole)} are shown, {told} among them."
    return (
        f"A uniform sample of {count(maps.n_sampled)} of {scores.items_counted(page.report, whole)} is "
        f"shown, with {told}."
    )


def _notes(titles: list[tuple[Map, str]]) -> list[str]:
    """How each map was made, and what of it is not where it belongs."""
    told = []
    for one, _ in titles:
        start = one.note if one.note.startswith("t-SNE") else one.note[:1].upper() + one.note[1:]
        told.append(f"{start.rstrip('.')}.")
        told.append(_trust(one))
        told.append(beyond(one))
    return told
