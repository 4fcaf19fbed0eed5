"""`curate select --space`: the numbers of `curate evaluate` in the report of a selection."""

from __future__ import annotations

import json

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from pypdf import PdfReader

import curate
from curate.report.build.load import load_report
from tree import ROOT


@pytest.fixture(scope="module")
def cloud():
    """(180, 8) vectors in five classes of different sizes, one of them a single item."""
    rng = np.random.default_rng(3)
    codes = np.repeat(np.arange(5), [80, 50, 34, 15, 1])
    vectors = rng.normal(size=(180, 8)) + 1.5 * rng.normal(size=(5, 8))[codes]
    return vectors, [f"class {code}" for code in codes]


def pages(folder):
    sheets = PdfReader(folder / "report.pdf").pages
    return [" ".join(page.extract_text().split()) for page in sheets]


def test_the_numbers_are_those_of_evaluate(cloud, tmp_path):
    """The same data and seed give what `curate evaluate` gives, in report.json and on one page."""
    vectors, labels = cloud
    result = curate.select(vectors, n=9, labels=labels, space=True, seed=4, out=tmp_path)
    part = result.report.space
    whole = curate.evaluate(vectors, labels=labels, seed=4).report
    assert part.measured.model_dump(exclude={"space"}) == whole.spaces[0].model_dump(
        exclude={"space"}
    )
    assert (part.items, part.labelled, part.classes) == (180, 180, 5)
    told = json.loads((tmp_path / "report.json").read_text())
    published = json.loads((ROOT / "reports" / "report.schema.json").read_text())
    Draft202012Validator(published).validate(told)
    assert load_report(tmp_path) == result.report.model_copy(
        update={"timings": load_report(tmp_path).timings}
    )
    share = f"{100 * part.measured.retrieval.means['recall@1']:.3g}%"
    texts = [page for page in pages(tmp_path) if page.startswith("The nearest neighbour has")]
    assert len(texts) == 1
    assert share in texts[0]
    assert "class 3" in texts[0]
    assert not any("could not be drawn" in page for page in pages(tmp_path))


def test_chance_is_that_of_shuffled_neighbours(cloud):
    """`recall_by_chance` is the mean share of an item's class among the other items, by hand."""
    vectors, labels = cloud
    part = curate.select(vectors, n=3, labels=labels, space=True).report.space
    shares = [
        (labels.count(own) - 1) / (len(labels) - 1) for own in labels if labels.count(own) > 1
    ]
    assert part.recall_by_chance == pytest.approx(np.mean(shares), abs=1e-12)


def test_nothing_is_measured_unless_asked(cloud):
    """Without the setting the part is null and there is no page."""
    vectors, labels = cloud
    result = curate.select(vectors, n=5, labels=labels)
    assert result.report.space is None
    assert "space" not in result.report.timings.stages


def test_a_space_without_labels_has_its_shape(cloud, tmp_path):
    """Without labels the page tells of dimensions, and why the rest is missing."""
    vectors, _ = cloud
    part = curate.select(vectors, n=5, space=True, out=tmp_path).report.space
    assert part.labels is part.recall_by_chance is part.measured.retrieval is None
    texts = [page for page in pages(tmp_path) if page.startswith("The space spreads 180 items")]
    assert len(texts) == 1
    assert "there are no labels" in texts[0]


@pytest.mark.parametrize("labels", [["a"], None])
def test_a_single_item_has_no_space_page(labels):
    """One item has no neighbour: the part is null, and the selection is made all the same."""
    result = curate.select(np.ones((1, 3)), n=1, labels=labels, space=True)
    assert result.report.space is None
    assert len(result.ids) == 1


def test_odd_labels_make_a_page(tmp_path):
    """One class only, and every item a class of its own, are drawn with their reasons."""
    vectors = np.random.default_rng(1).normal(size=(40, 4))
    for name, labels in (("one", ["a"] * 40), ("own", [str(row) for row in range(40)])):
        curate.select(vectors, n=5, labels=labels, space=True, out=tmp_path / name)
        text = " ".join(pages(tmp_path / name))
        assert "could not be drawn" not in text
        assert "class" in text
