"""Make text from the data safe to print: markup in your data is printed as text.

Ids, labels and texts may contain markup, control characters, scripts that the fonts lack, or
thousands of characters. `printable` replaces every character that cannot be drawn by a readable
escape, `shortened` cuts in the middle, `wrapped_lines` breaks lines, and `printable_markup` is
for text inside a ReportLab Paragraph. All of them keep the reading order; `fonts` reorders
right-to-left text when it is drawn.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sized
from xml.sax.saxutils import escape as escape_xml

from curate.report.render import fonts
from curate.report.render.bidi import ZWNJ

ELLIPSIS = "…"
# Control and format characters are invisible or change the order of the text: both mislead.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


# Part of an escape, left at the end or at the start of a text that was cut.
CUT_OPEN = re.compile(r"\\(u(\{[0-9A-F]{0,6})?)?$")
CUT_SHUT = re.compile(r"^(u?\{[0-9A-F]{1,6}|[0-9A-F]{0,6})\}")
# The only format character that belongs to the spelling: it separates Arabic letters.
PARTING = re.compile(f"(?<=[\u0620-\u06ff]){ZWNJ}(?=[\u0620-\u06ff])")


def printable(text: str) -> str:
    r"""`text` on one line, with escapes like \u{1F600} for characters that no font here has."""
    line = unicodedata.normalize("NFC", " ".join(_split(text)))  # fonts have é as one character
    return ZWNJ.join("".join(map(_shown, part)) for part in PARTING.split(line))


def printable_markup(text: str) -> str:
    """`text`, printable and escaped, as content of a ReportLab Paragraph."""
    return escape_xml(printable(text))


def shortened(text: str, width: float, size: float, font: str = fonts.REGULAR) -> str:
    """Printable `text`, cut in the middle to at most `width` points."""
    shown = printable(text[:2000] if len(text) <= 2000 else text[:1000] + ELLIPSIS + text[-1000:])
    if fonts.measure(shown, size, font) <= width:
        return shown
    kept = _most(lambda many: fonts.measure(_middle_cut(shown, many), size, font) <= width, shown)
    return _middle_cut(shown, kept)


def wrapped_lines(text: str, width: float, size: float, most: int) -> list[str]:
    """Printable `text` broken into at most `most` lines, with an ellipsis if some is left."""
    words = printable(text[:2000]).split(" ")
    taken: list[str] = []
    while words and len(taken) < most:
        line, words = _take_line(words, width, size)
        taken.append(line)
    if words:
        taken[-1] = _end_cut(taken[-1] + " " + " ".join(words), width, size)
    return taken


def _split(text: str) -> list[str]:
    """Words of `text`. Line ends and tabs separate words; other control characters do not."""
    for space in "\r\n\t":
        text = text.replace(space, " ")
    return [word for word in text.split(" ") if word]


def _shown(character: str) -> str:
    if character == " ":
        return character
    if unicodedata.category(character) not in UNSEEN and fonts.has(character):
        return character
    return f"\\u{{{ord(character):X}}}"


def _middle_cut(text: str, kept: int) -> str:
    """`kept` characters of `text`: start and end, more of the end, where file names differ."""
    head = kept // 2
    tail = kept - head
    return _whole_end(text[:head]) + ELLIPSIS + (_whole_start(text[-tail:]) if tail else "")


def _whole_end(text: str) -> str:
    """`text` without an incomplete escape at its end."""
    return CUT_OPEN.sub("", text)


def _whole_start(text: str) -> str:
    """`text` without an incomplete escape at its start."""
    return CUT_SHUT.sub("", text)


def _end_cut(text: str, width: float, size: float) -> str:
    kept = _most(lambda many: fonts.measure(text[:many].rstrip() + ELLIPSIS, size) <= width, text)
    return _whole_end(text[:kept]).rstrip() + ELLIPSIS


def _take_line(words: list[str], width: float, size: float) -> tuple[str, list[str]]:
    """As many of `words` as fit on a line, and the rest. A word wider than the line is broken."""
    many = _most(lambda many: fonts.measure(" ".join(words[:many]), size) <= width, words)
    if many:
        return " ".join(words[:many]), words[many:]
    word = words[0]
    fits = max(1, _most(lambda many: fonts.measure(word[:many], size) <= width, word))
    return word[:fits], [word[fits:], *words[1:]]


def _most(holds: Callable[[int], bool], whole: Sized) -> int:
    """The largest number up to len(whole) for which the monotone `holds` is true; 0 if none."""
    low, high = 0, len(whole)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low
