from __future__ import annotations

import io
from collections.abc import Callable

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas

from curate.report.render.figures import figure_settings, new_figure, panel
from curate.report.render.style import PageStyle
from curate.report.render.template import Template
from curate.report.render.vector_graphics import draw_figure


def page_of(template: Template, build: Callable[[], Figure]) -> PdfReader:
    """A PDF of one page with one figure."""
    style = PageStyle(template)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(300, 200), invariant=1, pageCompression=0)
    with figure_settings(style):
        draw_figure(build(), canvas)
    canvas.save()
    return PdfReader(io.BytesIO(buffer.getvalue()))


def lines() -> Figure:
    figure = new_figure(300, 200)
    axes = panel(figure, 40, 40, 240, 140)
    axes.plot([0, 1, 2], [0, 1, 4], "o--", color="#0072B2", alpha=0.5)
    axes.fill_between([0, 1, 2], [0, 1, 4], alpha=0.2)
    axes.set_xlabel("distance $x^2$ & more")
    axes.set_ylabel("share", rotation=90)
    return figure


def test_a_line_figure_has_no_raster(template: Template) -> None:
    """Lines, markers, fills and text are drawn as such: sharp at any zoom."""
    reader = page_of(template, lines)
    assert len(reader.pages[0].images) == 0


def test_the_text_of_a_figure_is_text(template: Template) -> None:
    """Labels are found by a search, dollar signs and all: nothing is read as mathematics."""
    text = page_of(template, lines).pages[0].extract_text()
    assert "distance $x^2$ & more" in text
    assert "share" in text


def test_figure_text_uses_the_page_s_fonts(template: Template) -> None:
    """Only the two embedded faces appear, besides ReportLab's standing reference."""
    fonts = page_of(template, lines).pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    embedded = [font.get_object()["/BaseFont"] for font in fonts.values()]
    assert all("DejaVuSans" in name or name == "/Helvetica" for name in embedded)


def test_an_image_layer_is_one_image_at_300_dpi(template: Template) -> None:
    """Dense layers become a raster of 300 dots to the inch, inside a vector figure."""

    def dense() -> Figure:
        figure = new_figure(300, 200)
        panel(figure, 0, 0, 144, 72).imshow(np.arange(6.0).reshape(2, 3), aspect="auto")
        return figure

    (image,) = page_of(template, dense).pages[0].images
    assert image.image is not None
    assert image.image.size == pytest.approx((600, 300), abs=2)


def test_an_image_is_the_right_way_up(template: Template) -> None:
    """Row 0 of an image with its origin above is at the top of the page."""

    def halves() -> Figure:
        figure = new_figure(300, 200)
        axes = panel(figure, 0, 0, 144, 144)
        axes.imshow([[0.0], [1.0]], cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        return figure

    (image,) = page_of(template, halves).pages[0].images
    assert image.image is not None
    pixels = np.asarray(image.image.convert("L"))
    assert pixels[10].mean() < 50 < 200 < pixels[-10].mean()


def test_settings_are_put_back(template: Template) -> None:
    """Drawing leaves matplotlib as the user had it, and does not depend on that."""
    with matplotlib.rc_context({"font.size": 33, "axes.facecolor": "red"}):
        before = matplotlib.rcParams["font.size"]
        styled = page_of(template, lines).pages[0].get_contents()
        assert matplotlib.rcParams["font.size"] == before
    default = page_of(template, lines).pages[0].get_contents()
    assert styled is not None
    assert default is not None
    assert styled.get_data() == default.get_data()


def test_clips_dashes_and_opacity_reach_the_page(template: Template) -> None:
    """A clip path, a dash pattern and an opacity state are in the content stream."""
    page = page_of(template, lines).pages[0]
    contents = page.get_contents()
    assert contents is not None
    stream = " ".join(contents.get_data().decode("latin-1").split())
    assert " W n " in stream
    assert "] 0 d" in stream or "] 0.0 d" in stream
    states = page["/Resources"]["/ExtGState"]  # type: ignore[index]
    opacities = [state.get("/CA") for state in states.values()]
    assert pytest.approx(0.5) in [float(one) for one in opacities if one is not None]
