"""Text from the data, made safe to print: it is shown as what it is, never obeyed.

Ids, labels and texts may hold markup, control characters, scripts that the fonts lack,
or thousands of characters. `visible` turns whatever cannot be drawn into an escape that
can be read, `fit` shortens in the middle, `escape` is for text that enters a Paragraph.
All of them keep the order in which text is read; `fonts` turns and shapes what it draws.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sized
from xml.sax.saxutils import escape as escape_xml

from curate.report.render import fonts
from curate.report.render.bidi import ZWNJ

ELLIPSIS = "…"
# Format characters turn the order of what follows or draw nothing: both deceive a reader.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


# An escape that a cut has left half of.
CUT_OPEN = re.compile(r"\\(u(\{[0-9A-F]{0,6})?)?$")
CUT_SHUT = re.compile(r"^(u?\{[0-9A-F]{1,6}|[0-9A-F]{0,6})\}")
# The one format character that is spelling, and not only layout: it parts Arabic letters.
PARTING = re.compile(f"(?<=[\u0620-\u06ff]){ZWNJ}(?=[\u0620-\u06ff])")


def printable(text: str) -> str:
    r"""`text` on one line, with \u{1F600} in place of what no font here can draw."""
    line = unicodedata.normalize("NFC", " ".join(_split(text)))  # fonts have é, not e and a mark
    return ZWNJ.join("".join(map(_shown, part)) for part in PARTING.split(line))


def printable_markup(text: str) -> str:
    """`visible` text as literal content of a ReportLab Paragraph."""
    return escape_xml(printable(text))


def shortened(text: str, width: float, size: float, font: str = fonts.REGULAR) -> str:
    """`visible` text, shortened in the middle until it is at most `width` points wide."""
    shown = printable(text[:2000] if len(text) <= 2000 else text[:1000] + ELLIPSIS + text[-1000:])
    if fonts.measure(shown, size, font) <= width:
        return shown
    kept = _most(lambda many: fonts.measure(_middle_cut(shown, many), size, font) <= width, shown)
    return _middle_cut(shown, kept)


def wrapped_lines(text: str, width: float, size: float, most: int) -> list[str]:
    """`visible` text broken into at most `most` lines, with an ellipsis if there was more."""
    words = printable(text[:2000]).split(" ")
    made: list[str] = []
    while words and len(made) < most:
        line, words = _take_line(words, width, size)
        made.append(line)
    if words:
        made[-1] = _end_cut(made[-1] + " " + " ".join(words), width, size)
    return made


def _split(text: str) -> list[str]:
    """Words of `text`: line ends and tabs are white space, other controls are not."""
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
    """`kept` characters of `text`, more of its end, where file names differ."""
    head = kept // 2
    tail = kept - head
    return _whole_end(text[:head]) + ELLIPSIS + (_whole_start(text[-tail:]) if tail else "")


def _whole_end(text: str) -> str:
    """`text` without the beginning of an escape at its end: half an escape says nothing."""
    return CUT_OPEN.sub("", text)


def _whole_start(text: str) -> str:
    """`text` without the end of an escape at its start."""
    return CUT_SHUT.sub("", text)


def _end_cut(text: str, width: float, size: float) -> str:
    kept = _most(lambda many: fonts.measure(text[:many].rstrip() + ELLIPSIS, size) <= width, text)
    return _whole_end(text[:kept]).rstrip() + ELLIPSIS


def _take_line(words: list[str], width: float, size: float) -> tuple[str, list[str]]:
    """As many of `words` as fit, and the rest; a word wider than the line is broken."""
    many = _most(lambda many: fonts.measure(" ".join(words[:many]), size) <= width, words)
    if many:
        return " ".join(words[:many]), words[many:]
    word = words[0]
    fits = max(1, _most(lambda many: fonts.measure(word[:many], size) <= width, word))
    return word[:fits], [word[fits:], *words[1:]]


def _most(holds: Callable[[int], bool], whole: Sized) -> int:
    """The largest number up to len(whole) for which the monotone `holds` is true, or 0."""
    low, high = 0, len(whole)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low
