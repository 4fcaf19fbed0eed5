"""What several pages about spaces share: how a report was made, and notes below maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from curate.report.pages.figures.map_grids import without_explanation
from curate.report.pages.figures.maps import framed
from curate.report.pages.page import Facts, PageContext, Section, reproduction_table
from curate.report.render.numbers import count, number
from curate.schema.spaces import SpaceDescription, SpaceMap


def how_made_section(draw: Callable[[Any], list[Any]]) -> Section:
    """The last section of every report about spaces."""
    title = "How this was made"
    return Section(
        title,
        lambda *_: title,
        draw,
        "What is needed to get the same numbers again.",
        below_last=lambda _: True,
    )


def how_made(
    page: PageContext[Any], spaces: Sequence[SpaceDescription], files: Facts = ()
) -> list[Any]:
    """Command, spaces, seed and versions; then the side files."""
    made = page.report.made
    facts = [(page.short_name(space.name), _space_in_words(space)) for space in spaces]
    return [reproduction_table(page, made.command, facts, made.seed, made.versions, files)]


def _space_in_words(space: SpaceDescription) -> str:
    set_aside = f", {count(space.set_aside)} set aside" if space.set_aside else ""
    missing = (
        f", {count(space.missing)} left out because another space lacks their ids"
        if space.missing
        else ""
    )
    return (
        f"{space.source}: {count(space.items)} {space.kind}{set_aside}{missing}; "
        f"{space.dims} dimensions, {space.metric} distance; embedder {space.embedder}"
    )


def map_quality_table(page: PageContext[Any], maps: Sequence[SpaceMap]) -> Any:
    """How far each map can be trusted."""
    rows = [
        [
            page.short_name(drawn.space),
            number(drawn.trustworthiness),
            number(drawn.continuity),
            number(drawn.preserved),
        ]
        for drawn in maps
    ]
    return page.table(["", "trustworthiness", "continuity", "neighbours kept"], rows)


def map_methods(maps: Sequence[SpaceMap]) -> str:
    """How the maps were made, each method once."""
    return f"{'; '.join(dict.fromkeys(drawn.note for drawn in maps))}."


def outside_frames(maps: Sequence[SpaceMap]) -> str:
    """A sentence on the points that lie outside the frames of maps; empty if there are none."""
    many = [framed(without_explanation(drawn))[3] for drawn in maps]
    if not any(many):
        return ""
    return f"Points outside a frame are drawn at its edge: {', '.join(map(count, many))}."
