from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from drawn import Drawn, plain
from factory import make_report

from curate.errors import DataError
from curate.report import thumbnails, words
from curate.report.measures import Distribution
from curate.report.numbers import count, interval, number
from curate.report.pdf import render, render_file
from curate.report.scores import scores
from curate.report.sections import SECTIONS
from curate.report.template import Template

Draw = Callable[..., Drawn]


def test_the_first_page_states_the_result(vectors: Drawn) -> None:
    """The first sentence and every number of the score card are on page 1, to their digits."""
    page = vectors.pages[0]
    assert page.startswith(words.summary(vectors.report))
    for one in scores(vectors.report):
        assert one.interval is not None
        row = [number(one.selected), number(one.random), interval(one.interval), number(one.ratio)]
        for cell in row:
            assert cell in page
        assert one.verdict in page
    for told in words.comparison(vectors.report):
        assert told in page


def test_every_section_is_a_bookmark_that_leads_to_its_finding(vectors: Drawn) -> None:
    """Outline, titles and pages agree, in the order of the template."""
    titles = [entry.title for entry in vectors.reader.outline]
    assert titles == [section.bookmark for section in SECTIONS.values()]
    for section in SECTIONS.values():
        finding = section.finding(vectors.report)
        assert finding is not None
        assert finding in vectors.page(section.bookmark)


def test_pages_are_numbered_and_the_contents_agree(vectors: Drawn) -> None:
    """Each page says "3 of 14"; page 1 names for each finding the page where it is."""
    pages = vectors.pages
    for place, page in enumerate(pages, 1):
        assert f"{place} of {len(pages)}" in page
    for section in list(SECTIONS.values())[1:]:
        finding = section.finding(vectors.report)
        assert f"{finding} {vectors.page_of(section.bookmark) + 1}" in pages[0]


def test_the_document_has_title_and_language(vectors: Drawn) -> None:
    """Viewers show the title, screen readers know the language; no clock anywhere."""
    metadata = vectors.reader.metadata
    assert metadata is not None
    assert metadata.title == "made-up points: 30 of 300"
    assert vectors.reader.trailer["/Root"]["/Lang"] == "en"  # type: ignore[index]
    assert metadata.get("/CreationDate", "D:2000").startswith("D:2000")


def test_the_contents_are_links(vectors: Drawn) -> None:
    """Page 1 links inside the document, and nothing links out of it."""
    targets = []
    for page in vectors.reader.pages:
        for annotation in page.get("/Annots", []):
            entry = annotation.get_object()
            assert entry.get("/A", {}).get("/S") != "/URI"
            targets.append(entry)
    assert len(targets) >= len(SECTIONS) - 1


@pytest.mark.parametrize("measure", ["diversity", "coverage"])
def test_tables_print_the_report_s_numbers(vectors: Drawn, measure: str) -> None:
    """Each row of a statistics table is the distribution of its set, to three digits."""
    page = vectors.page(measure.capitalize())
    part = getattr(vectors.report, measure)
    names = {"input": "input", "selected": "selected", "random": "random",
             "datapool": "datapool", "union": "selected ∪ datapool"}  # fmt: skip
    rows = 0
    for field, name in names.items():
        one: Distribution | None = getattr(part, field)
        if one is None:
            continue
        quantiles = [number(one.quantiles[q]) for q in ("5", "25", "50", "75", "95", "99")]
        row = [name, number(one.mean), number(one.min), *quantiles, number(one.max),
               number(one.std), count(one.n_queries)]  # fmt: skip
        assert " ".join(row) in page
        rows += 1
    assert rows >= 4


def test_the_budget_table_is_the_curve(vectors: Drawn) -> None:
    """Picks and radii of the table stand in report.json."""
    page = vectors.page("How many are enough?")
    curve = dict(zip(vectors.report.budget.n, vectors.report.budget.radius, strict=True))
    for n in (3, 15, 30):
        assert f"{n} {100 * n / 30:.0f}% {number(curve[n])}" in page


def test_the_selection_is_listed_in_order(vectors: Drawn) -> None:
    """Rank, id and distance of every pick."""
    page = vectors.page("The selection")
    for item in vectors.report.selection.items[1:]:
        assert f"{item.rank} {item.id} · {item.label} {number(item.distance)}" in page


def test_the_same_report_gives_the_same_bytes(vectors: Drawn, template: Template) -> None:
    """Drawn again, and with other volatile fields, the PDF is byte-identical."""
    report = vectors.report
    later = report.model_copy(
        update={
            "job": report.job.model_copy(update={"out": "elsewhere"}),
            "provenance": report.provenance.model_copy(
                update={"created": "2031-01-01T00:00:00Z", "host": {"platform": "other"}}
            ),
            "timings": report.timings.model_copy(update={"total": 99.0}),
        }
    )
    assert render(later, {}, template) == vectors.pdf


def test_it_is_drawn_again_from_the_file(images: Drawn, template: Template, tmp_path: Path) -> None:
    """report.json and the side file are enough; without pictures there is still a report."""
    (tmp_path / "report.json").write_text(images.report.model_dump_json(), encoding="utf-8")
    assert render_file(tmp_path / "report.json", template).startswith(b"%PDF")
    reader = images.reader
    pictures: dict[str, bytes] = {}
    for item in images.report.selection.items:
        pictures.setdefault(item.id, b"")
    drawn = sum(len(page.images) for page in reader.pages)
    assert drawn >= len(pictures)
    with pytest.raises(DataError):
        render_file(tmp_path / "gone.json", template)


def test_thumbnails_go_in_as_they_are(images: Drawn) -> None:
    """Pictures stay JPEG, each stored once however often it is shown."""
    raw = images.pdf
    assert raw.count(b"/DCTDecode") >= 40
    shown = {item.id for item in images.report.selection.items}
    shown |= {one.id for one in images.report.coverage.worst}
    assert raw.count(b"/DCTDecode") <= len(shown)


def test_line_figures_are_not_raster(vectors: Drawn) -> None:
    """Histograms, curves and maps of a few thousand points hold no image; their text is text."""
    assert all(len(page.images) == 0 for page in vectors.reader.pages)
    page = vectors.page("Diversity")
    assert "distance to the nearest other item of the set (Euclidean distance)" in page
    assert "Share of items at most this far" in page


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
    assert "\\u{6F22}" in everything
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
    assert words.summary(drawn.report) in drawn.pages[0]
    assert len(drawn.pages) <= 14
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
    from curate.report.template import load_template

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
    monkeypatch.setitem(SECTIONS, "budget", SECTIONS["budget"]._replace(finding=fails))
    drawn = Drawn(vectors.report, render(vectors.report, {}, template))
    line = "This page could not be drawn: ZeroDivisionError: made to fail"
    assert line in drawn.page("Maps")
    assert line in drawn.page("How many are enough?")
    assert sum(line in page for page in drawn.pages) == 2
    assert words.diversity(vectors.report) in drawn.page("Diversity")
    assert [entry.title for entry in drawn.reader.outline] == [
        entry.title for entry in vectors.reader.outline
    ]


def test_the_template_chooses_and_orders_sections(template: Template) -> None:
    """Only the named sections are there, in that order."""
    report = make_report(n=60, k=9)
    brief = template.model_copy(update={"sections": ["coverage", "summary"], "title": "T"})
    drawn = Drawn(report, render(report, {}, brief))
    assert [entry.title for entry in drawn.reader.outline] == ["Coverage", "Summary"]
    assert len(drawn.pages) == 2


@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_no_text_leaves_the_margins(draw: Draw, size: str) -> None:
    """Every piece of text begins and ends within the page's margins."""
    from reportlab.lib.units import mm

    from curate.report import fonts

    drawn = draw(page_size=size, n=120, k=100, datapool=20, set_aside=9, duplicates=9,
                 ids=["long/" * 30 + str(row) for row in range(120)])  # fmt: skip
    left = 19 * mm
    folio = re.compile(r"\d+( of \d+)?")  # drawn in a form, whose place pypdf does not tell
    for page in drawn.reader.pages:
        right = float(page.mediabox.width) - left
        found: list[tuple[float, str, float]] = []

        def visit(
            text: str, cm: list[float], tm: list[float], _font: object, size: float,
            found: list[tuple[float, str, float]] = found,
        ) -> None:  # fmt: skip
            if text.strip() and not folio.fullmatch(text.strip()):
                found.append((tm[4] * cm[0] + cm[4], text.strip(), size))

        page.extract_text(visitor_text=visit)
        assert found
        for x, text, points in found:
            assert x >= left - 0.5
            if "\n" not in text:
                assert x + fonts.measure(plain(text), points) <= right + 5, (
                    text
                )  # spaces may shrink


def test_thumbnails_elsewhere_are_not_opened(
    images: Drawn, template: Template, tmp_path: Path
) -> None:
    """A report.json cannot make us read files outside its own folder."""
    inner = tmp_path / "inner"
    inner.mkdir()
    with (tmp_path / "secret.parquet").open("wb") as stream:
        thumbnails.write(stream, {})
    (tmp_path / "secret.parquet").write_bytes(b"not parquet: reading it would fail")
    selection = images.report.selection.model_copy(update={"thumbnails": "../secret.parquet"})
    report = images.report.model_copy(update={"selection": selection})
    (inner / "report.json").write_text(report.model_dump_json(), encoding="utf-8")
    assert render_file(inner / "report.json", template).startswith(b"%PDF")
