"""The picture of the architecture, made from the imports in curate/.

The floors are those of `[tool.curate]` in pyproject.toml, which tests/test_floors.py holds
too. A box is a room (a folder or a module of curate/), an arrow an import.
"""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CURATE = ROOT / "curate"

# In units of the picture.
WIDTH, FLOOR_HEIGHT = 760, 96
ROOM_WIDTH, ROOM_HEIGHT = 104, 38


def floors() -> list[list[str]]:
    """The rooms of each floor, the lowest floor first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return settings["tool"]["curate"]["floors"]


def modules(room: str) -> list[Path]:
    """The files of a room."""
    folder = CURATE / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [CURATE / f"{room}.py"]


def imports() -> dict[str, Counter[str]]:
    """For each room: in how many of its files each other room is imported."""
    rooms = [room for floor in floors() for room in floor]
    arrows = {room: Counter[str]() for room in rooms}
    for room in rooms:
        for path in modules(room):
            arrows[room].update(imported(path) & set(rooms) - {room})
    return arrows


def imported(path: Path) -> set[str]:
    """The rooms of curate that a file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            if node.module == "curate":
                names |= {f"curate.{alias.name}" for alias in node.names}
    parts = (name.split(".") for name in names)
    return {part[1] for part in parts if part[0] == "curate" and len(part) > 1}


def without_detours(arrows: dict[str, Counter[str]]) -> list[tuple[str, str]]:
    """The arrows that are needed: those down to a room that a longer way down reaches are not."""
    height = {room: level for level, floor in enumerate(floors()) for room in floor}

    def lower(room: str) -> set[str]:
        return {target for target in arrows[room] if height[target] < height[room]}

    def reached(room: str) -> set[str]:
        return lower(room).union(*(reached(other) for other in lower(room)))

    return [
        (room, target)
        for room in arrows
        for target in arrows[room]
        if not any(target in reached(other) for other in lower(room))
    ]


def floors_text() -> str:
    """The list of floors, as text."""
    return "```text\n" + " →\n".join(", ".join(floor) for floor in floors()) + "\n```"


def picture() -> str:
    """An SVG: the rooms by floor, the highest floor on top, and the arrows between them."""
    levels = list(reversed(floors()))
    places = {
        room: (WIDTH * (place + 1) / (len(floor) + 1), FLOOR_HEIGHT * (level + 0.5))
        for level, floor in enumerate(levels)
        for place, room in enumerate(floor)
    }
    lonely = {floor[0] for floor in levels if len(floor) == 1}
    arrows = [
        _arrow(places[room], places[target], lonely=room in lonely)
        for room, target in without_detours(imports())
    ]
    rooms = [_room(room, *place) for room, place in places.items()]
    return (
        f'<svg viewBox="0 0 {WIDTH} {FLOOR_HEIGHT * len(levels):.0f}" role="img" '
        'aria-label="Rooms of curate by floor, with arrows for imports" '
        'xmlns="http://www.w3.org/2000/svg" style="width: 100%; height: auto">'
        '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#607d8b"/></marker></defs>'
        + "".join(arrows)
        + "".join(rooms)
        + "</svg>"
    )


def _room(name: str, x: float, y: float) -> str:
    return (
        f'<rect x="{x - ROOM_WIDTH / 2:.0f}" y="{y - ROOM_HEIGHT / 2:.0f}" width="{ROOM_WIDTH}" '
        f'height="{ROOM_HEIGHT}" rx="5" fill="#eceff1" stroke="#607d8b"/>'
        f'<text x="{x:.0f}" y="{y + 5:.0f}" text-anchor="middle" font-size="15" '
        f'font-family="sans-serif" fill="#1a1c1f">{name}</text>'
    )


def _arrow(start: tuple[float, float], end: tuple[float, float], *, lonely: bool) -> str:
    """From the lower edge of a room to the upper edge of another, or between two of a floor.

    An arrow that passes a floor goes round what is between: it leaves its room sideways if that
    is alone on its floor (`lonely`), and else comes in from the side.
    """
    (x0, y0), (x1, y1) = start, end
    side = 1 if x1 > x0 else -1
    if y0 == y1:
        x0, x1 = x0 + side * ROOM_WIDTH / 4, x1 - side * ROOM_WIDTH / 4
        y0 = y1 = y0 + side * ROOM_HEIGHT / 2  # there above, back below: two ways are two lines
        bent = y0 + side * (14 + abs(x1 - x0) / 14)
        curve = f"{x0:.0f} {bent:.0f} {x1:.0f} {bent:.0f}"
    elif y1 - y0 > FLOOR_HEIGHT and not lonely:
        out = x0 if x0 != x1 else x0 + ROOM_WIDTH
        x1, y0 = x1 + (ROOM_WIDTH / 2 if out > x1 else -ROOM_WIDTH / 2), y0 + ROOM_HEIGHT / 2
        curve = f"{out:.0f} {y1:.0f} {out:.0f} {y1:.0f}"
    elif y1 - y0 > FLOOR_HEIGHT and x0 != x1:
        x0, y1 = x0 + side * ROOM_WIDTH / 2, y1 - ROOM_HEIGHT / 2
        curve = f"{x1:.0f} {y0:.0f} {x1:.0f} {y0:.0f}"
    else:
        y0, y1 = y0 + ROOM_HEIGHT / 2, y1 - ROOM_HEIGHT / 2
        bend = (y1 - y0) / 2
        curve = f"{x0:.0f} {y0 + bend:.0f} {x1:.0f} {y1 - bend:.0f}"
    return (
        f'<path d="M{x0:.0f} {y0:.0f}C{curve} {x1:.0f} {y1:.0f}" fill="none" stroke="#607d8b" '
        'stroke-width="1.3" marker-end="url(#head)"/>'
    )


def rooms_table() -> str:
    """Each room: what it is for, how large it is, and what it imports (in how many files)."""
    arrows = imports()
    rows = []
    for room in (room for floor in reversed(floors()) for room in floor):
        paths = modules(room)
        text = paths[0].read_text(encoding="utf-8")
        about = (ast.get_docstring(ast.parse(text)) or "").splitlines()[0].split(": ")[0]
        lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)
        uses = ", ".join(f"{name} {times}" for name, times in sorted(arrows[room].items()))
        rows.append(f"| `{room}` | {about.rstrip('.')} | {len(paths)} | {lines:,} | {uses} |")
    head = "| room | what it is for | files | lines | imports (in how many files) |"
    return "\n".join([head, "|---|---|---|---|---|", *rows])
