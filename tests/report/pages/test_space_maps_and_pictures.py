"""Maps by label of an evaluation, and pictures in reports about spaces of images."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

import curate
from curate.report.build import thumbnails
from curate.report.build.load import load_space_report
from curate.report.build.thumbnails import thumbnails_beside
from curate.report.build.write import redraw
from curate.report.pages.figures.map_grids import SHAPES, named_classes
from curate.report.pages.pdf import render_spaces
from curate.report.render.template import load_template
from read_pdf import text_of


def images_in(pdf: bytes) -> int:
    return sum(len(page.images) for page in PdfReader(io.BytesIO(pdf)).pages)


def draw_folder(folder: Path, many: int, seed: int) -> Path:
    """Blocks of colour, each another picture."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    for place in range(many):
        blocks = rng.integers(0, 256, size=(4, 4, 3), dtype=np.uint8)
        Image.fromarray(blocks).resize((48, 32), 0).save(folder / f"{place:02}.png")
    return folder


@pytest.fixture(scope="module")
def evaluation():
    """Five spaces of 120 items in nine classes; three items have no label."""
    rng = np.random.default_rng(2)
    labels = [None if row < 3 else f"class {row % 9}" for row in range(120)]
    spaces = {f"space {place}": rng.normal(size=(120, 4)) for place in range(5)}
    return curate.evaluate(spaces, labels=labels), labels


def test_maps_have_the_label_of_every_point(evaluation):
    """Four spaces have a map of the same items, each with its own label or none."""
    result, labels = evaluation
    report = result.report
    assert [one.space for one in report.maps] == [f"space {place}" for place in range(4)]
    assert report.map_labels == labels
    for one in report.maps:
        assert len(one.x) == len(one.y) == 120
        assert 0 < one.preserved < 1


def test_the_largest_classes_are_named(evaluation):
    """The key names as many classes as there are shapes, the largest first, and counts the rest."""
    result, labels = evaluation
    named = named_classes(labels)
    assert len(named) == len(SHAPES)
    sizes = [many for _, many in named]
    assert sizes == sorted(sizes, reverse=True)
    assert all(labels.count(name) == many for name, many in named)
    text = text_of(render_spaces(result.report, load_template(None)))
    assert f"others, {120 - sum(sizes)}" in text
    assert "Without a map here: 1 more." in text
    assert "could not be drawn" not in text


def test_without_labels_there_is_no_map(rng):
    """Maps by label need labels: without, there is neither map nor page."""
    report = curate.evaluate(rng.normal(size=(50, 3))).report
    assert report.maps == report.map_labels == []
    assert "Maps" not in text_of(render_spaces(report, load_template(None)))


def same_again(result, folder):
    """The report is saved, read back and redrawn with its pictures, to the same bytes."""
    path = result.save(folder)
    pdf = (folder / "report.pdf").read_bytes()
    assert load_space_report(path) == result.report
    assert thumbnails_beside(folder, result.report.thumbnails) == result.pictures
    assert redraw(path, folder / "again.pdf", None).read_bytes() == pdf
    assert "could not be drawn" not in text_of(pdf)
    return pdf


def test_a_comparison_of_images_shows_them(tmp_path):
    """Every item that changed most has a picture, and so have its neighbours, from the images."""
    folder = draw_folder(tmp_path / "images", 24, 0)
    ids = tmp_path / "ids.txt"
    ids.write_text("".join(f"{path.name}\n" for path in sorted(folder.iterdir())))
    np.save(tmp_path / "noise.npy", np.random.default_rng(1).normal(size=(24, 3)))
    result = curate.compare(
        f"{tmp_path}/noise.npy,ids={ids}", f"{folder},embedder=perceptual", no_cache=True
    )
    changed = result.report.pairs[0].changed
    listed = {near.id for one in changed for near in (one, *one.first, *one.second)}
    assert set(result.pictures) == listed
    assert result.report.thumbnails == "thumbnails.parquet"
    pdf = same_again(result, tmp_path / "out")
    assert images_in(pdf) >= 6 * 11 / 2  # a picture that is shown twice may be stored once


def test_drift_of_images_shows_them(tmp_path):
    """Old and new items with the same id keep their own pictures; without the side file, words."""
    old, new = (draw_folder(tmp_path / name, 20, seed) for seed, name in enumerate(("old", "new")))
    result = curate.drift(old, new, n=5, embedder="perceptual", no_cache=True)
    report = result.report
    assert report.shared == 20
    wanted = {f"new:{one.id}" for one in (*report.arrived.worst, *report.cover)}
    wanted |= {f"old:{one.id}" for one in report.gone.worst}
    assert wanted <= set(result.pictures)
    both = report.arrived.worst[0].id
    assert f"old:{both}" in result.pictures
    assert result.pictures[f"old:{both}"] != result.pictures[f"new:{both}"]
    pdf = same_again(result, tmp_path / "out")
    assert images_in(pdf) > 20
    (tmp_path / "out" / "thumbnails.parquet").unlink()
    bare = redraw(tmp_path / "out", tmp_path / "bare.pdf", None).read_bytes()
    assert images_in(bare) == 0
    assert "nearest old item" in text_of(bare)


def test_pictures_of_a_report_are_only_looked_for_beside_it(tmp_path):
    """A path in report.json opens nothing elsewhere."""
    rng = np.random.default_rng(4)
    report = curate.drift(rng.normal(size=(20, 2)), rng.normal(size=(20, 2))).report
    assert report.thumbnails is None
    with (tmp_path / "elsewhere.parquet").open("wb") as stream:
        thumbnails.write_thumbnails(stream, {})
    (tmp_path / "run").mkdir()
    led_astray = report.model_copy(update={"thumbnails": "../elsewhere.parquet"})
    assert thumbnails_beside(tmp_path / "run", led_astray.thumbnails) == {}
