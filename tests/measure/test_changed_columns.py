"""How far a selection moves the shares of metadata columns, against counting by hand."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from curate.core import Dataset
from curate.measure.columns import coded_column, measure_columns

N = 300


def dataset(**columns):
    table = pa.table(columns)
    ids = [str(row) for row in range(N)]
    return Dataset("vectors", ids, np.zeros((N, 2)), table, "made", label_column="kind")


def made():
    rng = np.random.default_rng(2)
    return {
        "id": [f"name {row}" for row in range(N)],
        "kind": rng.choice(["cat", "dog", "owl"], N, p=[0.7, 0.2, 0.1]).tolist(),
        "town": rng.choice(["a", "b"], N).tolist(),
        "size": [str(value) for value in rng.gamma(2, 1, N)],
        "night": [row < 60 for row in range(N)],
        "one": ["same"] * N,
        "boxes": [["a"]] * N,
    }


def test_shares_variation_and_entropy_are_counted():
    """Shares, total variation and entropy of a column are those of its counts."""
    columns = made()
    rng = np.random.default_rng(3)
    picks, draws = np.arange(40), [rng.permutation(N)[:40] for _ in range(20)]
    label, *others = measure_columns(dataset(**columns), picks, draws)
    assert label.is_label
    assert label.name == "kind"
    kinds = np.array(columns["kind"])

    def shares(rows):
        return np.array([(kinds[rows] == one.name).mean() for one in label.classes])

    whole, own = shares(np.arange(N)), shares(picks)
    assert [one.name for one in label.classes] == ["cat", "dog", "owl"]
    assert [one.input_share for one in label.classes] == pytest.approx(whole)
    assert [one.selected_share for one in label.classes] == pytest.approx(own)
    assert label.variation.selected == pytest.approx(np.abs(own - whole).sum() / 2)
    drawn = [np.abs(shares(rows) - whole).sum() / 2 for rows in draws]
    assert label.variation.random == pytest.approx(np.mean(drawn))
    assert label.variation.interval == pytest.approx(np.quantile(drawn, [0.025, 0.975]))
    assert label.entropy.selected == pytest.approx(stats.entropy(own, base=3))
    assert label.input_entropy == pytest.approx(stats.entropy(whole, base=3))
    assert others[0].name == "night"  # 40 of 40 instead of 60 of 300
    assert others[0].variation.selected == pytest.approx(0.8)
    assert {one.name for one in others} == {"night", "town", "size"}


def test_numbers_are_counted_between_quantiles_of_the_input():
    """Ten bins hold a tenth of the input each, whatever the column is written as."""
    columns = made()
    codes, names, binned = coded_column(pa.chunked_array([columns["size"]]), "size")
    assert binned
    assert len(names) == 10
    assert set(np.bincount(codes)) == {30}
    order = np.argsort([float(value) for value in columns["size"]])
    assert (np.diff(codes[order]) >= 0).all()


def test_what_has_no_value_is_a_class_of_its_own():
    """Null, empty text and NaN are counted together as (none)."""
    codes, names, binned = coded_column(pa.chunked_array([["b", None, "", "a"] * 2]), "x")
    assert (codes.tolist(), names, binned) == ([1, 2, 2, 0] * 2, ["a", "b", "(none)"], False)
    values = [float(value) for value in range(30)] + [None, float("nan")]
    codes, names, binned = coded_column(pa.chunked_array([values]), "x")
    assert binned
    assert names[-1] == "(none)"
    assert (codes[-2:] == len(names) - 1).all()


def test_few_numbers_have_few_bins():
    """Of 20 different numbers there are 4 bins of 5, not 20 classes of one."""
    codes, names, binned = coded_column(pa.chunked_array([[0.5 * x for x in range(20)]]), "x")
    assert binned
    assert len(names) == 4
    assert np.bincount(codes).tolist() == [5] * 4


NAMES = [f"name {row}" for row in range(9)]


@pytest.mark.parametrize(
    "values", [["a"] * 9, [["a"]] * 9, [None] * 9, [b"x", b"y"] * 4, NAMES, list(range(9))]
)
def test_what_has_no_classes_is_passed_over(values):
    """Columns of one value, nested ones, bytes, names and too few numbers are not counted."""
    assert coded_column(pa.chunked_array([values]), "x") is None


def test_the_label_is_measured_behind_many_columns():
    """The limit of columns never leaves the label out."""
    many = {f"c{place}": ["x", "y"] * (N // 2) for place in range(60)}
    columns = {**many, "kind": made()["kind"]}
    label, *_ = measure_columns(dataset(**columns), np.arange(40), [np.arange(40, 80)])
    assert (label.name, label.is_label) == ("kind", True)
