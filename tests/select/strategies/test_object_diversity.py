"""Selections by objects, and by both, are exact greedy: a textbook in float64 agrees."""

from __future__ import annotations

import numpy as np
import pytest

from curate.core.values import Embeddings
from curate.errors import SelectionError
from curate.select.request import Request
from curate.select.strategies.object_diversity import ObjectVectors, select_by_objects
from oracles import textbook_by_objects, textbook_distances


def space(seed, n=40, m=90, d=6, without=7):
    """n pictures, m objects in all but the last `without` of them."""
    rng = np.random.default_rng(seed)
    owners = np.sort(rng.integers(0, n - without, size=m))
    rng.shuffle(owners)
    return rng.normal(size=(n, d)) + 1, rng.normal(size=(m, d)) * 2 + 1, owners


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("by", ["objects", "both"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_picks_are_the_textbooks(by, metric, dtype):
    """Every pick equals that of the float64 textbook, in both metrics, on several spaces."""
    for seed in range(5):
        pictures, objects, owners = space(seed)
        pictures, objects = pictures.astype(dtype), objects.astype(dtype)
        made = select_by_objects(
            Embeddings(pictures, metric, "t"), Request(20), ObjectVectors(objects, owners), by
        )
        picks = textbook_by_objects(pictures, objects, owners, 20, metric, by)
        assert made.picks.tolist() == picks


def test_distances_and_coverage_are_those_of_the_pictures():
    """What a Selection promises of its pictures holds whatever chose them."""
    pictures, objects, owners = space(1)
    vectors, parts = Embeddings(pictures, "euclidean", "t"), ObjectVectors(objects, owners)
    made = select_by_objects(vectors, Request(9), parts, "objects")
    between = textbook_distances(pictures, pictures[made.picks], "euclidean")
    np.testing.assert_allclose(made.coverage, between.min(axis=1), atol=1e-12)
    for j in range(1, 9):
        apart = between[made.picks[j], :j].min()
        assert made.distances[j] == pytest.approx(apart)
        assert made.radii[j] == pytest.approx(between[:, : j + 1].min(axis=1).max())
    assert np.isinf(made.distances[0])


@pytest.mark.parametrize("by", ["objects", "both"])
def test_pictures_without_objects_come_last(by):
    """They are taken only when no other is left, the lowest row first, and a note says so."""
    pictures, objects, owners = space(2, n=20, m=40, without=6)
    has = np.unique(owners)
    made = select_by_objects(
        Embeddings(pictures, "euclidean", "t"), Request(20), ObjectVectors(objects, owners), by
    )
    assert sorted(made.picks[: len(has)]) == has.tolist()
    assert any(
        f"{20 - len(has)} of the images picked have no object" in note for note in made.notes
    )


def test_a_minimum_distance_is_between_objects():
    """The run ends when no picture has an object as far as that from all selected ones."""
    pictures, objects, owners = space(3)
    made = select_by_objects(
        Embeddings(pictures, "euclidean", "t"),
        Request(33, min_distance=3.0),
        ObjectVectors(objects, owners),
        "objects",
    )
    chosen = np.isin(owners, made.picks)
    nearest = textbook_distances(objects, objects[chosen], "euclidean").min(axis=1)
    assert len(made) < 33
    assert nearest.max() < 3.0
    assert "were picked" in made.notes[0]


def test_candidates_and_starts_are_obeyed():
    """Only candidates are picked; a named start is first, even one without objects."""
    pictures, objects, owners = space(4)
    allowed = np.arange(40) % 2 == 0
    vectors = Embeddings(pictures, "euclidean", "t")
    for by in ("objects", "both"):
        made = select_by_objects(
            vectors, Request(10, candidates=allowed), ObjectVectors(objects, owners), by
        )
        assert allowed[made.picks].all()
        named = select_by_objects(vectors, Request(5, start=39), ObjectVectors(objects, owners), by)
        assert named.picks[0] == 39
        assert len(set(named.picks)) == 5
    with pytest.raises(SelectionError):
        select_by_objects(vectors, Request(41), ObjectVectors(objects, owners), "objects")
