"""The lazy traversal beside the plain one: the same selection, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.core.distance import as_points, lengths
from curate.core.values import Embeddings
from curate.select.lazy_traversal import traversal
from curate.select.lazy_traversal.bucket_queue import BucketQueue
from curate.select.lazy_traversal.kernels import ItemState
from curate.select.lazy_traversal.traversal import lazy_farthest_first
from curate.select.request import Request
from curate.select.strategies.farthest_first import plain_farthest_first
from oracles import textbook_distances, textbook_farthest_first
from spaces import METRICS, SPACES

KINDS = (np.float16, np.float32, np.float64)


def grid(sides, dimensions):
    axes = np.meshgrid(*[np.arange(sides)] * dimensions, indexing="ij")
    return np.stack(axes, axis=-1).reshape(-1, dimensions).astype(np.float32) + 1


@pytest.fixture
def small_rounds(monkeypatch):
    """Pools so small that they overflow at every turn, and ties do not fit into them."""
    monkeypatch.setattr(traversal, "POOL", 5)
    monkeypatch.setattr(traversal, "FEWEST_PULLED", 2)
    monkeypatch.setattr(traversal, "MOST_PULLED", 40)


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
    monkeypatch.setattr(traversal, "POOL", 3)
    request = Request(3, datapool=pool.astype(np.float32))
    assert_same(vectors.astype(np.float32), "cosine", request)


def test_an_item_may_wait_above_the_highest_bucket():
    """An exact distance larger than all approximate ones were is counted, and comes out first."""
    squared = np.full(100, np.nextafter(np.float32(2), np.float32(0)))  # the end of a bucket
    state = ItemState(
        squared, np.zeros(100, np.int32), np.zeros(100, np.int32), np.zeros(100, bool), np.empty(0)
    )
    queue = BucketQueue(state)
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
        patched.setattr(traversal, "POOL", pool)
        patched.setattr(traversal, "FEWEST_PULLED", 2)
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
