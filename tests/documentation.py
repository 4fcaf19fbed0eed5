"""The README and the pages of docs/ as a reader follows them: code blocks, commands, output."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tree import ROOT

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "samples/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
BLOCK = re.compile(r"^```(\w*)(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TITLE = re.compile(r'title="([^"]+)"')
REST = "…"  # a line of shown output that stands for any number of lines
NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")
CLOSE = 0.01  # relative: embeddings differ in their last digits from one processor to another


class Block(NamedTuple):
    """A code block of a page; `title` is the file that it is, empty if it is none."""

    language: str
    title: str
    text: str


def page_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> Iterator[Block]:
    """The code blocks of a page in order."""
    for language, rest, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        title = TITLE.search(rest)
        yield Block(language, title[1] if title else "", text)


def commands(block: Block) -> list[str]:
    """The `curate` commands of a block, continued lines joined."""
    lines = block.text.replace("\\\n", " ").splitlines()
    return [line for line in lines if line.startswith("curate ")]


def same_output(shown: str, printed: str) -> bool:
    """Whether `printed` is what a page shows, but for the last digits of numbers and for spaces."""
    wanted = _lines(shown)
    pattern = "".join("(?:.*\n)*?" if line == REST else _pattern(line) + "\n" for line in wanted)
    match = re.fullmatch(pattern, "".join(f"{line}\n" for line in _lines(printed)))
    if match is None:
        return False
    numbers = [n for line in wanted if line != REST for n in NUMBER.findall(line)]
    return all(_close(a, b) for a, b in zip(numbers, match.groups(), strict=True))


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.strip().splitlines()]


def _pattern(line: str) -> str:
    """A line as a pattern in which each number is a group."""
    parts = re.split(f"({NUMBER.pattern})", line)
    return "".join(
        f"({NUMBER.pattern})" if NUMBER.fullmatch(part) else re.escape(part) for part in parts
    )


def _close(shown: str, printed: str) -> bool:
    a, b = (float(text.replace(",", "")) for text in (shown, printed))
    return abs(a - b) <= CLOSE * max(abs(a), abs(b))
