"""Draw matplotlib figures as vectors on a ReportLab page.

The renderer works in points (72 per inch) with the origin at the bottom left, as in PDF, so that
a length in the figure is the same length on the page. Paths, markers and clips become PDF paths.
Text becomes text in the fonts of the page, so that it is searchable and each font is embedded
once. Only images of matplotlib become images.

Not here: mathtext and TeX (text is literal), hatches, gouraud shading, gradients.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import FigureCanvasBase, GraphicsContextBase, RendererBase
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.transforms import BboxBase, Transform
from reportlab.pdfgen.canvas import FILL_NON_ZERO

from curate.report.render import fonts

IMAGE_DPI = 300
BOLD_FROM = 600
BOLD_NAMES = frozenset({"semibold", "demibold", "demi", "bold", "heavy", "extra bold", "black"})
CAPS = {"butt": 0, "round": 1, "projecting": 2}
JOINS = {"miter": 0, "round": 1, "bevel": 2}
# Height above and below the baseline, as shares of the font size. They are the same for every
# string, so that labels on one line share a baseline with and without descenders.
ASCENT, DESCENT = 0.76, 0.24

Color = tuple[float, ...]


class VectorCanvas(FigureCanvasBase):
    """A matplotlib canvas whose renderer draws on a ReportLab canvas."""

    def __init__(self, figure: Figure) -> None:
        figure.set_dpi(72)
        super().__init__(figure)

    def draw_on(self, page: Any) -> None:
        """Draw the figure with its bottom left corner at the origin of `page`."""
        width, height = self.figure.get_size_inches() * 72
        self.figure.draw(VectorRenderer(page, width, height))


class JpegArtist(Artist):
    """A JPEG in a figure, embedded unchanged and letterboxed into a box in points."""

    def __init__(self, jpeg: bytes, box: tuple[float, float, float, float]) -> None:
        super().__init__()
        self.jpeg = jpeg
        self.box = box

    def draw(self, renderer: RendererBase) -> None:
        """Draw the JPEG; `renderer` must be a VectorRenderer."""
        cast(VectorRenderer, renderer).draw_jpeg(self.jpeg, *self.box)


class VectorRenderer(RendererBase):
    """A matplotlib renderer that draws on a ReportLab canvas."""

    def __init__(self, page: Any, width: float, height: float) -> None:
        super().__init__()
        self.page = page
        self.size = (width, height)

    # Properties of the canvas.

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Width and height in points."""
        return self.size

    def flipy(self) -> bool:
        """Whether y grows downwards."""
        return False

    def points_to_pixels(self, points: Any) -> Any:
        """The unit of the canvas is the point."""
        return points

    def get_image_magnification(self) -> float:
        """Pixels of an image per point."""
        return IMAGE_DPI / 72

    def get_text_width_height_descent(
        self,
        s: str,
        prop: Any,
        ismath: Any,  # noqa: ARG002 - text is literal, see draw_text
    ) -> tuple[float, float, float]:
        """Size of a line of text on the page."""
        size = prop.get_size_in_points()
        return fonts.measure(s, size, _font(prop)), (ASCENT + DESCENT) * size, DESCENT * size

    # Drawing.

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        rgbFace: Any = None,  # noqa: N803 - matplotlib's name
    ) -> None:
        """Fill and stroke a path."""
        outline = self._outline(path, transform)
        self._begin(gc, rgbFace)
        self.page.drawPath(outline, **_painted(gc, rgbFace))
        self.page.restoreState()

    def draw_markers(
        self,
        gc: GraphicsContextBase,
        marker_path: Path,
        marker_trans: Transform,
        path: Path,
        trans: Transform,
        rgbFace: Any = None,  # noqa: N803 - matplotlib's name
    ) -> None:
        """Draw a marker at each vertex; its outline is computed once."""
        outline = self._outline(marker_path, marker_trans)
        painted = _painted(gc, rgbFace)
        self._begin(gc, rgbFace)
        at = (0.0, 0.0)
        for vertices, _ in path.iter_segments(trans, simplify=False):
            x, y = float(vertices[-2]), float(vertices[-1])
            if math.isfinite(x) and math.isfinite(y):
                # Moving from marker to marker avoids saving the state for each.
                self.page.translate(x - at[0], y - at[1])
                self.page.drawPath(outline, **painted)
                at = (x, y)
        self.page.restoreState()

    def draw_image(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        im: Any,
        transform: Any = None,  # noqa: ARG002 - matplotlib has scaled the image already
    ) -> None:
        """Draw an image, (h, w, 4) RGBA bytes with IMAGE_DPI pixels per inch."""
        from PIL import Image
        from reportlab.lib.utils import ImageReader

        height, width = im.shape[:2]
        if not height or not width:
            return
        self._begin(gc, None)
        scale = 72 / IMAGE_DPI
        reader = ImageReader(Image.fromarray(np.ascontiguousarray(im[::-1])))
        self.page.drawImage(reader, x, y, width * scale, height * scale, mask="auto")
        self.page.restoreState()

    def draw_jpeg(self, jpeg: bytes, x: float, y: float, width: float, height: float) -> None:
        """Draw a JPEG inside a box without distortion; its bytes go into the PDF unchanged."""
        from reportlab.lib.utils import ImageReader

        reader = ImageReader(io.BytesIO(jpeg))
        self.page.drawImage(reader, x, y, width, height, preserveAspectRatio=True, anchor="c")

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,  # noqa: ARG002 - what the text belongs to
    ) -> None:
        """Draw one line of text, rotated by `angle` degrees."""
        if ismath:
            raise NotImplementedError("text in figures is literal: set parse_math to False")
        self._begin(gc, gc.get_rgb())
        self.page.translate(x, y)
        self.page.rotate(angle)
        self.page.setFont(_font(prop), prop.get_size_in_points())
        self.page.drawString(0, 0, s)
        self.page.restoreState()

    # Helpers.

    def _outline(self, path: Any, transform: Any) -> Any:
        outline = self.page.beginPath()
        last = (0.0, 0.0)
        for vertices, code in path.iter_segments(transform, simplify=False, curves=True):
            last = ADD[int(code)](outline, [float(value) for value in vertices], last)
        return outline

    def _begin(self, gc: GraphicsContextBase, face: Any) -> None:
        """Save the state of the page, then set colours, line style and clip of `gc`."""
        page = self.page
        page.saveState()
        self._clip(gc)
        stroke_alpha, fill_alpha = _alphas(gc, face)
        red, green, blue = gc.get_rgb()[:3]
        page.setStrokeColorRGB(red, green, blue)
        page.setStrokeAlpha(stroke_alpha)
        if face is not None:
            page.setFillColorRGB(*face[:3])
            page.setFillAlpha(fill_alpha)
        page.setLineWidth(gc.get_linewidth())
        page.setLineCap(CAPS[str(gc.get_capstyle())])
        page.setLineJoin(JOINS[str(gc.get_joinstyle())])
        offset, dashes = cast("tuple[float | None, Sequence[float] | None]", gc.get_dashes())
        if dashes is not None:
            page.setDash([float(dash) for dash in dashes], float(offset or 0))

    def _clip(self, gc: GraphicsContextBase) -> None:
        box = cast("BboxBase | None", gc.get_clip_rectangle())
        if box is not None:
            outline = self.page.beginPath()
            outline.rect(*box.bounds)
            self.page.clipPath(outline, stroke=0, fill=0, fillMode=FILL_NON_ZERO)
        path, transform = gc.get_clip_path()
        if path is not None:
            outline = self._outline(path, transform)
            self.page.clipPath(outline, stroke=0, fill=0, fillMode=FILL_NON_ZERO)


def draw_figure(figure: Figure, page: Any) -> None:
    """Draw `figure` with its bottom left corner at the origin of the ReportLab `page`."""
    VectorCanvas(figure).draw_on(page)


def _font(prop: Any) -> str:
    weight = prop.get_weight()
    heavy = weight in BOLD_NAMES if isinstance(weight, str) else weight >= BOLD_FROM
    return fonts.BOLD if heavy else fonts.REGULAR


def _alphas(gc: GraphicsContextBase, face: Color | None) -> tuple[float, float]:
    """Opacity of stroke and fill: that of the artist if it has one, else of each colour."""
    if gc.get_forced_alpha():
        return gc.get_alpha(), gc.get_alpha()
    stroke = cast(Sequence[float], gc.get_rgb())
    stroke_alpha = float(stroke[3]) if len(stroke) > 3 else 1.0
    fill_alpha = float(face[3]) if face is not None and len(face) > 3 else 1.0
    return stroke_alpha, fill_alpha


def _painted(gc: GraphicsContextBase, face: Any) -> dict[str, int]:
    """Whether to stroke and whether to fill, as keyword arguments of ReportLab."""
    stroke_alpha, fill_alpha = _alphas(gc, face)
    stroke = gc.get_linewidth() > 0 and stroke_alpha > 0
    fill = face is not None and fill_alpha > 0
    return {"stroke": int(stroke), "fill": int(fill), "fillMode": FILL_NON_ZERO}


Point = tuple[float, float]


def _move(outline: Any, at: list[float], _last: Point) -> Point:
    outline.moveTo(*at)
    return at[0], at[1]


def _line(outline: Any, at: list[float], _last: Point) -> Point:
    outline.lineTo(*at)
    return at[0], at[1]


def _quadratic(outline: Any, at: list[float], last: Point) -> Point:
    """Draw as a cubic curve: its control points are 2/3 of the way to the quadratic one."""
    cx, cy, x, y = at
    first = (last[0] + (cx - last[0]) * 2 / 3, last[1] + (cy - last[1]) * 2 / 3)
    second = (x + (cx - x) * 2 / 3, y + (cy - y) * 2 / 3)
    outline.curveTo(*first, *second, x, y)
    return x, y


def _cubic(outline: Any, at: list[float], _last: Point) -> Point:
    outline.curveTo(*at)
    return at[4], at[5]


def _close(outline: Any, _at: list[float], last: Point) -> Point:
    outline.close()
    return last


ADD = {
    int(Path.MOVETO): _move,
    int(Path.LINETO): _line,
    int(Path.CURVE3): _quadratic,
    int(Path.CURVE4): _cubic,
    int(Path.CLOSEPOLY): _close,
}
