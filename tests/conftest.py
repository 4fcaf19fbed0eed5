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
