"""Asking spaces: exact neighbours, queries of every kind, and indexes with measured recall."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

import curate
from curate.core.distance import k_nearest
from curate.core.indexes import INDEXES, k_nearest_by_index
from curate.errors import DataError, RequestError


@pytest.fixture
def space(rng):
    return rng.normal(size=(400, 16)).astype(np.float32)


def test_an_item_is_not_its_own_neighbour(space):
    """The five nearest of an item are those of all distances, without itself."""
    (result,) = curate.neighbors(space, item="7", k=5)
    distances = cdist(space[7:8].astype(float), space.astype(float))[0]
    distances[7] = np.inf
    assert [int(hit.id) for hit in result.hits] == np.argsort(distances)[:5].tolist()
    assert [hit.distance for hit in result.hits] == pytest.approx(np.sort(distances)[:5].tolist())


def test_common_hits_are_marked_over_all_spaces(space, rng):
    """A hit is common if each of the spaces has it."""
    turned = space @ np.linalg.qr(rng.normal(size=(16, 16)))[0]
    first, second = curate.neighbors({"a": space, "b": turned}, item="3", k=6)
    assert all(hit.common for hit in first.hits + second.hits)
    first, second = curate.neighbors({"a": space, "b": rng.normal(size=(400, 4))}, item="3", k=6)
    both = {hit.id for hit in first.hits} & {hit.id for hit in second.hits}
    assert {hit.id for hit in first.hits if hit.common} == both


def test_text_is_embedded_as_the_space_was(samples):
    """The text of an item finds that item at distance 0."""
    path = f"{samples}/definitions/definitions.csv,text_column=text,id_column=id"
    dataset, _ = __import__("curate.run.spaces.open", fromlist=["open_space"]).open_space(path)
    (result,) = curate.neighbors(path, text=dataset.items[11], k=3)
    assert result.hits[0].id == dataset.ids[11]
    assert result.hits[0].distance == pytest.approx(0, abs=1e-6)
    assert result.hits[0].text == dataset.items[11][:200]
    assert "topic" in result.hits[0].metadata


def test_an_image_is_embedded_as_the_space_was(samples):
    """The file of an item finds that item at distance 0."""
    folder = samples / "clipart"
    image = sorted(path for path in folder.rglob("*.*") if path.suffix in (".png", ".jpg"))[3]
    (result,) = curate.neighbors(folder, image=str(image), k=2)
    assert result.hits[0].id == image.relative_to(folder).as_posix()
    assert result.hits[0].distance == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("index", INDEXES)
def test_an_index_says_what_it_misses(space, index):
    """Recall is measured; what an index finds has exact distances, in order."""
    (exact,) = curate.neighbors(space, item="7", k=10)
    (result,) = curate.neighbors(space, item="7", k=10, index=index)
    assert 0.2 < result.recall <= 1
    assert result.asked == 200
    assert "7" not in {hit.id for hit in result.hits}
    known = {hit.id: hit.distance for hit in exact.hits}
    for hit in result.hits:
        assert hit.distance == pytest.approx(known.get(hit.id, hit.distance), rel=1e-9)
    assert [hit.distance for hit in result.hits] == sorted(hit.distance for hit in result.hits)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_hnsw_of_a_small_space_is_exact(space, metric):
    """On 400 points the graph finds nearly all, and the same twice."""
    truth = k_nearest(space[:50], space, 5, metric)
    result = k_nearest_by_index(space[:50], space, 5, metric, "hnsw")
    again = k_nearest_by_index(space[:50], space, 5, metric, "hnsw")
    assert (truth.rows == result.rows).mean() > 0.98
    np.testing.assert_array_equal(result.rows, again.rows)


def test_requests_that_cannot_be_answered(space, tmp_path):
    """No query, two, an unknown item or index, a text for vectors, a vector of other length."""
    for asked, words in (
        ({}, "exactly one"),
        ({"item": "1", "text": "x"}, "exactly one"),
        ({"item": "no"}, "no item 'no'"),
        ({"item": "1", "index": "hnws"}, "did you mean 'hnsw'"),
        ({"text": "a cat"}, "--vector"),
        ({"vector": np.ones(3)}, "3 values"),
    ):
        with pytest.raises(RequestError, match=words):
            curate.neighbors(space, **asked)
    np.save(tmp_path / "two.npy", np.ones((2, 16)))
    with pytest.raises(DataError, match="one vector"):
        curate.neighbors(space, vector=str(tmp_path / "two.npy"))
    (result,) = curate.neighbors(space, vector=space[5], k=1)
    assert result.hits[0].id == "5"


@pytest.mark.slow
@pytest.mark.parametrize("index", INDEXES)
def test_an_index_of_few_items_or_odd_dimensions_finds_them(rng, index, capfd):
    """Two items, one dimension, a prime number of them: no failure, no word from the library."""
    for n, d in ((2, 8), (5, 8), (17, 1), (40, 3)):
        (result,) = curate.neighbors(rng.normal(size=(n, d)), item=0, k=3, index=index)
        assert len(result.hits) >= min(n - 1, 1)
        assert result.recall > 0.3
    (result,) = curate.neighbors(rng.normal(size=(500, 53)), item=0, index=index)
    assert result.recall > (0.4 if index == "ivf" else 0.6)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("index", ["hnsw", "pq", "lsh"])
def test_an_index_that_looks_at_all_finds_as_many_as_are_asked(rng, index):
    """k may be every other item."""
    (result,) = curate.neighbors(rng.normal(size=(300, 4)), item=0, k=299, index=index)
    assert len(result.hits) == 299
