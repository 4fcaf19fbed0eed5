"""Reports with hostile names, with very little or very much in them, and with a part missing."""

from __future__ import annotations

import pytest
from drawn import Draw, Drawn

from curate.report.pages.pdf import render
from curate.report.pages.selection import SECTIONS
from curate.report.render.template import Template, load_template
from curate.report.words import selection
from curate.schema import report as model

HOSTILE = [
    "<b>bold</b> & <img src='http://x.example/y.png'/>",
    "a" * 400,
    "\x00\x07\u202eevil",
    "漢字",
    "שלום",
    "😀",
    "$x^2$ \\alpha",
    "<a href='http://x.example'>link</a>",
    " ",
]


@pytest.mark.parametrize("kind", ["text", "vectors", "images"])
def test_hostile_names_are_literal(draw: Draw, kind: str) -> None:
    """Markup is shown as text, controls and missing glyphs as escapes, and nothing is fetched."""
    ids = [*HOSTILE, *(f"id{row}" for row in range(60 - len(HOSTILE)))]
    texts = [f"{name} {name}" for name in ids]
    drawn = draw(n=60, k=55, ids=ids, texts=texts, kind=kind, name="<i>& 漢</i>" * 20, duplicates=9)
    everything = " ".join(drawn.pages)
    assert "could not be drawn" not in everything
    assert "<b>bold</b> &" in everything
    assert "漢" in everything
    assert "שלום" in everything or "םולש" in everything
    assert "\\u{1F600}" in everything
    assert "\\u{202E}evil" in everything
    assert "\x07" not in everything
    assert b"/URI" not in drawn.pdf


EDGES = {
    "one pick": {"k": 1, "n": 60},
    "one item": {"n": 1, "k": 1},
    "two items": {"n": 2, "k": 1, "dims": 2},
    "three items": {"n": 3, "k": 2, "dims": 4},
    "no labels": {"n": 60, "k": 9, "labels": False},
    "no maps": {"n": 60, "k": 9, "maps": False},
    "one dimension": {"n": 60, "k": 9, "dims": 1},
    "everything": {"n": 40, "k": 40},
    "no random": {"n": 60, "k": 9, "random": False},
    "datapool of one": {"n": 60, "k": 9, "datapool": 1},
    "huge distances": {"n": 60, "k": 9, "spread": 1e7, "datapool": 9},
    "tiny distances": {"n": 60, "k": 9, "spread": 1e-7},
    "mostly duplicates": {"n": 60, "k": 50, "duplicates": 30},
    "a thousand picks": {"n": 1010, "k": 1000, "dims": 3, "labels": False},
}


@pytest.mark.parametrize("name", EDGES)
def test_edge_cases_are_drawn(draw: Draw, name: str) -> None:
    """Whatever a report lacks, its pages are drawn, at both page sizes, and few enough."""
    size = "Letter" if len(name) % 2 else "A4"
    drawn = draw(page_size=size, **EDGES[name])
    assert not any("could not be drawn" in page for page in drawn.pages)
    assert selection.summary_title(drawn.report) in drawn.pages[0]
    assert len(drawn.pages) <= 16
    assert "None" not in " ".join(drawn.pages)


def test_many_points_become_a_picture_of_their_density(draw: Draw) -> None:
    """Beyond some thousand points the input of a map is raster inside, and the PDF stays small."""
    drawn = draw(n=60, k=9)
    maps = drawn.report.maps
    assert maps.pca is not None
    copies = 200
    wide = {"x": maps.pca.x * copies, "y": maps.pca.y * copies}
    many = maps.model_copy(
        update={
            "rows": list(range(60 * copies)),
            "rank": maps.rank + [None] * (60 * (copies - 1)),
            "label": maps.label * copies,
            "nearest": maps.nearest * copies,
            "neighbour": maps.neighbour + [None] * (60 * (copies - 1)),
            "pca": maps.pca.model_copy(update=wide),
            "pacmap": None,
        }
    )
    report = drawn.report.model_copy(update={"maps": many})
    dense = Drawn(report, render(report, {}, load_template(None)))
    assert len(dense.reader.pages[dense.page_of("Maps")].images) == 1
    assert len(dense.pdf) < 500_000


def test_one_broken_section_leaves_the_others(
    vectors: Drawn, template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A section that fails says so in one line; finding or drawing, the rest is untouched."""

    def fails(*_: object) -> None:
        raise ZeroDivisionError("made to fail")

    monkeypatch.setitem(SECTIONS, "maps", SECTIONS["maps"]._replace(draw=fails))
    monkeypatch.setitem(SECTIONS, "budget", SECTIONS["budget"]._replace(title=fails))
    drawn = Drawn(vectors.report, render(vectors.report, {}, template))
    line = "This page could not be drawn: ZeroDivisionError: made to fail"
    assert line in drawn.page("Maps")
    assert line in drawn.page("How many are enough?")
    assert sum(line in page for page in drawn.pages) == 2
    assert selection.diversity_title(vectors.report) in drawn.page("Diversity")
    assert [entry.title for entry in drawn.reader.outline] == [
        entry.title for entry in vectors.reader.outline
    ]


def test_groups_print_their_whole_size(draw: Draw, template: Template) -> None:
    """A group of 50 whose examples are cut at 20 has 50 items in the table."""
    report = draw(n=60, k=9, duplicates=1).report
    group = model.Duplicates(
        groups=1, items=50, redundant=49, examples=[["a"] * 20], sizes=[50], file="duplicates.csv"
    )
    drawn = Drawn(report, render(report.model_copy(update={"duplicates": group}), {}, template))
    assert "50 a, a" in drawn.page("Set aside and duplicates")
    old = group.model_copy(update={"sizes": []})
    drawn = Drawn(report, render(report.model_copy(update={"duplicates": old}), {}, template))
    assert "20 a, a" in drawn.page("Set aside and duplicates")


def test_everything_selected_is_drawn_without_random(draw: Draw) -> None:
    """No page of such a report but the glossary speaks of random draws."""
    drawn = draw(n=40, k=40)
    for page in drawn.pages[: drawn.page_of("How this was made")]:
        assert "random" not in page.lower()


def test_few_picks_have_no_page_of_their_own(draw: Draw) -> None:
    """One item selected of one: two pages."""
    assert len(draw(n=1, k=1).pages) == 2
