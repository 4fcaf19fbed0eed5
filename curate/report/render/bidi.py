"""The order in which a line of mixed directions is drawn, and the forms of Arabic letters.

PDF draws glyphs from left to right, as it is given them. `displayed` turns a line from the
order in which it is read and stored into that order: the Unicode Bidirectional Algorithm
(UAX #9) for one line, and one of up to four presentation forms for each Arabic letter.
Cost: O(n), and nothing but a search where no character runs from right to left.

Not here: explicit embeddings and isolates (`literal` shows those characters as escapes),
and the shaping of other scripts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar

Value = TypeVar("Value")

RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
ZWNJ = "\u200c"  # between Arabic letters: they do not join
LAM, TATWEEL = "\u0644", "\u0640"
# Brackets that UAX #9 treats in pairs, then what else has a mirrored twin.
BRACKETS = "()[]{}⟨⟩〈〉《》「」『』【】〔〕〖〗〘〙〚〛"
TWINS = BRACKETS + "<>«»‹›≤≥≪≫"
MIRRORED = "".join(TWINS[i + 1] + TWINS[i] for i in range(0, len(TWINS), 2))
PARTNER = dict(zip(TWINS, MIRRORED, strict=True))
OPENING = dict(zip(BRACKETS[::2], BRACKETS[1::2], strict=True))
STRONG = frozenset({"L", "R", "AL"})
NUMBERS = frozenset({"EN", "AN"})
SPACES = frozenset({"WS", "S", "B", "BN"})


def displayed(text: str, has: Callable[[str], bool]) -> str:
    """`text` in the order and the forms in which it is drawn; `has` tells which glyphs there are.

    The line runs in the direction of its first letter.
    """
    if not RIGHT_TO_LEFT.search(text):
        return text
    return reordered(joined(text, has))


# -- order ---------------------------------------------------------------------------------


def reordered(text: str) -> str:
    """`text` from left to right, as UAX #9 orders a line without explicit formatting."""
    given = [unicodedata.bidirectional(one) or "L" for one in text]
    first = next((kind for kind in given if kind in STRONG), "L")
    base = int(first != "L")
    kinds = _neutral(text, _weak(given, base), given, base)
    levels = [_level(kind, base) for kind in kinds]
    for place in range(len(text) - 1, -1, -1):  # L1: spaces at the end follow the line
        if given[place] not in SPACES:
            break
        levels[place] = base
    order = _runs_turned(levels)
    # A mark is left standing before its letter (no L3): DejaVu draws it to the right of where
    # it stands, above the letter that follows.
    return "".join(PARTNER.get(text[i], text[i]) if levels[i] % 2 else text[i] for i in order)


def _weak(given: Sequence[str], base: int) -> list[str]:
    """W1–W7: marks, numbers and their separators take the kind of what they stand by."""
    side = "R" if base else "L"
    kinds: list[str] = []
    for kind in given:  # W1
        kinds.append((kinds[-1] if kinds else side) if kind == "NSM" else kind)
    strong = side
    for i, kind in enumerate(kinds):  # W2, W3
        strong = kind if kind in STRONG else strong
        kinds[i] = "AN" if kind == "EN" and strong == "AL" else kind
    kinds = ["R" if kind == "AL" else kind for kind in kinds]
    for i in range(1, len(kinds) - 1):  # W4
        before, behind = kinds[i - 1], kinds[i + 1]
        if before == behind and (
            (kinds[i] == "ES" and before == "EN") or (kinds[i] == "CS" and before in NUMBERS)
        ):
            kinds[i] = before
    for start, end in _stretches(kinds, lambda kind: kind == "ET"):  # W5
        if "EN" in (*kinds[max(start - 1, 0) : start], *kinds[end : end + 1]):
            kinds[start:end] = ["EN"] * (end - start)
    kinds = ["ON" if kind in ("ES", "ET", "CS") else kind for kind in kinds]  # W6
    strong = side
    for i, kind in enumerate(kinds):  # W7
        strong = kind if kind in STRONG else strong
        kinds[i] = "L" if kind == "EN" and strong == "L" else kind
    return kinds


def _neutral(text: str, kinds: list[str], given: Sequence[str], base: int) -> list[str]:
    """N0–N2: brackets, then other neutrals, take the direction around them."""
    side, other = ("R", "L") if base else ("L", "R")
    for start, end in _pairs(text, kinds):  # N0
        inside = {_direction(kind) for kind in kinds[start + 1 : end]}
        if side in inside:
            found = side
        elif other in inside:
            context = (_direction(kind) for kind in reversed(kinds[:start]))
            found = next((one for one in context if one), side)
        else:
            continue
        for place in (start, end):
            kinds[place] = found
            for mark in range(place + 1, len(kinds)):
                if given[mark] != "NSM":
                    break
                kinds[mark] = found
    for start, end in _stretches(kinds, lambda kind: _direction(kind) is None):
        before = _direction(kinds[start - 1]) if start else side
        behind = _direction(kinds[end]) if end < len(kinds) else side
        found = before if before == behind and before else side  # N1, N2
        kinds[start:end] = [found] * (end - start)
    return kinds


def _direction(kind: str) -> str | None:
    """L or R, numbers counting as R; None for neutrals."""
    return kind if kind == "L" else "R" if kind in ("R", "EN", "AN") else None


def _pairs(text: str, kinds: Sequence[str]) -> list[tuple[int, int]]:
    """Positions of brackets that belong together, by the first of each."""
    found, waiting = [], list[tuple[str, int]]()
    for place, one in enumerate(text):
        if kinds[place] != "ON":
            continue
        if one in OPENING:
            waiting.append((OPENING[one], place))
            continue
        match = next((i for i in range(len(waiting) - 1, -1, -1) if waiting[i][0] == one), None)
        if match is not None:
            found.append((waiting[match][1], place))
            del waiting[match:]
    return sorted(found)


def _level(kind: str, base: int) -> int:
    """I1, I2."""
    if base:
        return 1 if kind == "R" else 2
    return {"L": 0, "R": 1}.get(kind, 2)


def _runs_turned(levels: Sequence[int]) -> list[int]:
    """L2: from the highest level down, what is at it or above is turned."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        for start, end in _stretches([levels[i] >= level for i in order], bool):
            order[start:end] = order[start:end][::-1]
    return order


def _stretches(values: Sequence[Value], holds: Callable[[Value], bool]) -> list[tuple[int, int]]:
    """Start and end of each longest stretch of values that `holds` is true of."""
    found, start = [], None
    for place, value in enumerate(values):
        if holds(value) and start is None:
            start = place
        elif not holds(value) and start is not None:
            found.append((start, place))
            start = None
    return found if start is None else [*found, (start, len(values))]


# -- forms ---------------------------------------------------------------------------------


def joined(text: str, has: Callable[[str], bool]) -> str:
    """`text` with Arabic letters in the form that their neighbours give them."""
    made: list[str] = []
    before = ""  # the letter before, marks passed over
    place = 0
    while place < len(text):
        one = text[place]
        if _transparent(one):
            made.append(one)
            place += 1
            continue
        follower, width = _next(text, place + 1)
        reached = _joins_on(before) and _joins_back(one)
        pair = _forms().get(one + follower) if one == LAM and follower else None
        if pair is not None:  # lam and alef are one glyph, and nothing joins on to alef
            marks = text[place + 1 : place + width]  # of lam; they stand on the glyph now
            made += [pair["final" if reached else "isolated"], marks]
            before, place = follower, place + width + 1
            continue
        reaches = _joins_on(one) and _joins_back(follower)
        form = ("medial" if reaches else "final") if reached else "initial" if reaches else ""
        shaped = _forms().get(one, {}).get(form, one)
        made.append(shaped if has(shaped) else one)
        before, place = one, place + 1
    return "".join(made).replace(ZWNJ, "")


def _next(text: str, place: int) -> tuple[str, int]:
    """The next letter, and how far from `place` − 1 it is; empty at the end."""
    for step, one in enumerate(text[place:], 1):
        if not _transparent(one):
            return one, step
    return "", 0


def _transparent(one: str) -> bool:
    return unicodedata.category(one) == "Mn"


def _joins_on(one: str) -> bool:
    """Whether a letter reaches for the next one."""
    return one == TATWEEL or "initial" in _forms().get(one, {})


def _joins_back(one: str) -> bool:
    """Whether a letter lets the one before reach it."""
    return one == TATWEEL or "final" in _forms().get(one, {})


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Letter, or lam and alef -> form -> presentation form, as Unicode's own data has them."""
    found: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFC00), *range(0xFE80, 0xFEFD)):
        form, *letters = unicodedata.decomposition(chr(code)).split()[:3] or [""]
        if form.strip("<>") in ("isolated", "final", "initial", "medial"):
            letter = "".join(chr(int(one, 16)) for one in letters)
            found.setdefault(letter, {}).setdefault(form.strip("<>"), chr(code))
    return found
