"""Every number of a table, and every histogram, traced to report.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from factory import make_report
from pydantic import BaseModel

import curate
from curate.report.pages.pdf import render
from curate.report.pages.selection import likeness
from curate.report.render import tables
from curate.report.render.numbers import count, number, ratio
from curate.report.render.template import Template
from curate.report.words.scores import scores
from curate.schema.measures import Distribution, RandomBaseline
from curate.schema.report import Report

NUMBER = re.compile(r"-?\d[\d,]*(\.\d+)?(e-?\d+)?")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A real run, read back: labels, a datapool, duplicates, more than one strategy."""
    folder = tmp_path_factory.mktemp("traced")
    points = np.random.default_rng(5).normal(size=(400, 4)).astype(np.float32)
    points[390:] = points[:10]
    np.save(folder / "pool.npy", points[50:60] + 0.01)
    curate.select(
        points,
        n=30,
        labels=[f"class {row % 7}" for row in range(400)],
        datapool=str(folder / "pool.npy"),
        strategy=["diversity", "balance:label=uniform"],
        queries=300,
        out=folder / "out",
    )
    return curate.load_report(folder / "out")


def leaves(value: Any) -> Iterator[float]:
    """Every number in parsed JSON, and how long each list is."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield value
    if isinstance(value, dict):
        value = list(value.values())
    elif isinstance(value, list):
        yield len(value)
    for one in value if isinstance(value, list) else ():
        yield from leaves(one)


@pytest.mark.parametrize("made_up", [False, True])
def test_every_number_in_a_table_stands_in_report_json(
    made_up: bool, run: Report, template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To its printed digits; ratios, which are divided when drawn, are of what stands there."""
    report = make_report(n=300, k=30, datapool=40, set_aside=5, duplicates=4) if made_up else run
    printed: list[str] = []

    def noted(cells: list[list[Any]], **settings: Any) -> Any:
        printed.extend(cell.strip() for row in cells for cell in row if isinstance(cell, str))
        return whole(cells, **settings)

    whole = tables.Table
    monkeypatch.setattr(tables, "Table", noted)
    render(report, {}, template)
    stored = list(leaves(json.loads(report.model_dump_json())))
    known = {number(value) for value in stored}
    known |= {count(value) for value in stored if float(value).is_integer()}
    known |= {number(one.ratio) for one in [*scores(report), *likeness.likeness_scores(report)]}
    curve = report.budget.radius
    known |= {number(ratio(one, curve[-1])) for one in curve}
    numbers = [cell for cell in printed if NUMBER.fullmatch(cell)]
    assert len(numbers) > 150
    assert [cell for cell in numbers if cell not in known] == []


def distributions(part: Any, name: str = "") -> Iterator[tuple[str, Distribution]]:
    """Every distribution in a report, with the name of the field that holds it."""
    if isinstance(part, Distribution):
        yield name, part
    elif isinstance(part, BaseModel):
        for field in type(part).model_fields:
            yield from distributions(getattr(part, field), f"{name}.{field}")
    elif isinstance(part, list):
        for one in part:
            yield from distributions(one, name)


def test_histograms_count_the_items_they_claim(run: Report) -> None:
    """Counts sum to the number of items measured, bins ascend and hold every value."""
    found = list(distributions(run))
    assert {name for name, _ in found} >= {
        f".{measure}.{set_}"
        for measure in ("diversity", "coverage")
        for set_ in ("selected", "random", "datapool", "union", "random_union")
    }
    for name, one in found:
        edges, counts = one.histogram.edges, one.histogram.counts
        assert len(edges) == len(counts) + 1
        assert edges == sorted(edges)
        assert sum(counts) == pytest.approx(one.n_queries, rel=1e-9), name
        assert edges[0] <= one.min * (1 + 1e-9), name
        assert one.max <= edges[-1] * (1 + 1e-9), name
        if isinstance(one, RandomBaseline):
            low, high = (np.asarray(side) for side in one.band)
            assert (low <= high).all()
            assert low.sum() <= one.n_queries <= high.sum() + 1e-9, name


def test_the_curve_of_the_budget_ends_in_the_radius(run: Report) -> None:
    """The radius of all picks is that of the coverage, and no pick makes it larger."""
    assert run.budget.n[-1] == run.counts.selected
    assert run.budget.radius[-1] == pytest.approx(run.coverage.radius)
    assert run.budget.radius == sorted(run.budget.radius, reverse=True)
