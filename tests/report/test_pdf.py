from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from drawn import Drawn, beyond_margins
from factory import make_report
from PIL import Image

from curate.errors import DataError
from curate.report import fonts, model, thumbnails, words
from curate.report.figures import new_figure, panel
from curate.report.look import Look
from curate.report.map_figures import label_places
from curate.report.measures import Distribution
from curate.report.numbers import count, interval, number
from curate.report.pdf import render, render_file
from curate.report.scores import scores
from curate.report.sections import SECTIONS
from curate.report.sections.measure import statistics_table
from curate.report.sheet import Sheet
from curate.report.template import Template, load_template

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


# The reports here have no objects in their items, one strategy, and nobody asked
# what their space is worth: tests of their own have those.
ELSEWHERE = ("objects", "objectives", "space")
SHOWN = [section for name, section in SECTIONS.items() if name not in ELSEWHERE]


def test_every_section_is_a_bookmark_that_leads_to_its_finding(vectors: Drawn) -> None:
    """Outline, titles and pages agree, in the order of the template."""
    titles = [entry.title for entry in vectors.reader.outline]
    assert titles == [section.bookmark for section in SHOWN]
    for section in SHOWN:
        finding = section.finding(vectors.report)
        assert finding is not None
        assert finding in vectors.page(section.bookmark)


def test_pages_are_numbered_and_the_contents_agree(vectors: Drawn) -> None:
    """Each page says "3 of 14"; page 1 names for each finding the page where it is."""
    pages = vectors.pages
    for place, page in enumerate(pages, 1):
        assert f"{place} of {len(pages)}" in page
    for section in SHOWN[1:]:
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
    assert len(targets) >= len(SHOWN)


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
    for one in vectors.report.budget.curve.prefixes[1:]:
        row = [count(one.n), f"{100 * one.n / 30:.0f}%", number(curve[one.n]),
               number(one.coverage_q95.selected), interval(one.coverage_q95.interval)]  # fmt: skip
        assert " ".join(row) in page


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
    assert words.summary(drawn.report) in drawn.pages[0]
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

    drawn = draw(page_size=size, n=120, k=100, datapool=20, set_aside=9, duplicates=9,
                 ids=["long/" * 30 + str(row) for row in range(120)])  # fmt: skip
    assert beyond_margins(drawn.reader, 19 * mm) == []


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


@pytest.mark.parametrize("spread", [1.0, 1e-3, 1e-6, 1e5])
def test_columns_of_numbers_do_not_touch(spread: float) -> None:
    """Whatever the magnitudes, each number of the statistics table has room in its column."""
    report = make_report(n=60, k=9, datapool=9, spread=spread)
    sheet = Sheet(report, {}, Look(load_template(None)), {})
    for measure in (report.diversity, report.coverage):
        table = statistics_table(sheet, measure)
        assert sum(table._colWidths) <= sheet.look.width + 0.1
        for row, cells in enumerate(table._cellvalues):
            for column, cell in enumerate(cells):
                style = table._cellStyles[row][column]
                wide = fonts.measure(cell, style.fontsize, style.fontname)
                room = table._colWidths[column] - style.leftPadding - style.rightPadding
                assert wide <= room + 0.1


def test_numbers_on_the_map_do_not_overlap() -> None:
    """Twelve crosses in a heap still have twelve readable numbers."""
    figure = new_figure(236, 236)
    axes = panel(figure, 0, 0, 236, 236)
    rng = np.random.default_rng(0)
    marks = 118 + 6 * rng.normal(size=(12, 2))
    names = [str(place) for place in range(1, 13)]
    placed = [at for at, _ in label_places(marks, names, 8.0, axes)]
    for one, (x, y) in enumerate(placed):
        for other in range(one):
            wide = (fonts.measure(names[one], 8.0) + fonts.measure(names[other], 8.0)) / 2
            away = abs(x - placed[other][0]), abs(y - placed[other][1])
            assert away[0] >= wide or away[1] >= 7


def test_picks_of_the_datapool_show_their_picture(images: Drawn, template: Template) -> None:
    """Its thumbnail has a key of its own, for an id may be in both."""
    report = images.report
    worst = [
        one.model_copy(update={"nearest": "pool", "nearest_in_datapool": True})
        for one in report.coverage.worst
    ]
    report = report.model_copy(
        update={"coverage": report.coverage.model_copy(update={"worst": worst})}
    )
    first = report.selection.items[0].id
    jpeg = _small_jpeg()
    without = Drawn(report, render(report, {first: jpeg}, template)).page("Covered worst")
    shown = {first: jpeg, "datapool:pool": jpeg}
    with_it = Drawn(report, render(report, shown, template)).page("Covered worst")
    assert with_it.count("no picture") < without.count("no picture")


def _small_jpeg() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(stream, "JPEG")
    return stream.getvalue()
