"""Thumbnails in the PDF: stored as they are, found in the side file, and from nowhere else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from drawn import Drawn
from PIL import Image

from curate.errors import DataError
from curate.report.build import thumbnails
from curate.report.build.write import redraw
from curate.report.pages.pdf import render
from curate.report.render.template import Template


def test_it_is_drawn_again_from_the_file(images: Drawn, tmp_path: Path) -> None:
    """report.json and the side file are enough; without pictures there is still a report."""
    (tmp_path / "report.json").write_text(images.report.model_dump_json(), encoding="utf-8")
    assert redraw(tmp_path / "report.json", None, None).read_bytes().startswith(b"%PDF")
    reader = images.reader
    pictures: dict[str, bytes] = {}
    for item in images.report.selection.items:
        pictures.setdefault(item.id, b"")
    drawn = sum(len(page.images) for page in reader.pages)
    assert drawn >= len(pictures)
    with pytest.raises(DataError):
        redraw(tmp_path / "gone.json", None, None)


def test_thumbnails_go_in_as_they_are(images: Drawn) -> None:
    """Pictures stay JPEG, each stored once however often it is shown."""
    raw = images.pdf
    assert raw.count(b"/DCTDecode") >= 40
    shown = {item.id for item in images.report.selection.items}
    shown |= {one.id for one in images.report.coverage.worst}
    assert raw.count(b"/DCTDecode") <= len(shown)


def test_thumbnails_elsewhere_are_not_opened(images: Drawn, tmp_path: Path) -> None:
    """A report.json cannot make us read files outside its own folder."""
    inner = tmp_path / "inner"
    inner.mkdir()
    with (tmp_path / "secret.parquet").open("wb") as stream:
        thumbnails.write_thumbnails(stream, {})
    (tmp_path / "secret.parquet").write_bytes(b"not parquet: reading it would fail")
    selection = images.report.selection.model_copy(update={"thumbnails": "../secret.parquet"})
    report = images.report.model_copy(update={"selection": selection})
    (inner / "report.json").write_text(report.model_dump_json(), encoding="utf-8")
    assert redraw(inner / "report.json", None, None).read_bytes().startswith(b"%PDF")


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
