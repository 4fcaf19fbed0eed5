"""onnxruntime reports nothing about its users: no network, no file beside our own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tree import ROOT

# Embeds a picture, and prints what the variable was when onnxruntime was imported.
PROGRAM = """
import os, sys, time
from pathlib import Path
seen = []
def watch(event, args):
    if event == "import" and args[0] == "onnxruntime":
        seen.append(os.environ.get("ORT_DISABLE_TELEMETRY"))
sys.addaudithook(watch)
from curate.embed.registry import find_embedder
vectors = find_embedder("image-lite", "images").encode([Path("picture.png")]).vectors
assert vectors.shape[0] == 1
print(seen[0])
time.sleep(float(sys.argv[1]))
"""
UPLOAD_AFTER = 13  # seconds; without the variable the collector is looked up after 9 of them


def embed_a_picture(folder, *before, seconds=0):
    """PROGRAM in a process whose home and cache folder are in `folder`; returns what it printed."""
    pixels = np.random.default_rng(0).integers(0, 255, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "picture.png")
    for name in ("home", "cache"):
        (folder / name).mkdir()
    own = {"HOME": str(folder / "home"), "XDG_CACHE_HOME": str(folder / "cache")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")}
    done = subprocess.run(
        [*map(str, before), sys.executable, "-c", PROGRAM, str(seconds)],
        cwd=folder,
        env={**environment, **own},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_telemetry_is_off_before_onnxruntime_is_imported(tmp_path):
    """The variable is set in time, and no file appears in the home and cache folders."""
    assert embed_a_picture(tmp_path) == "1\n"
    written = [path for name in ("home", "cache") for path in (tmp_path / name).rglob("*")]
    assert [path for path in written if path.is_file() and not is_compiled_code(path)] == []


def is_compiled_code(path):
    """Numba's cache of our own kernels."""
    return path.suffix in (".nbi", ".nbc")


def test_only_one_file_imports_onnxruntime():
    """Whoever needs onnxruntime goes through the door that switches telemetry off."""
    importing = re.compile(r"^\s*(import|from) onnxruntime\b", re.MULTILINE)
    files = [path for path in (ROOT / "curate").rglob("*.py") if importing.search(path.read_text())]
    assert [path.name for path in files] == ["onnx_file.py"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_socket_leaves_the_machine(tmp_path):
    """Compiled code is seen too: no socket of the internet family is opened or written to."""
    trace = tmp_path / "trace"
    embed_a_picture(
        tmp_path, "strace", "-f", "-e", "trace=network", "-o", trace, seconds=UPLOAD_AFTER
    )
    assert "exited with 0" in trace.read_text()
    assert [line for line in trace.read_text().splitlines() if "AF_INET" in line] == []
