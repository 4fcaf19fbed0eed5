"""Growing a selection: beyond an earlier run, beyond ids, beyond what those grew from."""

from __future__ import annotations

import numpy as np
import pytest

import curate
from curate.errors import RequestError
from oracles import textbook_distances


@pytest.fixture
def vectors(tmp_path):
    np.save(tmp_path / "vectors.npy", np.random.default_rng(0).normal(size=(300, 4)))
    return tmp_path / "vectors.npy"


def select(source, folder=None, **settings):
    return curate.select(source, out=folder, no_report=folder is None, **settings)


def test_runs_grow_from_runs(vectors, tmp_path):
    """A run beyond a run beyond a run is one long run, whichever way the earlier one is named."""
    first = select(vectors, tmp_path / "a", n=20)
    second = select(vectors, tmp_path / "b", n=20, datapool=str(tmp_path / "a"))
    third = select(vectors, n=20, datapool=str(tmp_path / "b" / "report.json"))
    together = select(vectors, n=60)
    assert first.ids + second.ids + third.ids == together.ids
    assert second.report.counts.datapool == 20
    union = np.load(vectors)[first.indices.tolist() + second.indices.tolist()]
    pairs = textbook_distances(union, union, "euclidean")
    np.fill_diagonal(pairs, np.inf)
    assert second.report.diversity.union.mean == pytest.approx(pairs.min(axis=1).mean())


def test_the_same_job_again_adds_the_same_new_items(vectors, tmp_path):
    """A second run of a job with the same datapool adds new items only, and the same ones."""
    first = select(vectors, tmp_path / "a", n=20)
    again = [
        select(vectors, n=15, datapool=str(tmp_path / "a"), strategy=["diversity", "typicality"])
        for _ in range(2)
    ]
    assert again[0].ids == again[1].ids
    assert not set(first.ids) & set(again[0].ids)


def test_ids_name_items_of_the_data(vectors, tmp_path):
    """A file of ids, or ids themselves, stand for the items of the data that are called so."""
    first = select(vectors, tmp_path / "a", n=3)
    second = select(vectors, n=20, datapool=str(tmp_path / "a"))
    listed = select(vectors, n=20, datapool=f"ids:{tmp_path / 'a' / 'selected.txt'}")
    named = select(vectors, n=20, datapool="ids:" + "|".join(first.ids))
    assert second.ids == listed.ids == named.ids
    with pytest.raises(RequestError, match="1 of the 2 ids of the datapool is not among"):
        select(vectors, n=2, datapool="ids:3|9999")


def test_rows_of_another_source_are_read_there(vectors, tmp_path):
    """Row numbers of an earlier run over other data mean the items of those data."""
    other = tmp_path / "other.npy"
    np.save(other, np.random.default_rng(1).normal(size=(50, 4)))
    first = select(other, tmp_path / "a", n=5)
    beyond = select(vectors, n=10, datapool=str(tmp_path / "a"))
    np.save(tmp_path / "pool.npy", np.load(other)[first.indices])
    assert beyond.ids == select(vectors, n=10, datapool=str(tmp_path / "pool.npy")).ids


def test_a_run_does_not_write_over_its_datapool(vectors, tmp_path):
    """A run whose output is its own datapool would lose what it grows from: it is refused."""
    select(vectors, tmp_path / "a", n=5)
    with pytest.raises(RequestError, match="pass another with --out"):
        select(vectors, tmp_path / "a", n=5, datapool=str(tmp_path / "a"))


def test_queries_are_named_in_the_same_ways(vectors, tmp_path):
    """A query set is a path, an earlier run or ids; of another dimension it is refused."""
    values = np.load(vectors)
    first = select(vectors, tmp_path / "a", n=4)
    np.save(tmp_path / "queries.npy", values[first.indices])
    selections = [
        select(vectors, n=30, strategy=f"similarity:{query}").ids
        for query in (
            tmp_path / "queries.npy",
            tmp_path / "a",
            f"ids:{tmp_path / 'a' / 'selected.txt'}",
            "ids:" + "|".join(first.ids),
        )
    ]
    assert all(ids == selections[0] for ids in selections)
    nearest = textbook_distances(values, values[first.indices], "euclidean").min(axis=1)
    assert sorted(selections[0]) == sorted(
        str(row) for row in np.argsort(nearest, kind="stable")[:30]
    )
    np.save(tmp_path / "flat.npy", np.ones((2, 3)))
    with pytest.raises(RequestError, match="3 dimensions and the items 4"):
        select(vectors, n=3, strategy=f"similarity:{tmp_path / 'flat.npy'}")


def test_diversity_and_balance_keep_to_the_target_on_pictures(samples):
    """On the clip-art, diversity × balance misses no share by more than 2 points."""
    result = curate.select(
        samples / "clipart", n=100, strategy=["diversity", "balance:label=uniform"], no_report=True
    )
    folders = [id_.split("/")[0] for id_ in result.ids]
    shares = [folders.count(folder) / 100 for folder in set(folders)]
    assert len(shares) == 12
    assert max(abs(share - 1 / 12) for share in shares) <= 0.02


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"n": 50, "strategy": "threshold:weather==night"}, "cannot select 50 of 20 items"),
        ({"n": 5, "strategy": "threshold:wether==night"}, "did you mean 'weather'"),
        ({"n": 5, "strategy": "threshold:weather==noon"}, "leaves none of 100 items"),
        ({"n": 5, "strategy": "balance:name"}, "100 different values for 100 items"),
        ({"n": 5, "strategy": ["diversity", "facility-location"]}, "cannot be combined"),
        ({"n": 5, "start": "k3", "strategy": ["threshold:weather==day"]}, "cannot be picked"),
        ({"strategy": ["threshold:weather==day", "diversity"]}, "neither of --n and --fraction"),
        ({"n": 5, "datapool": "ids:k1|k2", "min_distance": 1e6}, "nearer than 1e+06 to an item"),
        ({"strategy": "weights:embedding_0,budget=1"}, "no column 'embedding_0'"),
        ({"strategy": "weights:price,budget=1"}, "left of the budget of 1"),
    ],
)
def test_what_cannot_be_selected_is_one_line(settings, says, tmp_path):
    """Requests that no selection can meet say what, why and what to do, in one line."""
    rng = np.random.default_rng(0)
    lines = ["key,name,weather,price,embedding_0,embedding_1"]
    for i in range(100):
        x, y = rng.normal(size=2)
        lines.append(f"k{i},n{i},{'night' if i % 5 == 3 else 'day'},{i + 2},{x},{y}")
    (tmp_path / "table.csv").write_text("\n".join(lines))
    with pytest.raises(RequestError) as caught:
        curate.select(tmp_path / "table.csv", id_column="key", no_report=True, **settings)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("asked", [{"n": 5}, {"fraction": 0.1}])
def test_a_datapool_that_is_all_of_the_data_leaves_nothing(vectors, tmp_path, asked):
    """Where every item is in the datapool already, one line says so, however many are asked for."""
    pool = tmp_path / "pool.npy"
    pool.write_bytes(vectors.read_bytes())
    with pytest.raises(RequestError, match=r"no item is left .*300 more are in the datapool"):
        select(vectors, datapool=str(pool), **asked)
