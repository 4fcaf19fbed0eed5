"""The input items farthest from everything selected, each beside the pick that stands for it."""

from __future__ import annotations

from typing import Any

from reportlab.platypus import Flowable

from curate.report import cards, fonts, literal
from curate.report.figures import FigureBox
from curate.report.look import Look
from curate.report.map_figures import worst_places
from curate.report.measures import Worst
from curate.report.numbers import count, number
from curate.report.sections.measure import beyond, side_by_side
from curate.report.sheet import Sheet
from curate.report.tables import number_table

COLUMNS = {"images": 3, "text": 1}
TEXT_LINES = 2
SIDE = 236.0  # of the map
GAP, MIDDLE = 16.0, 34.0  # between pairs, and within one at least


def draw(sheet: Sheet) -> list[Any]:
    """Pairs of pictures or texts; a table where there are only ids."""
    shown = [one for one in sheet.report.coverage.worst if one.distance > 0]
    shown = shown[: min(sheet.template.pairs_of_worst, _most(sheet))]
    body = _table(sheet, shown) if sheet.kind not in COLUMNS else _pairs(sheet, shown)
    return [*body, _foot(sheet, shown), *_places(sheet, shown)]


def _foot(sheet: Sheet, shown: list[Worst]) -> Any:
    named = f"{count(len(shown))} input items" if len(shown) > 1 else "input item"
    whose = "their" if len(shown) > 1 else "its"
    order = ", farthest first" if len(shown) > 1 else ""
    return sheet.foot(
        f"The {named} with the largest distance to {whose} nearest pick, out of all input{order}.",
        "A pick marked (datapool) was chosen earlier." if _any_pool(shown) else "",
    )


def _places(sheet: Sheet, shown: list[Worst]) -> list[Any]:
    """Where on the map they lie: scattered, or all in one place."""
    look, maps = sheet.look, sheet.report.maps
    one = maps.pacmap or maps.pca
    position = {row: place for place, row in enumerate(maps.rows)}
    found = [
        (position[worst.row], count(place))
        for place, worst in enumerate(shown, 1)
        if worst.row in position
    ]
    if one is None or len(found) < 2:
        return []
    loose = sum(maps.nearest[place] is None for place, _ in found)
    told = [
        look.paragraph("Where they lie", "heading"),
        *look.paragraph_list(sheet.template.explain_worst),
        sheet.foot(
            f"{count(len(found))} of the {count(len(shown))} are on the map.",
            _without_line(sheet, loose, len(found)),
            beyond(one),
        ),
    ]
    figure = FigureBox(look, worst_places(look, maps, one, found), SIDE, width=SIDE)
    return [look.gap(12), IfRoom(side_by_side(look, figure, told, SIDE))]


def _without_line(sheet: Sheet, loose: int, all_: int) -> str:
    """Why some crosses have no line."""
    if not loose:
        return ""
    who = "No cross has a line" if loose == all_ else f"{count(loose)} have no line"
    where = "in the datapool, or else not" if sheet.report.counts.datapool else "not"
    return f"{who}: what is nearest is {where} on the map."


def _most(sheet: Sheet) -> int:
    """As many pairs as one page holds together with the map and the footnote."""
    columns = COLUMNS.get(sheet.kind)
    if columns is None:
        return sheet.template.pairs_of_worst
    tall = PairRow(sheet, [], columns).wrap(sheet.look.width, 0)[1]
    worst = sheet.report.coverage.worst[: sheet.template.pairs_of_worst]
    below = sheet.height([_foot(sheet, worst), *_places(sheet, worst)])
    room = sheet.room(sheet.findings["worst"], sheet.template.how("worst")) - below
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


class PairRow(Flowable):  # type: ignore[misc]
    """Pairs side by side: input item, distance over an arrow, pick."""

    def __init__(self, sheet: Sheet, pairs: list[tuple[str, Worst]], columns: int) -> None:
        super().__init__()
        self.sheet = sheet
        self.look: Look = sheet.look
        self.pairs = pairs
        self.columns = columns

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Size on the page."""
        line = self.look.small * cards.LEADING
        self.width = width
        self.each = (width - GAP * (self.columns - 1)) / self.columns
        written = (number(one.distance) for one in self.sheet.report.coverage.worst)
        widest = max(
            (fonts.measure(one, self.look.small, fonts.BOLD) for one in written), default=0
        )
        self.middle = max(MIDDLE, widest + 8)
        self.side = (self.each - self.middle) / 2
        self.tall = tall = self.side if self.sheet.kind == "images" else TEXT_LINES * line
        self.height = tall + (2 if self.sheet.kind == "images" else 1) * line + 14
        return self.width, self.height

    def draw(self) -> None:
        """Draw each pair in its place."""
        for place, (name, one) in enumerate(self.pairs):
            left = place * (self.each + GAP)
            pick = left + self.side + self.middle
            self._item(left, one.id, one.text or "", f"{name}:\u00a0", "input")
            pooled = one.nearest_in_datapool
            mark, ink = ("(datapool) ", "datapool") if pooled else ("", "selected")
            picture = f"datapool:{one.nearest}" if pooled else one.nearest
            self._item(pick, one.nearest, one.nearest_text or "", mark, ink, picture)
            self._arrow(left + self.side, number(one.distance))

    def _item(self, left: float, name: str, text: str, mark: str, ink: str, key: str = "") -> None:
        look, canvas = self.look, self.canv
        line = look.small * cards.LEADING
        low = self.height - self.tall
        if self.sheet.kind == "images":
            box = (left, low, self.side, self.tall)
            cards.draw_jpeg(canvas, look, self.sheet.thumbnails.get(key or name), box)
        else:
            canvas.setFillColor(look.ink("text"))
            canvas.setFont(fonts.REGULAR, look.small)
            broken = literal.lines(text or name, self.side, look.small, TEXT_LINES)
            for row, words in enumerate(broken):
                canvas.drawString(left, self.height - (row + 1) * line + 2, words)
        canvas.setStrokeColor(look.ink(ink))
        canvas.setLineWidth(1.2)
        canvas.line(left, low - 4, left + self.side, low - 4)
        canvas.setFillColor(look.ink("quiet"))
        canvas.setFont(fonts.REGULAR, look.small)
        room = 1 if self.sheet.kind == "text" else 2  # lines that `wrap` has counted
        named = literal.fit(mark + name, self.side * (1 if room == 1 else 1.9), look.small)
        for row, part in enumerate(literal.lines(named, self.side, look.small, room), 1):
            canvas.drawString(left, low - 4 - row * line, part)

    def _arrow(self, left: float, distance: str) -> None:
        canvas, look = self.canv, self.look
        middle = left + self.middle / 2
        base = self.height - self.tall / 2
        canvas.setFillColor(look.ink("text"))
        canvas.setFont(fonts.BOLD, look.small)
        canvas.drawCentredString(middle, base + 3, distance)
        canvas.setStrokeColor(look.ink("quiet"))
        canvas.setLineWidth(0.6)
        start, end = left + 4, left + self.middle - 4
        canvas.line(start, base, end, base)
        canvas.line(end - 3, base + 2, end, base)
        canvas.line(end - 3, base - 2, end, base)


def _pairs(sheet: Sheet, shown: list[Worst]) -> list[Any]:
    columns = COLUMNS[sheet.kind]
    named = [(count(place), one) for place, one in enumerate(shown, 1)]
    return [
        PairRow(sheet, named[start : start + columns], columns)
        for start in range(0, len(named), columns)
    ]


def _table(sheet: Sheet, shown: list[Worst]) -> list[Any]:
    wide = (sheet.look.width - 30 - 70) / 2
    rows = [
        [
            count(place),
            literal.fit(one.id, wide - 8, sheet.look.small),
            literal.fit(one.nearest, wide - 60, sheet.look.small)
            + (" (datapool)" if one.nearest_in_datapool else ""),
            number(one.distance),
        ]
        for place, one in enumerate(shown, 1)
    ]
    head = ["", "Input item", "Nearest pick", "Distance"]
    return [number_table(sheet.look, head, rows, [30, wide, wide, 70], [3])]


def _any_pool(shown: list[Worst]) -> bool:
    return any(one.nearest_in_datapool for one in shown)
