"""What the pages on diversity and coverage share: the drawing that explains, and the table."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import Table

from curate.report.figures import FigureBox
from curate.report.look import SETS, Look
from curate.report.map_figures import explanation, joined
from curate.report.map_ground import framed
from curate.report.measures import Coverage, Distribution, Diversity, Map, RandomBaseline
from curate.report.numbers import count, number
from curate.report.scores import value
from curate.report.sheet import Sheet
from curate.report.tables import number_table

SIDE = 190.0
ROWS = {name: SETS[name].name for name in ("input", "selected", "random", "datapool", "union")}
ROWS["random_union"] = "random ∪ datapool"
COLUMNS = (
    ("mean", "mean"),
    ("min", "min"),
    ("q5", "5%"),
    ("q25", "25%"),
    ("q50", "50%"),
    ("q75", "75%"),
    ("q95", "95%"),
    ("q99", "99%"),
    ("max", "max"),
    ("std", "std"),
)


def explained(sheet: Sheet, lines: str, texts: list[str], ends: str) -> Any:
    """The measure as lines on the run's own map, beside what it means."""
    look, maps = sheet.look, sheet.report.maps
    one = maps.pacmap or maps.pca
    drawn = len(joined(maps, lines)) if one is not None else 0
    if one is None or not drawn:
        return Table([[look.defined(texts[:-1])]], colWidths=[look.width], style=_FLUSH)
    told = look.defined(texts)
    drawn_lines = "1 line is" if drawn == 1 else f"{count(drawn)} lines are"
    told.append(sheet.foot(f"{drawn_lines} drawn, from {ends}.", beyond(one)))
    figure = FigureBox(look, explanation(look, maps, one, lines), SIDE, width=SIDE)
    return side_by_side(look, figure, told, SIDE)


def beyond(one: Map) -> str:
    """A sentence on the points that a map does not show where they are; empty without any."""
    many = framed(one)[3]
    if not many:
        return ""
    return (
        f"{'1 point' if many == 1 else f'{count(many)} points'} beyond the frame drawn at its edge."
    )


def side_by_side(look: Look, figure: Any, told: list[Any], wide: float) -> Any:
    """A figure with words at its right."""
    return Table([[figure, told]], colWidths=[wide + 16, look.width - wide - 16], style=_FLUSH)


def statistics_table(sheet: Sheet, measure: Diversity | Coverage) -> Any:
    """A row for each set; under random ones their interval, in two rows."""
    rows: list[list[str]] = []
    quiet = []
    for name, title in ROWS.items():
        one: Distribution | None = getattr(measure, name)
        if one is None:
            continue
        rows.append([title, *(number(value(one, key)) for key, _ in COLUMNS), _many(one)])
        if isinstance(one, RandomBaseline):
            for place, end in ((0, "  95% of draws from"), (1, "  to")):
                quiet.append(len(rows))
                ends = [
                    number(one.interval[key][place]) if key in one.interval else ""
                    for key, _ in COLUMNS
                ]
                rows.append([end, *ends, ""])
    first, last = 92.0, 42.0
    each = (sheet.look.width - first - last) / len(COLUMNS)
    head = ["", *(title for _, title in COLUMNS), "items"]
    widths = [first, *([each] * len(COLUMNS)), last]
    numeric = list(range(1, len(COLUMNS) + 2))
    return number_table(sheet.look, head, rows, widths, numeric, quiet_rows=quiet)


def _many(one: Distribution) -> str:
    return count(one.n_queries)


_FLUSH = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]
