"""What pages with maps share, and the maps of an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curate.report.pages.figures.maps import framed
from curate.report.pages.figures.spaces import label_maps, label_maps_height
from curate.report.pages.spaces.sheet import SpaceSheet
from curate.report.render.numbers import count, number
from curate.report.render.tables import PAD
from curate.schema.evaluation import EvaluationReport
from curate.schema.measures import Map
from curate.schema.spaces import SpaceMap


def trust_table(sheet: SpaceSheet[Any], maps: Sequence[SpaceMap]) -> Any:
    """How far each map can be trusted."""
    rows = [
        [one.space, number(one.trustworthiness), number(one.continuity), number(one.preserved)]
        for one in maps
    ]
    return sheet.table(["", "trustworthiness", "continuity", "neighbours kept"], rows)


def beyond_frames(maps: Sequence[SpaceMap]) -> str:
    """A sentence on the points that maps do not show where they are; empty without any."""
    many = [framed(Map(x=one.x, y=one.y, note=one.note, explained=None))[3] for one in maps]
    if not any(many):
        return ""
    return f"Points beyond a frame are drawn at its edge: {', '.join(map(count, many))}."


def draw_label_maps(sheet: SpaceSheet[EvaluationReport], how: str) -> list[Any]:
    """Maps of the same items, coloured by label; `how` stands above them."""
    report, style = sheet.report, sheet.style
    many = len(report.map_labels)
    left = len(report.spaces) - len(report.maps)
    below = [
        style.gap(PAD),
        trust_table(sheet, report.maps),
        sheet.foot(
            "At k = 10: 1 would be a map that shows the neighbours of the space.",
            f"{'; '.join(dict.fromkeys(one.note for one in report.maps))}.",
            f"All {count(many)} items."
            if many == report.items
            else f"A uniform sample of {count(many)} of {count(report.items)} items.",
            beyond_frames(report.maps),
            f"Without a map here: {count(left)} more." if left else "",
            "A map is a picture: no number of this report is measured on it.",
        ),
    ]
    tall = min(
        label_maps_height(style.width, len(report.maps), report.map_labels),
        sheet.room(sheet.findings["maps"], how) - sheet.height(below),
    )
    return [sheet.figure(label_maps(style, report.maps, report.map_labels), tall), *below]
