"""The PDF of a report: its pages, links, numbers and layout."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import Draw, Drawn, beyond_margins
from factory import make_report

from curate.report.pages.figures.maps import label_places
from curate.report.pages.page import PageContext
from curate.report.pages.pdf import render
from curate.report.pages.selection import SECTIONS
from curate.report.pages.selection.diversity_coverage import statistics_table
from curate.report.render import fonts
from curate.report.render.figures import new_figure, panel
from curate.report.render.numbers import count, interval, number
from curate.report.render.style import PageStyle
from curate.report.render.template import Template, load_template
from curate.report.words import selection
from curate.report.words.scores import scores
from curate.schema.measures import Distribution


def test_the_first_page_states_the_result(vectors: Drawn) -> None:
    """The first sentence and every number of the score card are on page 1, to their digits."""
    page = vectors.pages[0]
    assert page.startswith(selection.summary_title(vectors.report))
    for one in scores(vectors.report):
        assert one.interval is not None
        row = [number(one.selected), number(one.random), interval(one.interval), number(one.ratio)]
        for cell in row:
            assert cell in page
        assert one.verdict in page
    for told in selection.comparison_sentences(vectors.report):
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
        finding = section.title(vectors.report)
        assert finding is not None
        assert finding in vectors.page(section.bookmark)


def test_pages_are_numbered_and_the_contents_agree(vectors: Drawn) -> None:
    """Each page says "3 of 14"; page 1 names for each finding the page where it is."""
    pages = vectors.pages
    for place, page in enumerate(pages, 1):
        assert f"{place} of {len(pages)}" in page
    for section in SHOWN[1:]:
        finding = section.title(vectors.report)
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
            "job": report.job.updated(out="elsewhere"),
            "provenance": report.provenance.model_copy(
                update={"created": "2031-01-01T00:00:00Z", "host": {"platform": "other"}}
            ),
            "timings": report.timings.model_copy(update={"total": 99.0}),
        }
    )
    assert render(later, {}, template) == vectors.pdf


def test_line_figures_are_not_raster(vectors: Drawn) -> None:
    """Histograms, curves and maps of a few thousand points hold no image; their text is text."""
    assert all(len(page.images) == 0 for page in vectors.reader.pages)
    page = vectors.page("Diversity")
    assert "distance to the nearest other item of the set (Euclidean distance)" in page
    assert "Share of items at most this far" in page


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


@pytest.mark.parametrize("spread", [1.0, 1e-3, 1e-6, 1e5])
def test_columns_of_numbers_do_not_touch(spread: float) -> None:
    """Whatever the magnitudes, each number of the statistics table has room in its column."""
    report = make_report(n=60, k=9, datapool=9, spread=spread)
    page = PageContext(report, {}, PageStyle(load_template(None)), "vectors", {})
    for measure in (report.diversity, report.coverage):
        table = statistics_table(page, measure)
        assert sum(table._colWidths) <= page.style.width + 0.1
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
