"""Evaluation, comparison and drift from Python: the numbers of the reports, and their pages."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from pypdf import PdfReader

import curate
from curate.errors import DataError, RequestError
from curate.measure.spaces.retrieval import retrieval
from curate.report.build.load import load_space_report
from curate.report.pages.pdf import render_spaces
from curate.report.render.template import load_template
from tree import ROOT


@pytest.fixture(scope="module")
def cloud():
    """(300, 12) vectors in six classes, and their labels."""
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 6, size=300)
    vectors = rng.normal(size=(300, 12)) + 1.2 * rng.normal(size=(6, 12))[codes]
    return vectors, [f"class {code}" for code in codes]


@pytest.fixture(scope="module")
def evaluation(cloud):
    vectors, labels = cloud
    noise = np.random.default_rng(6).normal(size=(300, 5))
    return curate.evaluate({"good": vectors, "noise": noise}, labels=labels)


@pytest.fixture(scope="module")
def comparison(cloud):
    vectors, labels = cloud
    rng = np.random.default_rng(7)
    turned = vectors @ np.linalg.qr(rng.normal(size=(12, 12)))[0]
    return curate.compare(
        {"space": vectors, "turned": turned, "other": rng.normal(size=(300, 8))}, labels=labels
    )


@pytest.fixture(scope="module")
def drift():
    rng = np.random.default_rng(8)
    old = rng.normal(size=(400, 6))
    new = np.concatenate([rng.normal(size=(150, 6)), 9 + 0.2 * rng.normal(size=(50, 6))])
    return curate.drift(old, new, n=10)


def words_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def same_schema(result):
    published = json.loads((ROOT / "reports" / "report.schema.json").read_text())
    kind = {"$ref": f"#/$defs/{type(result.report).__name__}", "$defs": published["$defs"]}
    Draft202012Validator(kind).validate(json.loads(result.report.model_dump_json()))


def test_evaluation_has_the_numbers_of_the_measures(cloud, evaluation):
    """Recall@1 of the report is that of the measure, on the same points and labels."""
    vectors, labels = cloud
    codes = np.unique(labels, return_inverse=True)[1]
    found = retrieval(vectors, codes, 10_000, np.random.SeedSequence(0))
    good, noise = evaluation.report.spaces
    for name, values in found.scores.items():
        assert good.retrieval.means[name] == pytest.approx(values.mean(), abs=1e-12)
    assert good.pairs.jsd > 10 * max(good.pairs.floor)
    assert noise.pairs.auc == pytest.approx(0.5, abs=0.05)
    assert good.undefined == noise.undefined == {}
    same_schema(evaluation)


def test_evaluation_of_several_marks_the_best_with_intervals(evaluation):
    """Each metric has its best space, and the difference an interval above 0 here."""
    report = evaluation.report
    assert set(report.best.values()) == {"good"}
    assert {one.metric for one in report.differences} >= {"recall@1", "map@r"}
    for one in report.differences:
        assert (one.best, one.other) == ("good", "noise")
        assert one.low <= one.mean <= one.high
        assert one.mean == pytest.approx(
            report.spaces[0].retrieval.means[one.metric]
            - report.spaces[1].retrieval.means[one.metric]
        )
    assert next(one for one in report.differences if one.metric == "recall@1").low > 0


def test_classes_are_listed_worst_first(evaluation):
    """Recall@1 of the classes rises, their items add up, and mixed pairs are real classes."""
    one = evaluation.report.spaces[0]
    recalls = [row.recall_at_1 for row in one.classes]
    assert recalls == sorted(recalls)
    assert sum(row.items for row in one.classes) == 300
    assert {pair.first for pair in one.mixed} <= {row.label for row in one.classes}


def test_evaluation_without_labels(rng):
    """Without labels there is what needs none, and the rest is null with a reason."""
    one = curate.evaluate(rng.normal(size=(60, 4))).report.spaces[0]
    assert one.retrieval is one.pairs is one.density is None
    assert one.undefined["retrieval"] == "there are no labels"
    assert 1 < one.spectrum.effective_rank <= 4
    assert one.uniformity.value < 0


def test_degenerate_spaces_are_reported(rng):
    """One class, singletons, equal points and a zero vector are null with reasons, not 0."""
    points = rng.normal(size=(12, 3))
    one = curate.evaluate(points, labels=["a"] * 12)
    assert one.report.spaces[0].pairs is None
    assert one.report.spaces[0].undefined["pairs"] == "there is one class only"
    alone = curate.evaluate(points, labels=list(range(12)))
    assert alone.report.spaces[0].undefined["retrieval"] == "no class has two items"
    equal = curate.evaluate(np.ones((12, 3)), labels=["a", "b"] * 6)
    assert equal.report.spaces[0].clusters is None
    assert equal.report.spaces[0].retrieval.means["recall@1"] == pytest.approx(5 / 11)
    points[0] = 0
    zero = curate.evaluate(points, labels=["a", "b"] * 6)
    assert zero.report.spaces[0].undefined["uniformity"].startswith("1 vectors are zero")
    for result in (one, alone, equal, zero):
        same_schema(result)
        assert "could not be drawn" not in words_of(
            render_spaces(result.report, load_template(None))
        )


def test_comparison_of_turned_and_of_unrelated_spaces(comparison):
    """A turned space agrees 1.0 and has CKA 1; an unrelated one agrees by chance."""
    turned, other, _ = comparison.report.pairs
    assert (turned.first, turned.second) == ("space", "turned")
    assert {one.overlap for one in turned.agreement} == {1}
    assert turned.cka == pytest.approx(1)
    at = next(one for one in other.agreement if one.k == 10)
    assert at.overlap == pytest.approx(10 / 299, abs=0.01)
    assert at.iou == pytest.approx(at.chance_iou, abs=0.006)
    assert abs(other.cka) < 0.05
    same_schema(comparison)


def test_changed_items_come_with_both_neighbourhoods(comparison):
    """Marked neighbours are those of both lists, and as many as are said to be common."""
    for one in comparison.report.pairs[1].changed:
        both = {near.id for near in one.first} & {near.id for near in one.second}
        assert {near.id for near in one.first if near.common} == both
        assert len(both) == one.common
        assert one.id not in {near.id for near in one.first + one.second}
        assert [near.distance for near in one.first] == sorted(near.distance for near in one.first)


def test_drift_finds_what_is_new(drift):
    """Fifty items of a far group are called far, beside 1% of the usual; picks go there first."""
    report = drift.report
    assert 0.25 <= report.arrived.fraction < 0.3
    assert report.gone.fraction < 0.06
    assert report.energy.distance > report.energy.permuted_high
    assert report.energy.as_large == 0
    assert len(report.cover) == 10
    assert min(int(one.id) for one in report.cover[:1]) >= 150
    assert report.cover[0].distance == pytest.approx(report.arrived.worst[0].distance)
    assert sum(share.old for share in report.shares) == pytest.approx(1)
    same_schema(drift)


def test_no_drift_is_said_to_be_none(rng):
    """Two halves of one source: the title says that there is no drift for certain."""
    vectors = rng.normal(size=(400, 5))
    result = curate.drift(vectors[:200], vectors[200:])
    assert result.report.energy.as_large > 10
    assert result.report.cover == []
    words = words_of(render_spaces(result.report, load_template(None)))
    assert "No drift for certain" in " ".join(words.split())


@pytest.mark.parametrize(
    ("kind", "finding"),
    [
        ("evaluation", "good has the highest Recall@1"),
        ("comparison", "of 10 nearest neighbours (chance: 0.334)"),
        ("drift", "The data have drifted"),
    ],
)
def test_pages_state_their_findings(kind, finding, request, tmp_path):
    """Each report is saved, has its finding on page one, is the same twice, and reads back."""
    result = request.getfixturevalue(kind)
    path = result.save(tmp_path / "one")
    pdf = (path.parent / "report.pdf").read_bytes()
    first = " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())
    assert finding in first
    assert "could not be drawn" not in words_of(pdf)
    assert load_space_report(path) == result.report
    assert render_spaces(load_space_report(path), load_template(None)) == pdf
    for name in result.files:
        assert (path.parent / name).stat().st_size > 0


def test_two_runs_are_the_same(cloud):
    """Reports are equal but for what is volatile, whatever the threads."""
    vectors, labels = cloud
    one, two = (
        json.loads(curate.evaluate(vectors, labels=labels, threads=n).report.model_dump_json())
        for n in (1, 3)
    )
    for report in (one, two):
        for volatile in ("created", "host", "seconds"):
            del report["made"][volatile]
    assert one == two


def test_bad_requests_say_what_to_do(rng):
    """One space, other dimensions, too many picks and unknown settings are refused."""
    a, b = rng.normal(size=(20, 3)), rng.normal(size=(20, 4))
    with pytest.raises(RequestError, match="two spaces or more"):
        curate.compare(a)
    with pytest.raises(DataError, match="3 dimensions"):
        curate.drift(a, b)
    with pytest.raises(RequestError, match="between 0 and 20"):
        curate.drift(a, a, n=21)
    with pytest.raises(RequestError, match="did you mean 'metric'"):
        curate.evaluate(a, metrik="cosine")
    with pytest.raises(DataError, match="19 labels, array has 20 items"):
        curate.evaluate(a, labels=["x"] * 19)
