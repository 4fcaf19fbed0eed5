"""Long names of spaces and classes, shortened for the page; report.json keeps them whole.

A checkpoint is called by its configuration, a class by a sentence: in a title, or a table of
several columns, they leave no room for the number. They are cut in the middle, and two that
would be cut to the same words are numbered. Ids and texts are shortened where they are drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from curate.report.render import fonts
from curate.report.render.printable_text import shortened
from curate.report.render.style import PageStyle
from curate.schema.evaluation import EvaluationReport
from curate.schema.space_reports import DriftReport, SpaceReport

# Fields that hold the name of a space or of a class.
NAMED = frozenset({"name", "space", "best", "other", "first", "second", "label", "map_labels"})
# Points that a name may take: of one or two spaces, of more, and of a class.
SPACE, SPACE_OF_MANY, CLASS = 150.0, 84.0, 170.0
NUMBER = 14.0  # of them, for a number


def brief(report: SpaceReport, style: PageStyle) -> SpaceReport:
    """The report with short names, or itself where none is long."""
    held = report.model_dump(exclude={"name", "made"})
    found: dict[str, None] = {}

    def noted(name: str) -> str:
        found[name] = None
        return name

    _walked(held, "", noted)
    spaces = _spaces(report)
    room = SPACE if len(spaces) <= 2 else SPACE_OF_MANY
    short = _short(spaces, room, style)
    short |= _short((name for name in found if name not in spaces), CLASS, style)
    if not any(name != made for name, made in short.items()):
        return report
    kept = {"name": report.name, "made": report.made}
    brief_: SpaceReport = type(report).model_validate(
        _walked(held, "", lambda name: short.get(name, name)) | kept
    )
    return brief_


def _spaces(report: SpaceReport) -> list[str]:
    if isinstance(report, DriftReport):
        return [report.old.name, report.new.name]
    if isinstance(report, EvaluationReport):
        return [one.space.name for one in report.spaces]
    return [one.name for one in report.spaces]


def _walked(held: Any, key: str, change: Callable[[str], str]) -> Any:
    """The same with every name changed; numbers, ids and texts are left alone."""
    if isinstance(held, dict):
        # `best` holds names by metric.
        return {
            field: _walked(one, key if key == "best" else field, change)
            for field, one in held.items()
        }
    if isinstance(held, list):
        numbers = bool(held) and isinstance(held[0], int | float)
        return held if numbers else [_walked(one, key, change) for one in held]
    return change(held) if isinstance(held, str) and key in NAMED else held


def _short(names: Iterable[str], room: float, style: PageStyle) -> dict[str, str]:
    """Each name at most `room` wide, and no two the same."""
    cut = {name: _cut(name, room, style) for name in names}
    times = Counter(cut.values())
    seen: Counter[str] = Counter()
    made = {}
    for name, words in cut.items():
        made[name] = words
        if times[words] > 1 and words != name:
            seen[words] += 1
            made[name] = f"{_cut(name, room - NUMBER, style)} {seen[words]}"
    return made


def _cut(name: str, room: float, style: PageStyle) -> str:
    # `fit` turns what cannot be drawn into escapes too, which a short name need not be.
    if fonts.measure(name, style.small, fonts.BOLD) <= room:
        return name
    return shortened(name, room, style.small, fonts.BOLD)
