"""Right-to-left text: the order in which a line is drawn, and the forms of Arabic letters.

PDF draws glyphs from left to right in the order it is given. `displayed` converts a line from
reading order to drawing order with the Unicode Bidirectional Algorithm (UAX #9), and replaces
each Arabic letter by one of up to four presentation forms. Cost: O(n); a line without
right-to-left characters costs one search.

Not here: explicit embeddings and isolates (`printable_text` prints those characters as
escapes), and the shaping of other scripts.
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
# Brackets that UAX #9 treats as pairs, then other characters that have a mirrored form.
BRACKETS = "()[]{}⟨⟩〈〉《》「」『』【】〔〕〖〗〘〙〚〛"
TWINS = BRACKETS + "<>«»‹›≤≥≪≫"
MIRRORED = "".join(TWINS[i + 1] + TWINS[i] for i in range(0, len(TWINS), 2))
PARTNER = dict(zip(TWINS, MIRRORED, strict=True))
OPENING = dict(zip(BRACKETS[::2], BRACKETS[1::2], strict=True))
STRONG = frozenset({"L", "R", "AL"})
NUMBERS = frozenset({"EN", "AN"})
SPACES = frozenset({"WS", "S", "B", "BN"})


def displayed(text: str, has: Callable[[str], bool]) -> str:
    """`text` in drawing order, with Arabic presentation forms.

    `has` tells whether a character has a glyph. The direction of the line is that of its first
    letter.
    """
    if not RIGHT_TO_LEFT.search(text):
        return text
    return reordered(joined(text, has))


def reordered(text: str) -> str:
    """`text` in drawing order by UAX #9, for one line without explicit formatting characters."""
    given = [unicodedata.bidirectional(character) or "L" for character in text]
    first = next((kind for kind in given if kind in STRONG), "L")
    base = int(first != "L")
    kinds = _neutral(text, _weak(given, base), given, base)
    levels = [_level(kind, base) for kind in kinds]
    for place in range(len(text) - 1, -1, -1):  # L1: trailing spaces get the direction of the line
        if given[place] not in SPACES:
            break
        levels[place] = base
    order = _runs_turned(levels)
    # Marks stay before their letter (no L3): DejaVu draws a mark above the letter that follows.
    return "".join(PARTNER.get(text[i], text[i]) if levels[i] % 2 else text[i] for i in order)


def _weak(given: Sequence[str], base: int) -> list[str]:
    """Rules W1–W7: marks, numbers and separators take the type of their neighbours."""
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
    """Rules N0–N2: brackets, then other neutrals, take the direction around them."""
    side, other = ("R", "L") if base else ("L", "R")
    for start, end in _pairs(text, kinds):  # N0
        inside = {_direction(kind) for kind in kinds[start + 1 : end]}
        if side in inside:
            direction = side
        elif other in inside:
            context = (_direction(kind) for kind in reversed(kinds[:start]))
            direction = next((known for known in context if known), side)
        else:
            continue
        for place in (start, end):
            kinds[place] = direction
            for mark in range(place + 1, len(kinds)):
                if given[mark] != "NSM":
                    break
                kinds[mark] = direction
    for start, end in _stretches(kinds, lambda kind: _direction(kind) is None):
        before = _direction(kinds[start - 1]) if start else side
        behind = _direction(kinds[end]) if end < len(kinds) else side
        direction = before if before == behind and before else side  # N1, N2
        kinds[start:end] = [direction] * (end - start)
    return kinds


def _direction(kind: str) -> str | None:
    """L or R (numbers count as R); None for neutrals."""
    return kind if kind == "L" else "R" if kind in ("R", "EN", "AN") else None


def _pairs(text: str, kinds: Sequence[str]) -> list[tuple[int, int]]:
    """Positions of the two brackets of each pair, in the order of the opening ones (BD16)."""
    pairs, waiting = [], list[tuple[str, int]]()
    for place, character in enumerate(text):
        if kinds[place] != "ON":
            continue
        if character in OPENING:
            waiting.append((OPENING[character], place))
            continue
        backwards = range(len(waiting) - 1, -1, -1)
        match = next((i for i in backwards if waiting[i][0] == character), None)
        if match is not None:
            pairs.append((waiting[match][1], place))
            del waiting[match:]
    return sorted(pairs)


def _level(kind: str, base: int) -> int:
    """Rules I1 and I2: the embedding level of a character of this type."""
    if base:
        return 1 if kind == "R" else 2
    return {"L": 0, "R": 1}.get(kind, 2)


def _runs_turned(levels: Sequence[int]) -> list[int]:
    """Rule L2: from the highest level down, reverse every run at this level or above."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        for start, end in _stretches([levels[i] >= level for i in order], bool):
            order[start:end] = order[start:end][::-1]
    return order


def _stretches(values: Sequence[Value], holds: Callable[[Value], bool]) -> list[tuple[int, int]]:
    """Start and end of each maximal run of values for which `holds` is true."""
    stretches, start = [], None
    for place, value in enumerate(values):
        if holds(value) and start is None:
            start = place
        elif not holds(value) and start is not None:
            stretches.append((start, place))
            start = None
    return stretches if start is None else [*stretches, (start, len(values))]


def joined(text: str, has: Callable[[str], bool]) -> str:
    """`text` with each Arabic letter in the form that its neighbours require."""
    shapes: list[str] = []
    before = ""  # the letter before; marks are skipped
    place = 0
    while place < len(text):
        letter = text[place]
        if _transparent(letter):
            shapes.append(letter)
            place += 1
            continue
        follower, width = _next(text, place + 1)
        reached = _joins_on(before) and _joins_back(letter)
        pair = _forms().get(letter + follower) if letter == LAM and follower else None
        if pair is not None:  # lam and alef become one glyph; alef does not join the next letter
            marks = text[place + 1 : place + width]  # marks of lam, now on the joint glyph
            shapes += [pair["final" if reached else "isolated"], marks]
            before, place = follower, place + width + 1
            continue
        reaches = _joins_on(letter) and _joins_back(follower)
        form = ("medial" if reaches else "final") if reached else "initial" if reaches else ""
        shaped = _forms().get(letter, {}).get(form, letter)
        shapes.append(shaped if has(shaped) else letter)
        before, place = letter, place + 1
    return "".join(shapes).replace(ZWNJ, "")


def _next(text: str, place: int) -> tuple[str, int]:
    """The next letter from `place` on, and its distance from `place` − 1; ("", 0) at the end."""
    for step, character in enumerate(text[place:], 1):
        if not _transparent(character):
            return character, step
    return "", 0


def _transparent(character: str) -> bool:
    """Whether a character is a mark, which does not affect joining."""
    return unicodedata.category(character) == "Mn"


def _joins_on(letter: str) -> bool:
    """Whether a letter joins the next letter."""
    return letter == TATWEEL or "initial" in _forms().get(letter, {})


def _joins_back(letter: str) -> bool:
    """Whether a letter can be joined by the letter before."""
    return letter == TATWEEL or "final" in _forms().get(letter, {})


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Letter (or lam with alef) -> form -> presentation form, from the Unicode database."""
    forms: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFC00), *range(0xFE80, 0xFEFD)):
        form, *letters = unicodedata.decomposition(chr(code)).split()[:3] or [""]
        if form.strip("<>") in ("isolated", "final", "initial", "medial"):
            letter = "".join(chr(int(code_point, 16)) for code_point in letters)
            forms.setdefault(letter, {}).setdefault(form.strip("<>"), chr(code))
    return forms
