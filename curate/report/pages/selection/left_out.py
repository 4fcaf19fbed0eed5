"""Items that could not be used, with reasons, and items that are there more than once."""

from __future__ import annotations

from typing import Any

from curate.report.pages.page import SelectionPage
from curate.report.render import printable_text
from curate.report.render.numbers import count
from curate.report.render.tables import number_table

EXAMPLES = 12
GROUPS = 12


def draw(page: SelectionPage) -> list[Any]:
    """What there is of both."""
    story: list[Any] = []
    if page.report.set_aside.count:
        story += _set_aside(page)
    if page.report.duplicates.groups:
        story += _duplicates(page)
    return story


def _set_aside(page: SelectionPage) -> list[Any]:
    style, part = page.style, page.report.set_aside
    by_count = sorted(part.reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    room = style.width - 80
    reasons = [
        [printable_text.shortened(reason, room - 8, style.small), count(many)]
        for reason, many in by_count[:15]
    ]
    wide = (style.width * 0.42, style.width * 0.2, style.width * 0.38)
    examples = [
        [
            printable_text.shortened(text, width - 8, style.small)
            for text, width in zip((one.id, one.reason, one.detail), wide, strict=True)
        ]
        for one in part.examples[:EXAMPLES]
    ]
    where = f" All are in {part.file}." if part.file else ""
    return [
        style.paragraph("Set aside, by reason", "heading"),
        number_table(style, ["Reason", "Items"], reasons, [room, 80], [1]),
        style.gap(10),
        number_table(style, ["Item", "Reason", "Found"], examples, wide, []),
        page.caption(f"{count(len(examples))} of {count(part.count)} are shown.{where}"),
        style.gap(10),
    ]


def _duplicates(page: SelectionPage) -> list[Any]:
    style, part = page.style, page.report.duplicates
    groups = part.examples[:GROUPS]
    room = style.width - 40
    sizes = part.sizes or [len(ids) for ids in part.examples]
    rows = [
        [count(size), printable_text.shortened(", ".join(ids), room - 8, style.small)]
        for size, ids in zip(sizes, groups, strict=False)
    ]
    where = f" All are in {part.file}." if part.file else ""
    return [
        style.paragraph("Exactly the same content", "heading"),
        style.paragraph(
            f"{count(part.redundant)} of these {count(part.items)} items could be left out without "
            "losing content."
        ),
        number_table(style, ["Items", "Group"], rows, [40, room], [0]),
        page.caption(f"{count(len(groups))} of {count(part.groups)} groups are shown.{where}"),
    ]
