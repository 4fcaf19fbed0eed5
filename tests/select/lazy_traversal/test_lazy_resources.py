"""What the lazy traversal takes: compiled code only for large work, and little memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import curate
from curate.core.values import Embeddings
from curate.select.request import Request
from curate.select.strategies.farthest_first import farthest_first
from spaces import METRICS, SPACES


def python(code, cwd=None, **environment):
    """What a fresh process prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,  # so that the assertion below shows what went wrong
        cwd=cwd,
        env=os.environ | environment,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


SELECT = """
import sys, numpy as np
from curate.core.values import Embeddings
from curate.select.request import Request
from curate.select.strategies.farthest_first import farthest_first
vectors = np.random.default_rng(0).normal(size=({n}, 16)).astype(np.float32)
selection = farthest_first(Embeddings(vectors, "euclidean", ""), Request({k}, start=0))
"""


@pytest.mark.parametrize(("n", "k", "compiled"), [(2000, 50, False), (40_000, 1000, True)])
def test_small_work_loads_no_compiler(n, k, compiled):
    """The size of the work alone says which way is gone; the plain one never loads numba."""
    loaded = python(SELECT.format(n=n, k=k) + "print('numba' in sys.modules)")
    assert loaded == str(compiled)


def test_both_sides_of_the_rule_agree(monkeypatch):
    """Where the rule changes ways the selection does not."""
    vectors = SPACES["gaussian"]()
    plain = farthest_first(Embeddings(vectors, "euclidean", ""), Request(70))
    # Not by name: `curate.select` is also a function.
    monkeypatch.setattr(sys.modules[farthest_first.__module__], "PLAIN_WORK", 1)
    ours = farthest_first(Embeddings(vectors, "euclidean", ""), Request(70))
    np.testing.assert_array_equal(plain.picks, ours.picks)
    np.testing.assert_array_equal(plain.coverage, ours.coverage)


@pytest.mark.slow
def test_compiled_code_is_kept_where_sources_cannot_be_written(tmp_path):
    """With a read-only installation the compiled code is cached in the user's directory."""
    package = Path(curate.__file__).parent
    sources = tmp_path / "site"
    for path in package.rglob("*.py"):
        copy = sources / "curate" / path.relative_to(package)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
        # A file where numba would make its folder: read-only also for those who may write all.
        (copy.parent / "__pycache__").touch()
    home = tmp_path / "home"
    home.mkdir()
    settings = {
        "PYTHONPATH": str(sources),
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    code = SELECT.format(n=40_000, k=1000) + (
        "from curate.select.lazy_traversal.kernels import refresh\n"
        "print(len(refresh.stats.cache_hits), len(refresh.stats.cache_misses))"
    )
    assert python(code, home, **settings) == "0 1"
    assert python(code, home, **settings) == "1 0"
    assert list(home.rglob("kernels.refresh*.nbc"))


MEASURE = r"""
import re, numpy as np
from pathlib import Path
from curate.core.values import Embeddings
from curate.select.strategies.farthest_first import memory_needed
from curate.select.request import Request
from curate.select.lazy_traversal.traversal import lazy_farthest_first

def peak():
    # Not ru_maxrss, which a process inherits from the one that started it.
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024

small = np.random.default_rng(0).normal(size=(3000, {d})).astype({kind!r})
lazy_farthest_first(Embeddings(small, {metric!r}, ""), Request(100))
{load}
before = peak()
embeddings, request = Embeddings(vectors, {metric!r}, ""), Request(300)
lazy_farthest_first(embeddings, request)
assert peak() - before < memory_needed(embeddings, request) / 2**20
print(peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", ["float32", "float64", "float16"])
def test_memory_beyond_the_input(kind, metric):
    """Arrays are not copied: at most 100 MB more, and no more than is said before."""
    load = f"vectors = np.zeros((500_000, 150), {kind!r})\n" + (
        "for start in range(0, 500_000, 10_000):\n"
        "    vectors[start : start + 10_000] = np.random.default_rng(start).random((10_000, 150))\n"
    )
    assert float(python(MEASURE.format(kind=kind, metric=metric, load=load, d=150))) < 100


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    "n", [400_000, pytest.param(5_600_000, marks=pytest.mark.slow)], ids=["300MB", "4GB"]
)
def test_memory_of_a_mapped_file(n, metric, tmp_path):
    """A mapped float16 file is never held: 2 GB are plenty for one of 4, and 250 MB for 300."""
    path = tmp_path / "vectors.npy"
    mapped = np.lib.format.open_memmap(path, "w+", np.float16, (n, 384))
    block = np.random.default_rng(0).normal(size=(20_000, 384)).astype(np.float16)
    for start in range(0, n, len(block)):
        mapped[start : start + len(block)] = np.roll(block, start // len(block), axis=1)
    mapped.flush()
    del mapped
    load = f"vectors = np.load({str(path)!r}, mmap_mode='r')"
    code = MEASURE.format(kind="float16", metric=metric, load=load, d=384)
    used = float(python(code.replace("print(peak() - before)", "print(peak())")))
    path.unlink()
    assert used < (2000 if n > 1_000_000 else 700)
