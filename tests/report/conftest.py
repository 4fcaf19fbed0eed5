"""One full report of each kind, drawn once."""

from __future__ import annotations

import pytest
from drawn import Draw, Drawn
from factory import SAMPLES, make_report

from curate.report.build import thumbnails
from curate.report.pages.pdf import render
from curate.report.render.template import Template, load_template


@pytest.fixture(scope="session")
def template() -> Template:
    return load_template(None)


@pytest.fixture(scope="session")
def draw(template: Template) -> Draw:
    """Draws a made-up report."""

    def drawn(page_size: str | None = None, **wanted: object) -> Drawn:
        report = make_report(**wanted)
        layout = template.model_copy(update={"page_size": page_size}) if page_size else template
        return Drawn(report, render(report, {}, layout))

    return drawn


@pytest.fixture(scope="session")
def vectors(draw: Draw) -> Drawn:
    """Vectors with a datapool, items set aside and duplicates: every section has something."""
    return draw(n=300, k=30, datapool=40, set_aside=5, duplicates=4)


@pytest.fixture(scope="session")
def images(template: Template) -> Drawn:
    """Real pictures on made-up points."""
    from curate.core.values import Dataset

    files = sorted((SAMPLES / "clipart").rglob("*.png"))[:160]
    ids = [file.relative_to(SAMPLES).as_posix() for file in files]
    report = make_report(n=len(ids), k=40, dims=16, kind="images", ids=ids, name="clipart")
    dataset = Dataset(kind="images", ids=ids, items=files, metadata=None, name="clipart")  # type: ignore[arg-type]
    rows = [item.row for item in report.selection.items]
    rows += [one.row for one in report.coverage.worst]
    return Drawn(report, render(report, thumbnails.make_thumbnails(dataset, rows), template))
