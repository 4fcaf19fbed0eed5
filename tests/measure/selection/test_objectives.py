"""How far each strategy had its way: shares, distributions, verdicts, and what is proved."""

from __future__ import annotations

import csv
import itertools

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import curate
from curate.core.values import Embeddings
from curate.measure.selection.certificate import certificate
from curate.select.request import Request
from curate.select.strategies.farthest_first import farthest_first
from oracles import textbook_distances
from spaces import SPACES


@pytest.fixture
def table(tmp_path):
    """300 vectors with a class, a score and detections."""
    rng = np.random.default_rng(0)
    rows = [
        {
            "id": f"item {i}",
            "v": rng.normal(size=4).tolist(),
            "weather": str(rng.choice(["day", "night", "dusk"], p=[0.8, 0.17, 0.03])),
            "score": float(rng.uniform()),
            "seen": list(rng.choice(["car", "bus", "dog"], size=rng.integers(0, 4))),
        }
        for i in range(300)
    ]
    path = tmp_path / "table.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path, rows


def run(table, *strategies, n=60, **settings):
    return curate.select(
        table[0], n=n, id_column="id", vector_column="v", strategy=strategies, **settings
    )


def objective(result, name):
    return next(one for one in result.report.objectives if one.name == name)


def test_shares_are_counted(table):
    """Target, input and selected shares of each class are those of counting, and it is met."""
    result = run(table, "diversity", "balance:weather=day:0.5/night:0.4")
    found = objective(result, "balance")
    assert found.met is True
    assert found.balance.largest_miss < 1 / 60
    picked = [table[1][row]["weather"] for row in result.indices]
    for one, (name, target) in zip(
        found.balance.classes, [("day", 0.5), ("night", 0.4), ("(all others)", 0.1)], strict=True
    ):
        assert (one.name, one.target) == (name, pytest.approx(target))
        match = "dusk" if name == "(all others)" else name
        assert one.selected_count == picked.count(match)
        whole = [row["weather"] for row in table[1]].count(match)
        assert (one.input_count, one.input_share) == (whole, pytest.approx(whole / 300))
        low, high = one.random_interval
        assert low <= one.random_share <= high
    assert found.balance.largest_miss_random > 0.1


def test_a_class_with_too_few_items_says_so(table):
    """What a class lacks goes to the others in proportion, and a sentence says why."""
    dusk = [row["weather"] for row in table[1]].count("dusk")
    found = objective(run(table, "balance:weather=uniform"), "balance")
    assert found.met is False
    assert f"dusk has {dusk} items where 20 were wanted: there are no more to pick" in found.finding
    shares = {one.name: one.selected_count for one in found.balance.classes}
    assert shares["dusk"] == dusk
    assert abs(shares["day"] - shares["night"]) <= 1


def test_lists_of_classes_count_in_part(table):
    """An item with several classes counts for each by its share of the list; none is a class."""
    result = run(table, "balance:seen=input")
    found = objective(result, "balance")
    assert found.met is True
    lists = [row["seen"] for row in table[1]]
    for one in found.balance.classes:
        counts = [
            (not seen) if one.name == "(none)" else seen.count(one.name) / max(len(seen), 1)
            for seen in lists
        ]
        assert one.input_count == pytest.approx(sum(counts))
        assert one.selected_count == pytest.approx(sum(counts[row] for row in result.indices))


def test_values_are_shown_of_every_set(table):
    """Weights are shown as distributions of input, selection and random draws of candidates."""
    result = run(table, "weights:score,strength=3", "threshold:weather==day", "diversity")
    found = objective(result, "weights").values
    scores = np.array([row["score"] for row in table[1]])
    assert found.prefers == "high"
    assert found.input.mean == pytest.approx(scores.mean())
    assert found.selected.mean == pytest.approx(scores[result.indices].mean())
    assert found.random.draws_better["mean"] == 0
    day = np.array([row["weather"] == "day" for row in table[1]])
    left = objective(result, "threshold").threshold
    assert (left.before, left.after) == (300, day.sum())
    assert day[result.indices].all()
    assert abs(found.random.mean - scores[day].mean()) < 0.05


def test_the_breakdown_multiplies_to_what_was_picked_by(table, tmp_path):
    """Each pick has a factor in (0, 1] of each objective, in report.json and in factors.csv."""
    result = run(table, "diversity", "weights:score", "balance:weather=input", out=tmp_path / "out")
    factors = np.array([item.factors for item in result.report.selection.items])
    assert factors.shape == (60, 3)
    assert ((factors > 0) & (factors <= 1)).all()
    assert (np.diff(factors.prod(axis=1)) <= 1e-12).all()
    best = max(row["score"] for row in table[1])
    expected = [table[1][row]["score"] / best for row in result.indices]
    np.testing.assert_allclose(factors[:, 1], expected)
    with (tmp_path / "out" / "factors.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["rank", "id", "diversity", "weights:score", "balance:weather=input"]
    np.testing.assert_allclose(np.array([row[2:] for row in rows[1:]], dtype=float), factors)
    assert [row[1] for row in rows[1:]] == result.ids


def test_a_datapool_counts_towards_the_target(table):
    """With a datapool the target is for both together, and shares of both are shown."""
    first = run(table, "threshold:weather==day", "random", n=20, out=table[0].parent / "first")
    second = run(
        table, "balance:weather=day:0.5/night:0.5", n=40, datapool=str(table[0].parent / "first")
    )
    found = objective(second, "balance")
    day, night = found.balance.classes[:2]
    assert (day.datapool_count, day.selected_count, night.selected_count) == (20, 10, 30)
    assert (day.union_share, night.union_share) == (0.5, 0.5)
    assert found.met is True
    assert not set(first.ids) & set(second.ids)
    third = run(
        table, "balance:weather=day:0.1/night:0.9", n=10, datapool=str(table[0].parent / "first")
    )
    found = objective(third, "balance")
    assert [one.selected_count for one in found.balance.classes] == [0, 10, 0]
    assert found.met is False
    assert "the datapool holds more of others than their share" in found.finding


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_the_certificate_holds(metric):
    """An independent check: the witnesses are so far apart, and the best selection obeys."""
    for maker in (SPACES["gaussian"], SPACES["far_outliers"], SPACES["float64_offset"]):
        vectors = maker()
        selection = farthest_first(Embeddings(vectors, metric, "test"), Request(30))
        proof = certificate(selection, metric, vectors.shape[1])
        share = {"euclidean": 2, "cosine": 4}[metric]
        assert verified(vectors, selection.picks, metric) >= proof.at_least * share
        assert proof.radius <= share * proof.at_least * (1 + 1e-9)
        assert proof.witnesses == 31


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("pool", [0, 2])
def test_no_selection_beats_the_certificate(metric, pool):
    """Of all selections of 3 among 14 items none has a radius below the bound."""
    for seed in range(6):
        rng = np.random.default_rng(seed)
        vectors, chosen = rng.normal(size=(14, 2)) + 3, rng.normal(size=(pool, 2)) + 3
        request = Request(3, datapool=chosen if pool else None)
        selection = farthest_first(Embeddings(vectors, metric, "test"), request)
        proof = certificate(selection, metric, 2)
        best = min(
            textbook_distances(vectors, np.concatenate([vectors[list(rows)], chosen]), metric)
            .min(axis=1)
            .max()
            for rows in itertools.combinations(range(14), 3)
        )
        assert 0 < proof.at_least <= best <= proof.radius * (1 + 1e-12)


def verified(vectors, picks, metric):
    """Smallest distance between any two of the picks and the input that is covered worst."""
    covered = textbook_distances(vectors, vectors[picks], metric).min(axis=1)
    points = vectors[[*picks, int(covered.argmax())]]
    pairs = textbook_distances(points, points, metric)
    return pairs[np.triu_indices(len(points), 1)].min()


def test_the_certificate_is_for_diversity_alone(table):
    """Only for what it was proved of is a certificate in the report."""
    proved = objective(run(table, "diversity"), "diversity").certificate
    assert proved.at_least == pytest.approx(proved.radius / 2, rel=1e-9)
    assert objective(run(table, "diversity", "weights:score"), "diversity").certificate is None
    assert objective(run(table, "random"), "random").certificate is None
