"""What every test shares: the samples, and a cache of their own."""

from __future__ import annotations

import os
from pathlib import Path

if "PYTEST_XDIST_WORKER" in os.environ:
    # Workers share the processors: more threads than those wait for each other in loops.
    # Set before numpy and faiss are imported, for they read it once.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest
from PIL import Image

from tree import ROOT


@pytest.fixture(scope="session")
def samples() -> Path:
    return ROOT / "samples"


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory) -> Path:
    """One embedding cache for the whole session, so that the samples are embedded once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch, cache_folder):
    """No test reads the user's settings or touches the user's cache and catalogue."""
    for name in [name for name in os.environ if name.startswith("CURATE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CURATE_CACHE", str(cache_folder))
    monkeypatch.setenv("CURATE_CATALOG", str(cache_folder / "catalog.sqlite"))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261122)


COLOURS = [(220, 30, 30), (30, 200, 30), (30, 30, 220), (220, 200, 30), (20, 20, 20)]


@pytest.fixture(scope="session")
def scenes(tmp_path_factory):
    """Twelve pictures with 0 to 3 patches, and where each patch is."""
    folder = tmp_path_factory.mktemp("scenes") / "pictures"
    rng = np.random.default_rng(5)
    boxes = []
    for number in range(12):
        pixels = np.full((60, 80, 3), 255 - 5 * number, dtype=np.uint8)
        name = f"day{number % 2}/scene{number}.png"
        for place in range(number % 4):
            x, y = 2 + 26 * place, int(rng.integers(0, 30))
            width, height = int(rng.integers(8, 24)), int(rng.integers(8, 28))
            colour = int(rng.integers(0, len(COLOURS)))
            pixels[y : y + height, x : x + width] = COLOURS[colour]
            boxes.append((name, x, y, width, height, f"colour {colour}"))
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return folder, boxes
