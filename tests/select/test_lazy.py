"""The lazy traversal beside the plain one: the same selection, bit for bit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.core import Embeddings
from curate.distance import as_points, lengths
from curate.select import lazy
from curate.select.buckets import Queue
from curate.select.farthest_first import farthest_first, plain_farthest_first
from curate.select.kernels import State
from curate.select.lazy import lazy_farthest_first
from curate.select.request import Request
from oracles import textbook_distances, textbook_farthest_first
from spaces import SPACES

METRICS = ("euclidean", "cosine")
KINDS = (np.float16, np.float32, np.float64)


def grid(sides, dimensions):
    axes = np.meshgrid(*[np.arange(sides)] * dimensions, indexing="ij")
    return np.stack(axes, axis=-1).reshape(-1, dimensions).astype(np.float32) + 1


@pytest.fixture
def small_rounds(monkeypatch):
    """Pools so small that they overflow at every turn, and ties do not fit into them."""
    monkeypatch.setattr(lazy, "POOL", 5)
    monkeypatch.setattr(lazy, "FEWEST_PULLED", 2)
    monkeypatch.setattr(lazy, "MOST_PULLED", 40)


def assert_same(vectors, metric, request):
    embeddings = Embeddings(vectors, metric, "test")
    plain = plain_farthest_first(embeddings, request)
    ours = lazy_farthest_first(embeddings, request)
    for field in ("picks", "distances", "radii", "coverage", "nearest"):
        expected, got = getattr(plain, field), getattr(ours, field)
        assert got.dtype == expected.dtype, field
        np.testing.assert_array_equal(got, expected, err_msg=field)
    assert ours.notes == plain.notes
    return ours


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("share", [0.03, 0.5, 1])
@pytest.mark.parametrize("name", SPACES)
def test_selections_are_identical(name, share, metric):
    """Picks, distances, radii, coverage and nearest are the plain traversal's, every bit."""
    vectors = SPACES[name]()
    assert_same(vectors, metric, Request(max(1, int(share * len(vectors)))))


@pytest.mark.usefixtures("small_rounds")
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", SPACES)
def test_a_pool_that_overflows_changes_nothing(name, metric):
    """However few survivors are picked among at once, the selection is the same."""
    vectors = SPACES[name]()
    assert_same(vectors, metric, Request(len(vectors) // 2, start="first"))


@pytest.mark.parametrize("metric", METRICS)
def test_the_large_grid_follows_the_textbook(metric):
    """On 3^8 points and nothing but ties, the picks are the float64 textbook's."""
    vectors = grid(3, 8)
    k = 1200
    ours = assert_same(vectors, metric, Request(k, start=0))
    picks, radii = textbook_farthest_first(vectors, k, metric, start=0)
    assert ours.picks.tolist() == picks
    np.testing.assert_array_equal(ours.distances, radii)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_number(kind, metric):
    """Vectors are taken as they are stored, float16, float32 or float64."""
    vectors = SPACES["gaussian"]().astype(kind)
    ours = assert_same(vectors, metric, Request(200))
    same_values = assert_same(vectors.astype(np.float64), metric, Request(200))
    np.testing.assert_array_equal(ours.picks, same_values.picks)
    np.testing.assert_array_equal(ours.coverage, same_values.coverage)


@pytest.mark.parametrize("factor", [1e-25, 1e25])
def test_squares_may_leave_float32(factor):
    """Float32 vectors whose squared distances float32 cannot hold are selected all the same."""
    assert_same(SPACES["gaussian"]() * np.float32(factor), "euclidean", Request(100))
    assert_same(SPACES["gaussian"]() * np.float32(factor), "cosine", Request(100))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_threads_change_nothing(threads, metric):
    """One, two and four threads make the same selection."""
    vectors = np.random.default_rng(3).normal(size=(4000, 10)).astype(np.float32)
    assert_same(vectors, metric, Request(500, threads=threads))


def test_order_in_memory_changes_nothing():
    """Columns first, every other row and swapped bytes are read as what they are."""
    vectors = np.random.default_rng(3).normal(size=(800, 6)).astype(np.float32)
    expected = assert_same(np.ascontiguousarray(vectors[::2]), "euclidean", Request(50))
    for stored in (
        np.asfortranarray(vectors[::2]),
        vectors[::2],
        vectors[::2].astype(">f4"),
    ):
        ours = lazy_farthest_first(Embeddings(stored, "euclidean", ""), Request(50))
        np.testing.assert_array_equal(ours.picks, expected.picks)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("mode", ["r", "r+", "c"])
def test_a_mapped_file_is_read_like_an_array(mode, metric, tmp_path):
    """A memory-mapped file gives the selection of the array, and keeps its contents."""
    vectors = np.random.default_rng(3).normal(size=(9000, 5)).astype(np.float16)
    np.save(tmp_path / "vectors.npy", vectors)
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode=mode)
    if mode == "c":
        mapped[0] = vectors[0] = 40  # only in memory, and not to be lost
    ours = lazy_farthest_first(Embeddings(mapped, metric, ""), Request(80))
    expected = lazy_farthest_first(Embeddings(vectors, metric, ""), Request(80))
    np.testing.assert_array_equal(ours.picks, expected.picks)
    np.testing.assert_array_equal(ours.coverage, expected.coverage)
    np.testing.assert_array_equal(mapped, vectors)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", KINDS)
def test_datapool_candidates_and_minimum_distance_together(kind, metric):
    """Everything that a request can ask for goes the same way, with the same result."""
    vectors = SPACES["duplicated"]().astype(np.float32)
    free = np.arange(len(vectors)) % 4 != 1
    for least in (0.0, 0.3):
        request = Request(
            150, datapool=vectors[:37].astype(kind), candidates=free, min_distance=least
        )
        ours = assert_same(vectors, metric, request)
        assert free[ours.picks].all()


@pytest.mark.parametrize("metric", METRICS)
def test_no_two_picks_are_nearer_than_the_minimum(metric):
    """Under a minimum distance picking ends when all the rest is nearer, and says so."""
    vectors = SPACES["gaussian"]()
    pool, vectors = vectors[:20], vectors[20:]
    free = plain_farthest_first(Embeddings(vectors, metric, ""), Request(100, datapool=pool))
    least = float(free.distances[60])  # exactly reached by pick 60
    ours = assert_same(vectors, metric, Request(400, datapool=pool, min_distance=least))
    assert len(ours) == 61
    chosen = np.concatenate([vectors[ours.picks], pool])
    apart = textbook_distances(vectors[ours.picks], chosen, metric)
    np.fill_diagonal(apart, np.inf)
    assert apart.min() >= least * (1 - 1e-12)
    assert ours.coverage.max() < least
    assert ours.notes == (
        f"61 of the 400 items asked for were picked: every other one is nearer than "
        f"{least:g} to an item picked or in the datapool.",
    )


def test_items_that_rounding_hides_are_not_forgotten(monkeypatch):
    """What was dropped while the queue ran empty still has its turn (once it had not)."""
    vectors = np.float32(1e-4) * np.array([[2, 2, 2], [3, 3, 3], [1, 1, 2], [2, 3, 3]]) + 1000
    pool = np.float32(1e-4) * np.array([[3, 1, 1], [1, 1, 3], [2, 3, 1], [2, 1, 1]]) + 1000
    monkeypatch.setattr(lazy, "POOL", 3)
    request = Request(3, datapool=pool.astype(np.float32))
    assert_same(vectors.astype(np.float32), "cosine", request)


def test_an_item_may_wait_above_the_highest_bucket():
    """An exact distance larger than all approximate ones were is counted, and comes out first."""
    squared = np.full(100, np.nextafter(np.float32(2), np.float32(0)))  # the end of a bucket
    state = State(
        squared, np.zeros(100, np.int32), np.zeros(100, np.int32), np.zeros(100, bool), np.empty(0)
    )
    queue = Queue(state)
    order, _ = queue.pull(100, np.inf)
    squared[7] = 2
    queue.put_back(order)
    # Compiled code would write beyond the counters without a word, and find it there again.
    assert queue._counts.sum() == queue.waiting == 100
    assert 7 in queue.pull(1, np.inf)[0]


@st.composite
def requests(draw):
    """Vectors full of ties and near-ties, and anything that may be asked of them."""
    n, d = draw(st.integers(2, 60)), draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    vectors = rng.integers(1, 4, size=(n, d)) * draw(st.sampled_from([1, 0.1, 1e-4, 1e4]))
    vectors = vectors + draw(st.sampled_from([0, 1e-7, 1e-3])) * rng.normal(size=(n, d))
    vectors[rng.random(n) < 0.1] *= draw(st.sampled_from([1, 1e4]))
    vectors = vectors + draw(st.sampled_from([0, 1000]))
    vectors = vectors.astype(draw(st.sampled_from([np.float32, np.float64])))
    pool = draw(st.integers(0, n // 2))
    free = rng.random(n - pool) < 0.8
    free[0] = True
    masked = draw(st.booleans())
    return vectors[pool:], Request(
        k=draw(st.integers(1, int(free.sum()) if masked else n - pool)),
        start=draw(st.sampled_from(["mean", "first", "random"])),
        datapool=vectors[:pool] if pool else None,
        candidates=free if masked else None,
        min_distance=draw(st.sampled_from([0.0, 0.0, 0.01, 1.0])),
        threads=draw(st.sampled_from([1, 2])),
    )


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("pool", [3, 1024])
@settings(max_examples=120, deadline=None)
@given(asked=requests())
def test_whatever_is_asked_the_two_agree(pool, metric, asked):
    """For any vectors, options and pool size the selection is the plain traversal's."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lazy, "POOL", pool)
        patched.setattr(lazy, "FEWEST_PULLED", 2)
        assert_same(asked[0], metric, asked[1])


@pytest.mark.parametrize("metric", METRICS)
def test_coverage_is_the_distance_to_the_nearest_pick(metric):
    """Coverage of every item agrees with the textbook to twelve digits."""
    vectors = np.random.default_rng(8).normal(size=(3000, 24)).astype(np.float32)
    ours = lazy_farthest_first(Embeddings(vectors, metric, ""), Request(150))
    distances = textbook_distances(vectors, vectors[ours.picks], metric)
    np.testing.assert_allclose(ours.coverage, distances.min(axis=1), rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(ours.nearest, distances.argmin(axis=1))


def test_lengths_make_the_points():
    """A row over its length is the point, to the last bit, whatever the exponents."""
    vectors = SPACES["gaussian"]().astype(np.float64)
    vectors[::3] *= 1e200
    vectors[1::3] *= 1e-200
    np.testing.assert_array_equal(as_points(vectors, "cosine"), vectors / lengths(vectors)[:, None])
    np.testing.assert_allclose(np.linalg.norm(as_points(vectors, "cosine"), axis=1), 1)


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
from curate.core import Embeddings
from curate.select.request import Request
from curate.select.farthest_first import farthest_first
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
    package = Path(lazy.__file__).parent.parent
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
        "from curate.select.kernels import refresh\n"
        "print(len(refresh.stats.cache_hits), len(refresh.stats.cache_misses))"
    )
    assert python(code, home, **settings) == "0 1"
    assert python(code, home, **settings) == "1 0"
    assert list(home.rglob("kernels.refresh*.nbc"))


MEASURE = r"""
import re, numpy as np
from pathlib import Path
from curate.core import Embeddings
from curate.select.farthest_first import memory_needed
from curate.select.request import Request
from curate.select.lazy import lazy_farthest_first

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
