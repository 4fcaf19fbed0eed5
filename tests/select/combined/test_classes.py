"""Classes of items, and how many of each a selection should hold."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.select.combined.classes import classes_of, quotas, targets

SETTINGS = {"max_examples": 60, "deadline": None}


def counted(values, kind=None):
    """Each class with its number of items."""
    classes = classes_of(pa.chunked_array([pa.array(values, kind)]), "c")
    return dict(zip(classes.names, classes.totals().tolist(), strict=True))


def test_every_kind_of_column_is_counted():
    """Text, numbers, booleans, lists, maps, structs and JSON in text give classes."""
    assert counted(["b", "a", None, "", "b"]) == {"a": 1, "b": 2, "(none)": 2}
    assert counted([3, 1, 3, None]) == {"1": 1, "3": 2, "(none)": 1}
    assert counted([1.0, 2.5]) == {"1": 1, "2.5": 1}
    assert counted([True, False, True]) == {"false": 1, "true": 2}
    assert counted([["bus", "bus", "car"], [], None, ["car"]]) == {
        "bus": pytest.approx(2 / 3),
        "car": pytest.approx(4 / 3),
        "(none)": 2,
    }
    assert counted([{"a": 0.6, "b": 0.2}, {"b": 1.0}, None]) == {
        "a": pytest.approx(0.75),
        "b": pytest.approx(1.25),
        "(none)": 1,
    }
    maps = pa.map_(pa.string(), pa.float64())
    assert counted([[("a", 3.0), ("b", 1.0)], []], maps) == {"a": 0.75, "b": 0.25, "(none)": 1}
    assert counted(['["x","y"]', '{"x": 2}', ""]) == {"x": 1.5, "y": 0.5, "(none)": 1}
    assert counted(["[odd name", "{other"]) == {"[odd name": 1, "{other": 1}


def test_targets_are_what_they_are_called():
    """uniform leaves items of no class out, input keeps them, shares leave the rest to others."""
    classes = classes_of(pa.chunked_array([["a", "a", "b", "c", None, "a"]]), "c")
    assert targets(classes, "uniform", "c")[1].tolist() == [1 / 3, 1 / 3, 1 / 3, 0]
    assert targets(classes, "input", "c")[1].tolist() == [0.5, 1 / 6, 1 / 6, 1 / 6]
    counted_for, shares = targets(classes, {"b": 0.25, "a": 0.5}, "c")
    assert counted_for.names == ("b", "a", "(all others)")
    assert shares.tolist() == [0.25, 0.5, 0.25]
    assert counted_for.totals().tolist() == [1, 3, 2]


@settings(**SETTINGS)
@given(st.data())
def test_quotas_are_within_one_item_of_every_feasible_target(data):
    """Whole quotas sum to k, are never more than there is, and are within one of the shares."""
    size = data.draw(st.integers(1, 8))
    parts = np.array(data.draw(st.lists(st.integers(0, 9), min_size=size, max_size=size)))
    if not parts.sum():
        parts[0] = 1
    shares = parts / parts.sum()
    k = data.draw(st.integers(1, 60))
    spare = np.array(data.draw(st.lists(st.integers(0, 5), min_size=size, max_size=size)))
    most = np.ceil(shares * k) + spare
    found = quotas(shares, k, np.zeros(size), most, whole=True)
    assert found.sum() == k
    assert (found <= most).all()
    assert (np.abs(found - shares * k) < 1).all()


@settings(**SETTINGS)
@given(st.data())
def test_what_cannot_be_had_goes_to_the_others_in_proportion(data):
    """Quotas keep to what there is and what is there already; the free ones share alike."""
    size = data.draw(st.integers(1, 6))
    numbers = st.lists(st.integers(1, 9), min_size=size, max_size=size)
    shares = np.array(data.draw(numbers), dtype=float)
    shares /= shares.sum()
    has = np.array(data.draw(numbers), dtype=float)
    most = has + np.array(data.draw(numbers), dtype=float)
    total = float(data.draw(st.integers(int(has.sum()), int(most.sum()))))
    found = quotas(shares, total, has, most, whole=False)
    assert found.sum() == pytest.approx(total)
    assert ((found >= has - 1e-9) & (found <= most + 1e-9)).all()
    free = (found > has + 1e-6) & (found < most - 1e-6)
    levels = found / shares
    if free.any():
        level = levels[free][0]
        assert levels[free] == pytest.approx(level)
        assert (levels[found >= most - 1e-6] <= level + 1e-6).all()
        assert (levels[found <= has + 1e-6] >= level - 1e-6).all()
