"""Short names for long names of spaces and classes, wherever a page prints them.

A checkpoint may be named after its configuration, and a class with a sentence: in a title, or in a
table of several columns, such a name leaves no room for the number. Long names are cut in the
middle; names that would be cut to the same text are numbered. The report is not changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from curate.report.render import fonts
from curate.report.render.printable_text import shortened
from curate.report.render.style import PageStyle
from curate.schema.evaluation import EvaluationReport
from curate.schema.space_reports import DriftReport, SpaceReport

# Points that a name may take: of one or two spaces, of more, and of a class.
SPACE_WIDTH, SPACE_WIDTH_OF_MANY, CLASS_WIDTH = 150.0, 84.0, 170.0
NUMBER_WIDTH = 14.0  # of these, for a number


def short_names(report: SpaceReport, style: PageStyle) -> dict[str, str]:
    """Name of a space or class -> the name to print; different names stay different."""
    spaces = _spaces(report)
    width = SPACE_WIDTH if len(spaces) <= 2 else SPACE_WIDTH_OF_MANY
    classes = dict.fromkeys(name for name in _classes(report) if name not in spaces)
    return _shortened(classes, CLASS_WIDTH, style) | _shortened(spaces, width, style)


def _spaces(report: SpaceReport) -> list[str]:
    if isinstance(report, DriftReport):
        return [report.old.name, report.new.name]
    if isinstance(report, EvaluationReport):
        return [evaluated.space.name for evaluated in report.spaces]
    return [space.name for space in report.spaces]


def _classes(report: SpaceReport) -> Iterator[str]:
    """Every class that a page may name, in any order and more than once."""
    if isinstance(report, EvaluationReport):
        for evaluated in report.spaces:
            yield from (part.label for part in evaluated.classes)
            for pair in evaluated.mixed:
                yield from (pair.first, pair.second)
        return
    if isinstance(report, DriftReport):
        far = (*report.arrived.worst, *report.gone.worst, *report.cover)
        items = [*far, *(item.nearest for item in far), *(share.centre for share in report.shares)]
    else:
        changed = [item for pair in report.pairs for item in pair.changed]
        items = [near for item in changed for near in (item, *item.first, *item.second)]
        yield from (part.label for pair in report.pairs for part in pair.labels)
    yield from (item.label for item in items if item.label is not None)


def _shortened(names: Iterable[str], width: float, style: PageStyle) -> dict[str, str]:
    """Each name at most `width` points wide, and no two the same."""
    cut = {name: _cut(name, width, style) for name in names}
    times = Counter(cut.values())
    numbered: Counter[str] = Counter()
    printed = {}
    for name, text in cut.items():
        printed[name] = text
        if times[text] > 1 and text != name:
            numbered[text] += 1
            printed[name] = f"{_cut(name, width - NUMBER_WIDTH, style)} {numbered[text]}"
    return printed


def _cut(name: str, width: float, style: PageStyle) -> str:
    # `shortened` also escapes what no font can draw; a short name is left as it is.
    if fonts.measure(name, style.small, fonts.BOLD) <= width:
        return name
    return shortened(name, width, style.small, fonts.BOLD)
