"""The page on strategies: its bars, curves and sentences are the numbers of report.json."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from drawn import Drawn, beyond_margins
from reportlab.lib.units import mm

import curate
from curate.report.pages.figures.class_bars import ClassShares, gathered
from curate.report.pages.pdf import render
from curate.report.render.numbers import count, interval, number
from curate.report.render.template import Template
from curate.report.words import objectives
from curate.schema.report import Report

LONG = "a name of a class that is much wider than any column for it could be, number"
Select = Callable[..., Drawn]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 vectors with a skewed class, sixty classes, long names and a score."""
    rng = np.random.default_rng(11)
    path = tmp_path_factory.mktemp("table") / "table.csv"
    kinds = rng.choice(60, size=400, p=rng.dirichlet(np.ones(60)))
    weather = rng.choice(["day", "night", "rain"], size=400, p=[0.85, 0.13, 0.02])
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *(f"embedding_{j}" for j in range(4)), "kind", "weather", "score"])
        for row, (kind, sky) in enumerate(zip(kinds, weather, strict=True)):
            values = rng.normal(size=4).round(6)
            score = round(float(rng.exponential()), 4)
            writer.writerow([f"item {row}", *values, f"{LONG} {kind}", sky, score])
    return path


@pytest.fixture(scope="module")
def drawn(table: Path, template: Template) -> Select:
    """Selects from the table and draws the report."""

    def select(*strategies: str, page_size: str = "A4", **settings: object) -> Drawn:
        report = curate.select(
            table, id_column="id", strategy=list(strategies), map_points=100, **settings
        ).report
        return Drawn(
            report, render(report, {}, template.model_copy(update={"page_size": page_size}))
        )

    return select


@pytest.fixture(scope="module")
def many(drawn: Select) -> Drawn:
    """Two balances, of which rain cannot be met, a condition, weights and typicality."""
    return drawn(
        "diversity", "balance:weather=uniform", "weights:score,strength=0.5", "typicality",
        "threshold:score>=0.1", n=60,
    )  # fmt: skip


def the(report: Report, name: str) -> object:
    return next(one for one in report.objectives if one.name == name)


def pages_of(one: Drawn, bookmark: str = "Objectives", after: str = "Maps") -> str:
    """The text of all pages of a section."""
    return " ".join(one.pages[one.page_of(bookmark) : one.page_of(after)])


def test_bars_stand_beside_their_items_and_targets(many: Drawn) -> None:
    """Each class is there with the items selected and the items that its target means."""
    page = pages_of(many)
    balance = the(many.report, "balance").balance
    assert len(balance.classes) == 3
    for one in balance.classes:
        assert one.name in page
        assert count(round(one.selected_count)) in page
        assert number(one.target * many.report.counts.selected).removesuffix(".0") in page


def test_what_was_not_met_is_the_title(many: Drawn) -> None:
    """The title names the share that is farthest off, and what random choice gives."""
    balance = the(many.report, "balance")
    assert balance.met is False
    title = objectives.objectives_title(many.report)
    assert title.startswith("Not met: the shares of weather")
    assert number(100 * balance.balance.largest_miss) in title
    assert number(100 * balance.balance.largest_miss_random) in title
    assert title in many.page("Objectives")
    assert title in many.pages[0]  # among the contents
    assert "· not met" in pages_of(many)
    assert balance.finding in pages_of(many)


def test_values_say_selection_random_and_input(many: Drawn) -> None:
    """Means and the interval of the draws stand beside the curves, to three digits."""
    page = pages_of(many)
    for name, what in (("weights", "score"), ("typicality", "typicality")):
        values = the(many.report, name).values
        assert f"Density of {what}" in page
        assert f"Mean {what}: {number(values.selected.mean)} in the selection" in page
        assert interval(values.random.interval["mean"]) in page
        assert f"{number(values.input.mean)} in the input; high values are preferred" in page


def test_a_condition_says_how_many_it_left(many: Drawn) -> None:
    """m of n, and what picks were made among."""
    left = the(many.report, "threshold").threshold
    page = pages_of(many)
    assert f"{count(left.after)} of {count(left.before)} items could be picked" in page
    assert f"among the {count(left.after)} items that meet score>=0.1" in page


@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_sixty_long_classes_fit_the_page(drawn: Select, size: str) -> None:
    """Their figure is on the page of the title, the last classes as one, nothing outside."""
    one = drawn("diversity", "balance:kind=uniform", n=120, page_size=size)
    page = one.page("Objectives")
    assert "more classes" in page
    assert page.count("a name") >= 30
    assert one.page_of("Maps") == one.page_of("Objectives") + 1
    assert beyond_margins(one.reader, 19 * mm) == []


def test_beyond_a_datapool_the_target_is_for_both(drawn: Select) -> None:
    """Shares are those of selection and datapool together; draws without it are not shown."""
    one = drawn(
        "diversity", "balance:weather=day:0.5/night:0.5", n=20, datapool="ids:item 1|item 2|item 3"
    )
    page = one.page("Objectives")
    assert "selected ∪ datapool" in page
    assert "middle 95%" not in page
    assert "for the selection and the datapool together" in page


def test_diversity_alone_has_a_certificate_and_no_page(drawn: Select) -> None:
    """Beside the budget curve stands the radius and the bound that is proved."""
    one = drawn("diversity", n=25)
    assert "Objectives" not in [entry.title for entry in one.reader.outline]
    proved = the(one.report, "diversity").certificate
    page = one.page("How many are enough?")
    assert f"within less than {number(proved.at_least)}" in page
    assert f"this one covers it within {number(proved.radius)}" in page
    assert objectives.certificate_sentence(one.report) in page


def shares(many: int) -> list[ClassShares]:
    return [
        ClassShares(str(place), 1 / many, 0.5 / many, 2 / many, None, None, 3.0, 1.5)
        for place in range(many)
    ]


def test_gathered_classes_keep_their_sums() -> None:
    """What is counted together adds up, and few classes stay as they are."""
    assert gathered(shares(5), 500) == shares(5)
    some = gathered(shares(200), 500)
    assert len(some) < 60
    assert some[:-1] == shares(200)[: len(some) - 1]
    for field in ("target", "input", "selected", "items", "wanted"):
        total = sum(getattr(one, field) for one in shares(200))
        assert sum(getattr(one, field) for one in some) == pytest.approx(total)
    assert some[-1].name == f"{200 - len(some) + 1} more classes"
