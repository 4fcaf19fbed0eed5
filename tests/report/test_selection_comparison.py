"""`curate compare-selections`: the numbers of each report, side by side and in words."""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from drawn import plain
from jsonschema import Draft202012Validator
from pypdf import PdfReader
from scipy.stats import entropy
from typer.testing import CliRunner

import curate
from curate.cli.main import app
from curate.errors import RequestError
from curate.report.build.comparison import MOST, compare_reports
from curate.report.pages import selection_comparison
from curate.report.pages.pdf import render_comparison
from curate.report.render.numbers import number
from curate.report.render.template import Template
from curate.schema.selection_comparison import Comparison
from tree import ROOT


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    """The same 200 labelled items selected in three ways, and others that are not comparable."""
    folder = tmp_path_factory.mktemp("runs")
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(200, 5))
    labels = rng.choice(["day", "night", "rain"], p=[0.7, 0.2, 0.1], size=200).tolist()
    for name, settings in {
        "diverse": {"n": 20},
        "drawn/20": {"n": 20, "strategy": "random"},
        "more": {"n": 50},
        "cosine": {"n": 20, "metric": "cosine"},
    }.items():
        curate.select(vectors, labels=labels, out=folder / name, **settings)
    curate.select(vectors + 1, n=20, out=folder / "other")
    return folder


def some(runs: Path, *names: str) -> Comparison:
    return compare_reports([runs / name for name in names])


def test_every_number_is_that_of_the_report(runs):
    """Statistics, random draws, intervals and counts are taken from each report as they are."""
    found = some(runs, "diverse", "drawn/20", "more")
    assert [one.name for one in found.selections] == ["diverse", "20", "more"]
    for name, one in zip(("diverse", "drawn/20", "more"), found.selections, strict=True):
        report = curate.load_report(runs / name)
        assert (one.selected, one.strategy) == (report.counts.selected, report.selection.strategy)
        for key, part in (("diversity", report.diversity), ("coverage", report.coverage)):
            assert one.statistics[f"{key}_mean"].value == part.selected.mean
            assert one.statistics[f"{key}_mean"].random == part.random.mean
            assert one.statistics[f"{key}_mean"].interval == part.random.interval["mean"]
        assert one.statistics["coverage_q95"].value == report.coverage.selected.quantiles["95"]
        assert one.statistics["coverage_max"].value == report.coverage.radius
        labels = [item.label for item in report.selection.items]
        shares = np.unique(labels, return_counts=True)[1]
        assert one.labels.balance == pytest.approx(entropy(shares) / np.log(3), rel=1e-12)
        assert sum(one.labels.counts.values()) == one.selected
    assert found.labels.items == found.input == 200


def test_balance_is_that_of_the_report_over_all_items(tmp_path):
    """Missing labels are a class, and the map's sample and the first 10,000 picks play no part."""
    rng = np.random.default_rng(8)
    vectors = rng.normal(size=(400, 3))
    labels = rng.choice(["day", "night", None], p=[0.6, 0.2, 0.2], size=400).tolist()
    for name, strategy in (("one", "diversity"), ("two", "random")):
        curate.select(
            vectors, labels=labels, n=60, strategy=strategy, map_points=100, out=tmp_path / name
        )
    found = compare_reports([tmp_path / "one", tmp_path / "two"])

    def expected(labels):
        counts = Counter("(none)" if label is None else label for label in labels)
        return dict(counts), entropy(list(counts.values())) / np.log(3)

    counts, even = expected(labels)
    assert (found.labels.counts, found.labels.items) == (counts, 400)
    assert found.labels.balance == pytest.approx(even, rel=1e-12)
    for name, one in zip(("one", "two"), found.selections, strict=True):
        report = curate.load_report(tmp_path / name)
        counts, even = expected([item.label for item in report.selection.items])
        assert (one.labels.counts, one.labels.items) == (counts, 60)
        assert one.labels.balance == pytest.approx(even, rel=1e-12)
        label = next(column for column in report.columns if column.is_label)
        assert one.labels.balance == label.entropy.selected
        assert found.labels.balance == label.input_entropy


def test_labels_that_are_not_counted_are_listed_without_a_balance(tmp_path):
    """A single label has no balance, but the comparison still says how many items have it."""
    vectors = np.random.default_rng(8).normal(size=(50, 3))
    for name in ("one", "two"):
        curate.select(vectors, labels=["day"] * 50, n=5, out=tmp_path / name)
    found = compare_reports([tmp_path / "one", tmp_path / "two"])
    assert (found.labels.counts, found.labels.balance) == ({"day": 50}, None)
    assert (found.selections[0].labels.counts, found.selections[0].labels.items) == ({"day": 5}, 5)


def test_the_finding_names_the_best(runs):
    """The title says who has the largest mean diversity and the smallest mean coverage."""
    found = some(runs, "diverse", "drawn/20", "more")
    diverse = max(found.selections, key=lambda one: one.statistics["diversity_mean"].value)
    covers = min(found.selections, key=lambda one: one.statistics["coverage_mean"].value)
    told = selection_comparison.title(found)
    assert f"{diverse.name} is the most diverse" in told
    assert number(diverse.statistics["diversity_mean"].value) in told
    assert f"{covers.name} covers the input best" in told
    assert "20 to 50 items" in selection_comparison.sizes_differ(found)
    assert selection_comparison.sizes_differ(some(runs, "diverse", "drawn/20")) == ""


def test_one_page_holds_the_figure_and_every_number(runs, template: Template):
    """The PDF is one page with the finding, all cells of the table and the commands."""
    found = some(runs, "diverse", "drawn/20", "more")
    for size in ("A4", "Letter"):
        pdf = render_comparison(found, template.model_copy(update={"page_size": size}))
        assert pdf == render_comparison(found, template.model_copy(update={"page_size": size}))
        reader = PdfReader(io.BytesIO(pdf))
        assert len(reader.pages) == 1
        page = plain(reader.pages[0].extract_text())
        assert page.startswith(plain(selection_comparison.title(found)))
        for row in selection_comparison.rows(found):
            for cell in row:
                assert plain(cell) in page
        for one in found.selections:
            assert one.command in page


def test_many_selections_with_long_names_can_be_drawn(runs, template: Template):
    """As many as are allowed, with names wider than their column, make a page that is whole."""
    one, other = some(runs, "diverse", "more").selections
    many = [
        part.model_copy(update={"name": f"{'a long name of a run ' * 4}{place}"})
        for place, part in enumerate([one, other] * (MOST // 2))
    ]
    found = some(runs, "diverse", "more").model_copy(update={"selections": many})
    reader = PdfReader(io.BytesIO(render_comparison(found, template)))
    assert "a long name" in reader.pages[0].extract_text()


def test_without_labels_and_without_a_rival_there_is_less_to_show(tmp_path, template: Template):
    """Selections of everything have no random draws and no balance: neither is drawn."""
    for name in ("a", "b"):
        curate.select(np.eye(4), n=4, out=tmp_path / name)
    found = compare_reports([tmp_path / "a", tmp_path / "b"])
    assert [statistic.key for statistic in selection_comparison.known_statistics(found)] == [
        "diversity_mean",
        "diversity_min",
    ]
    assert "same mean diversity" in selection_comparison.title(found)
    assert render_comparison(found, template).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["diverse"], "got 1 run"),
        (["diverse", "diverse/report.json"], "2 times"),
        (["diverse", "other"], "different data"),
        (["diverse", "cosine"], "cosine distance"),
    ],
)
def test_what_cannot_be_compared_is_refused(names, says, runs):
    """One line says which two differ in what."""
    with pytest.raises(RequestError, match=says):
        some(runs, *names)


def test_the_command_writes_both_files_and_prints_the_table(runs, tmp_path):
    """compare.json is valid by the published schema; table or JSON goes to stdout."""
    places = [str(runs / name) for name in ("diverse", "more")]
    done = CliRunner().invoke(app, ["compare-selections", *places, "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    held = json.loads((tmp_path / "compare.json").read_text())
    schema = json.loads((ROOT / "reports" / "report.schema.json").read_text())
    own = {**schema["$defs"]["Comparison"], "$defs": schema["$defs"]}
    Draft202012Validator(own).validate(held)
    found = Comparison.model_validate(held)
    lines = [" ".join(line.split()) for line in done.output.splitlines()]
    assert selection_comparison.title(found) in lines
    for row in selection_comparison.rows(found):
        assert " ".join(" ".join(row).split()) in lines
    assert (tmp_path / "compare.pdf").read_bytes().startswith(b"%PDF")
    done = CliRunner().invoke(
        app, ["compare-selections", *places, "--out", str(tmp_path), "--json"]
    )
    assert json.loads(done.output) == held
