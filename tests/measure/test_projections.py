"""Maps by name: they keep neighbours, are the same every time, and turn onto each other."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from pypdf import PdfReader

import curate
from curate.core.values import Embeddings
from curate.errors import MissingExtraError, RequestError
from curate.measure.map_quality import map_quality
from curate.measure.projections import (
    PROJECTIONS,
    TSNE_MOST,
    check,
    maps_with,
    project,
    turned_onto,
)

SEED = np.random.SeedSequence(5)


@pytest.fixture
def clusters(rng):
    """Five far clusters of 30 points in ten dimensions."""
    centres = np.eye(5, 10) * 20
    return np.repeat(centres, 30, axis=0) + rng.normal(size=(150, 10))


@pytest.mark.parametrize(
    "name",
    [
        *("pca", "pacmap", "tsne"),
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("umap", "pca-umap")),
    ],
)
def test_a_map_keeps_neighbourhoods_and_repeats(name, clusters):
    """Every map of far clusters is trustworthy, centred, of reach 1, and the same again."""
    if "umap" in name:
        pytest.importorskip("umap", reason="the extra umap is not installed")
    places = project(name, clusters, SEED)
    found = map_quality(clusters, places, 10)
    assert found.trustworthiness > 0.85
    assert places.mean(axis=0) == pytest.approx([0, 0], abs=1e-9)
    assert np.linalg.norm(places, axis=1).max() == pytest.approx(1)
    assert (places == project(name, clusters, SEED)).all()


def test_turning_finds_the_rotation(rng):
    """A rotated, mirrored, shrunk and moved map is turned back onto the first exactly."""
    first = rng.normal(size=(40, 2))
    first -= first.mean(axis=0)
    angle = 1.1
    turn = np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]])
    assert turned_onto(first, 0.3 * first @ turn + 7) == pytest.approx(first)


def test_few_of_all_points_measure_what_all_do(rng):
    """Trustworthiness of every point, asked in two halves, averages to that of all."""
    points = rng.normal(size=(80, 6))
    flat = points[:, :2]
    whole = map_quality(points, flat, 5)
    halves = [map_quality(points, flat, 5, rows) for rows in (np.arange(40), np.arange(40, 80))]
    for name in ("trustworthiness", "continuity", "preserved"):
        mean = np.mean([getattr(one, name) for one in halves])
        assert mean == pytest.approx(getattr(whole, name))


def test_what_cannot_be_mapped_is_refused(monkeypatch, clusters):
    """Unknown maps, too many points for t-SNE, and UMAP without its package."""
    for name, points, words in (("pac", 100, "pacmap"), ("tsne", TSNE_MOST + 1, "--points")):
        with pytest.raises(RequestError, match=words):
            check(name, points)
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(MissingExtraError, match=r'pip install "curate-select\[umap\]"'):
        project("umap", clusters, SEED)
    assert set(PROJECTIONS) == {"pca", "pacmap", "umap", "pca-umap", "tsne"}


def test_points_on_a_line_and_equal_points_have_a_map():
    """What has no second direction is drawn all the same."""
    for points in (np.ones((10, 3)), np.arange(10.0)[:, None]):
        assert np.isfinite(project("pca", points, SEED)).all()


def test_the_map_that_is_asked_for_takes_the_place_of_pacmap(clusters):
    """A report's second map is the one called by name, with its trustworthiness, or PaCMAP."""
    embeddings, rows = Embeddings(clusters, "euclidean", ""), np.arange(150)
    maps = maps_with("tsne", embeddings, rows, 150, SEED)
    assert maps.pacmap is None
    places = project("tsne", clusters, SEED)
    assert np.stack([maps.asked.x, maps.asked.y], axis=1) == pytest.approx(places, abs=1e-3)
    assert maps.asked.trust[0] == pytest.approx(map_quality(clusters, places, 10).trustworthiness)
    usual = maps_with("pacmap", embeddings, rows, 150, SEED)
    assert usual.asked is None
    assert usual.pacmap is not None
    assert maps_with("tsne", embeddings, rows[:3], 3, SEED).asked is None


def test_a_map_that_cannot_be_is_refused_before_the_work(samples, tmp_path):
    """Too many points for t-SNE, or a package that is not there, end in one line at once."""
    with pytest.raises(RequestError, match=r"too many for tsne.*--map-points"):
        curate.select(samples / "clipart", n=5, map="tsne", map_points=20_000)
    result = curate.select(samples / "words" / "vectors.npy", n=5, map="tsne", map_points=200)
    report = json.loads(result.save(tmp_path).read_text(encoding="utf-8"))
    assert report["maps"]["asked"]["note"].startswith("t-SNE")
    assert report["maps"]["pacmap"] is None
    maps_page = "".join(page.extract_text() for page in PdfReader(tmp_path / "report.pdf").pages)
    assert "t-SNE: keeps neighbours together" in maps_page
