"""What is left of a run when drawing its report fails."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from drawn import Drawn
from reportlab.platypus import Flowable

import curate
from curate.report.pages.pdf import render
from curate.report.pages.selection import SECTIONS
from curate.report.render.template import Template
from curate.report.words import selection


class OnLaterPages(Flowable):
    """Fails wherever something stands before it, and never when it is drawn alone."""

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        return width, 10.0

    def draw(self) -> None:
        if self.canv.getPageNumber() > 1:
            raise RuntimeError("made to fail later")


def test_a_run_keeps_its_files_when_a_page_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The selection, report.json and the other pages are written; the page says what went wrong."""

    def fails(*_: object) -> None:
        raise ZeroDivisionError("made to fail")

    monkeypatch.setitem(SECTIONS, "coverage", SECTIONS["coverage"]._replace(draw=fails))
    points = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
    result = curate.select(points, n=9, out=tmp_path)
    assert (tmp_path / "selected.txt").read_text().split() == result.ids
    assert curate.load_report(tmp_path).counts.selected == 9
    drawn = Drawn(result.report, (tmp_path / "report.pdf").read_bytes())
    line = "This page could not be drawn: ZeroDivisionError: made to fail"
    assert line in drawn.page("Coverage")
    assert selection.diversity_title(result.report) in drawn.page("Diversity")


def test_what_fails_only_together_still_leaves_a_document(
    vectors: Drawn, template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no section fails alone, each page says what went wrong, and there is a PDF."""
    broken = SECTIONS["maps"]._replace(draw=lambda _: [OnLaterPages()])
    monkeypatch.setitem(SECTIONS, "maps", broken)
    drawn = Drawn(vectors.report, render(vectors.report, {}, template))
    assert "could not be drawn: RuntimeError: made to fail later" in drawn.page("Maps")
    assert [entry.title for entry in drawn.reader.outline] == [
        entry.title for entry in vectors.reader.outline
    ]
