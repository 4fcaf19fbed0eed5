"""What can be said of a text in any language: how long it is, and how much it repeats itself.

Cost: O(characters), more than 10 million of them a second.
"""

from __future__ import annotations

import re

TEXT_COLUMNS = {
    "characters": "Unicode code points, white space included",
    "words": "runs of characters between white space that hold a letter or digit; "
    "of Chinese and Japanese each character is one",
    "repetition": "1 − different / all runs of 8 characters: 0 if none comes twice",
}
RUN = 8  # shorter runs come twice in any long text, longer ones miss short refrains

# Scripts without spaces whose characters are counted as words: kana and Han.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKENS = re.compile(f"[{_UNSPACED}]|[^\\s{_UNSPACED}]+")


def characters(text: str) -> int:
    """See TEXT_COLUMNS."""
    return len(text)


def words(text: str) -> int:
    """See TEXT_COLUMNS."""
    return sum(any(map(str.isalnum, token)) for token in _TOKENS.findall(text))


def repetition(text: str) -> float:
    """See TEXT_COLUMNS."""
    runs = len(text) - RUN + 1
    if runs < 1:
        return 0.0
    return 1 - len({text[at : at + RUN] for at in range(runs)}) / runs
