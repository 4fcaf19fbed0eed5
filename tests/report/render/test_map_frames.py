"""Where each character stands, read back by a renderer (PDFium) that did not write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pypdfium2
import pytest
from drawn import Drawn
from reportlab.lib.units import mm

from curate.report.pages.pdf import render
from curate.report.render.template import Template

Draw = Callable[..., Drawn]

LONG = "folder/" * 30
SCRIPTS = (
    "漢字图片写真한국어/",
    "שלום עולם ",
    "مرحبا بالعالم ",
    "Ελληνικά Кириллица ",
    "😀 emoji ",
)
HOSTILE = [f"{(SCRIPTS[row % 5] * (1 + row % 13))}<b>&amp;{row}" for row in range(120)]
WANTED = {
    "hostile names": {"n": 120, "k": 100, "ids": HOSTILE, "labels": HOSTILE[:9],
                      "name": "<i>漢 שלום</i> " * 20,
                      "datapool": 20, "set_aside": 9, "duplicates": 9},
    "hostile texts": {"n": 60, "k": 24, "kind": "text", "texts": [4 * one for one in HOSTILE[:60]],
                      "ids": HOSTILE[:60]},
    "long names": {"n": 60, "k": 50, "ids": [f"{LONG}{row}" for row in range(60)]},
    "tiny distances": {"n": 60, "k": 20, "kind": "text", "texts": ["a few words"] * 60,
                       "spread": 1.234e-5},
}  # fmt: skip
MARKS = "\u0301\u0323"


class Box(NamedTuple):
    """A character and the rectangle around its ink, in points from the bottom left."""

    letter: str
    left: float
    low: float
    right: float
    high: float


def boxes(pdf: bytes) -> Iterator[tuple[int, float, list[Box]]]:
    """Number, width and visible characters of each page."""
    document = pypdfium2.PdfDocument(pdf)
    for number, page in enumerate(document, 1):
        text = page.get_textpage()
        found = [
            Box(letter, *text.get_charbox(place))
            for place in range(text.count_chars())
            if (letter := text.get_text_range(place, 1)).strip() and letter not in MARKS
        ]
        yield number, page.get_width(), found


def heavy_overlaps(found: list[Box]) -> list[tuple[Box, Box]]:
    """Pairs of characters of which one covers a third of the other: one word upon another."""
    rows: dict[int, list[Box]] = {}
    for box in found:
        rows.setdefault(int((box.low + box.high) / 2 // 12), []).append(box)
    pairs = []
    for row in rows:
        near = sorted(rows[row] + rows.get(row + 1, []), key=lambda box: box.left)
        for place, one in enumerate(near):
            for other in near[place + 1 :]:
                if other.left >= one.right:
                    break
                if one[1:] == other[1:]:  # one glyph that PDFium reads as several letters
                    continue
                wide = min(one.right, other.right) - other.left
                tall = min(one.high, other.high) - max(one.low, other.low)
                least = min((box.right - box.left) * (box.high - box.low) for box in (one, other))
                if wide > 0 and tall > 0 and wide * tall > least / 3 and least > 1:
                    pairs.append((one, other))
    return pairs


@pytest.mark.parametrize(
    ("name", "size"), [*((name, "A4") for name in WANTED), ("hostile names", "Letter")]
)
def test_text_keeps_to_its_frame_and_off_other_text(draw: Draw, name: str, size: str) -> None:
    """The ink of every character lies within the margins, and no text is printed upon another."""
    drawn = draw(page_size=size, **WANTED[name])
    assert not any("could not be drawn" in page for page in drawn.pages)
    margin = 19 * mm
    for number, width, found in boxes(drawn.pdf):
        assert found
        for box in found:
            assert box.left >= margin - 1.5, (number, box)
            assert box.right <= width - margin + 1.5, (number, box)
        assert not heavy_overlaps(found), number


def test_a_long_command_is_cut_to_a_few_lines(vectors: Drawn, template: Template) -> None:
    """Thousands of sources, or a name without end, fill one more page at most."""
    provenance = vectors.report.provenance.model_copy(
        update={"command": "curate select " + " ".join(HOSTILE * 30), "data_name": LONG * 40}
    )
    report = vectors.report.model_copy(update={"provenance": provenance})
    drawn = Drawn(report, render(report, {}, template))
    assert len(drawn.pages) <= len(vectors.pages) + 1
    assert "could not be drawn" not in drawn.page("How this was made")
    assert "curate select" in drawn.page("How this was made")


def test_names_beside_a_curve_of_a_million_picks_have_room(
    vectors: Drawn, template: Template
) -> None:
    """The longest name at the end of the budget curve ends within the margin."""
    budget, coverage = vectors.report.budget, vectors.report.coverage
    assert coverage.random_union is not None
    draws = coverage.random_union.model_copy(update={"exact": False})
    report = vectors.report.model_copy(
        update={
            "budget": budget.model_copy(update={"n": [100_000 * n for n in budget.n]}),
            "coverage": coverage.model_copy(update={"random_union": draws}),
        }
    )
    drawn = Drawn(report, render(report, {}, template.model_copy(update={"sections": ["budget"]})))
    assert "random 3,000,000, sampled" in drawn.pages[0]
    (_, width, found), *_ = boxes(drawn.pdf)
    assert max(box.right for box in found) <= width - 19 * mm + 1.5


def test_overlaps_are_found(draw: Draw) -> None:
    """The check sees a word that is printed over another, so that its silence means something."""
    _, _, found = next(boxes(draw(n=60, k=9).pdf))
    moved = [box._replace(left=box.left + 2, right=box.right + 2) for box in found[40:50]]
    assert heavy_overlaps(found) == []
    assert heavy_overlaps(found + moved)


def test_every_figure_has_words_for_who_cannot_see_it(vectors: Drawn) -> None:
    """Alternative text stands at each figure: the finding of its page, and what its axes say."""
    streams = b"".join(page.get_contents().get_data() for page in vectors.reader.pages)
    found = re.findall(rb"/Span <</Alt <([0-9a-f]+)>>> BDC", streams)
    told = [bytes.fromhex(one.decode()).decode("utf-16") for one in found]
    assert len(told) >= 6
    assert all(one.startswith("Figure: ") for one in told)
    whole = " ".join(told)
    assert "distance to the nearest other item of the set" in whole
    assert "times as diverse as random choice" in whole
