"""Thousands of pictures as they come: Debian's package openclipart-png, with links and bombs.

How long it took, and what was set aside, stands in docs/sources.md.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.spatial.distance import cdist

from curate.data import content_keys, read
from curate.embed.embed import embed
from curate.embed.registry import find_embedder

FOLDER = Path("/usr/share/openclipart/png")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FOLDER.is_dir(), reason="needs apt-get install openclipart-png (Debian, Ubuntu)"
    ),
]


def real_files() -> list[Path]:
    """Every picture that is no link, found without curate."""
    walked = (Path(at) / name for at, _, names in os.walk(FOLDER) for name in names)
    return [path for path in walked if path.suffix == ".png" and not path.is_symlink()]


def is_bomb(path: Path) -> bool:
    """Whether a picture has more pixels than Pillow warns of, by its header alone."""
    header = path.read_bytes()[16:24]  # of a PNG: width and height, four bytes each
    width, height = (int.from_bytes(header[i : i + 4], "big") for i in (0, 4))
    return width * height > (Image.MAX_IMAGE_PIXELS or 0)


def test_the_whole_collection(tmp_path, cache_folder):
    """Each picture once however many links lead to it, bombs set aside, 500 selected, and the
    radius in the report is that of an independent measure; strict ends with 4."""
    out = tmp_path / "out"
    command = [sys.executable, "-m", "curate", "select", str(FOLDER), "--n", "500"]
    environment = {**os.environ, "CURATE_CACHE": str(cache_folder)}

    def run(*more: object) -> subprocess.CompletedProcess[str]:
        words = [*command, *map(str, more)]
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)

    done = run("--out", out)
    assert done.returncode == 0, done.stderr
    report = json.loads((out / "report.json").read_text())
    files = real_files()
    bombs = {path.relative_to(FOLDER).as_posix() for path in files if is_bomb(path)}
    assert report["counts"]["read"] == len(files)
    assert report["set_aside"]["reasons"] == {"decompression bomb": len(bombs)}
    assert {item["id"] for item in report["set_aside"]["examples"]} == bombs
    ids = (out / "selected.txt").read_text().splitlines()
    removed = (out / "removed.txt").read_text().splitlines()
    assert len(set(ids)) == 500
    assert sorted(ids + removed) == sorted(
        path.relative_to(FOLDER).as_posix() for path in files if not is_bomb(path)
    )
    dataset = read(FOLDER)
    embedder = find_embedder("auto", "images")
    made = embed(dataset, content_keys(dataset), embedder, cache_folder=cache_folder / "embeddings")
    assert made.computed == 0
    row = {id_: place for place, id_ in enumerate(made.dataset.ids)}
    unit = made.embeddings.vectors.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    nearest = cdist(unit, unit[[row[id_] for id_ in ids]], "sqeuclidean").min(axis=1) / 2
    assert report["coverage"]["radius"] == pytest.approx(nearest.max(), abs=1e-9)
    assert report["coverage"]["selected"]["mean"] == pytest.approx(nearest.mean(), abs=1e-9)
    assert run("--out", tmp_path / "strict", "--strict", "--no-report").returncode == 4
