"""Tables: thin rules above and below, numbers aligned on the decimal point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.platypus import Table

from curate.report.render import fonts
from curate.report.render.printable_text import printable, shortened
from curate.report.render.style import PageStyle

PAD = 3.0
ROUNDING = 0.01
FACT_LINES = 8  # most lines of a value; a cell higher than the page cannot be drawn
LEAST, TIGHT = 7.0, 2.0  # font size and padding for tables with long numbers


def number_table(
    style: PageStyle,
    head: Sequence[str],
    rows: Sequence[Sequence[Any]],
    widths: Sequence[float],
    numeric: Sequence[int],
    *,
    quiet_rows: Sequence[int] = (),
    size: float | None = None,
    pad: float = PAD,
) -> Any:
    """A table with `numeric` columns aligned on the decimal point.

    rows        cells of text, or flowables in columns that are not numeric
    widths      of the columns, in points
    quiet_rows  rows of secondary numbers, drawn in grey
    size        font size in points; None for the small one
    """
    size = size or style.small
    cells = [[_cell(cell) for cell in row] for row in rows]
    commands: list[tuple[Any, ...]] = [
        ("FONT", (0, 0), (-1, 0), fonts.BOLD, size),
        ("FONT", (0, 1), (-1, -1), fonts.REGULAR, size),
        ("TEXTCOLOR", (0, 0), (-1, -1), style.ink("text")),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("VALIGN", (0, 1), (-1, -1), "MIDDLE"),
        ("LINEABOVE", (0, 0), (-1, 0), 0.6, style.ink("text")),
        ("LINEBELOW", (0, 0), (-1, 0), 0.4, style.ink("rule")),
        ("LINEBELOW", (0, -1), (-1, -1), 0.6, style.ink("text")),
        ("LEFTPADDING", (0, 0), (-1, -1), pad),
        ("RIGHTPADDING", (0, 0), (-1, -1), pad),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), PAD),
        ("BOTTOMPADDING", (0, 0), (-1, -1), PAD),
    ]
    for column in numeric:
        commands.append(("ALIGN", (column, 0), (column, -1), "RIGHT"))
        shifts = _shifts([row[column] for row in cells], size, widths[column] - 2 * pad)
        # ReportLab's decimal alignment splits a number in two parts that text search cannot find.
        commands += [
            ("RIGHTPADDING", (column, row), (column, row), pad + shift)
            for row, shift in enumerate(shifts, 1)
        ]
    commands += [
        ("TEXTCOLOR", (0, row + 1), (-1, row + 1), style.ink("quiet")) for row in quiet_rows
    ]
    table = Table([list(head), *cells], colWidths=list(widths), style=commands, repeatRows=1)
    table.hAlign = "LEFT"
    return table


def facts_table(style: PageStyle, rows: Sequence[tuple[str, str]], name_width: float = 110) -> Any:
    """A table of names with values; both may wrap over a few lines."""
    room = style.width - name_width - PAD
    cells = [
        [
            style.paragraph(shortened(name, name_width - PAD, style.small), "cell_quiet"),
            style.paragraph(shortened(value, FACT_LINES * room, style.small), "cell"),
        ]
        for name, value in rows
    ]
    commands = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), PAD),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
    ]
    return Table(cells, colWidths=[name_width, style.width - name_width], style=commands)


def _cell(cell: Any) -> Any:
    return printable(cell) if isinstance(cell, str) else cell


def _shifts(cells: Sequence[Any], size: float, width: float) -> list[float]:
    """Distance of each number from the right edge, so that the decimal points are aligned.

    All 0 if the numbers then do not fit into `width`.
    """
    before, behind = _sides(cells, size)
    most = max(behind, default=0.0)
    return [
        most - width_behind if before + most <= width + ROUNDING else 0.0 for width_behind in behind
    ]


def natural_widths(
    head: Sequence[str], rows: Sequence[Sequence[str]], size: float, pad: float = PAD
) -> list[float]:
    """Width that each column needs: the first has text, the others aligned numbers."""
    wide = []
    for column, title in enumerate(head):
        cells = [row[column] for row in rows]
        title_wide = fonts.measure(title, size, fonts.BOLD)
        if column == 0:
            widest = max((fonts.measure(cell, size) for cell in cells), default=0.0)
            wide.append(max(widest, title_wide) + pad)
            continue
        before, behind = _sides(cells, size)
        wide.append(max(before + max(behind, default=0.0), title_wide) + 2 * pad)
    return wide


def _sides(cells: Sequence[Any], size: float) -> tuple[float, list[float]]:
    """The largest width before a decimal point, and the width of each part from the point on."""
    parts = [cell.partition(".") if isinstance(cell, str) else ("", "", "") for cell in cells]
    before = max((fonts.measure(part[0], size) for part in parts), default=0.0)
    return before, [fonts.measure("".join(part[1:]), size) for part in parts]
