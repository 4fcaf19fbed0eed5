"""Every number of a table, and every histogram, traced to the fields of report.json."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from factory import make_report
from pydantic import BaseModel

import curate
from curate.report.pages.pdf import render
from curate.report.pages.selection import SECTIONS
from curate.report.render import tables
from curate.report.render.numbers import count, number, percent, ratio
from curate.report.render.template import Template
from curate.report.words.evaluation import MEASURE_ROWS, measure_value
from curate.report.words.scores import statistic_value
from curate.schema.measures import Distribution, RandomBaseline, SetMeasures, VersusRandom
from curate.schema.report import Report

MADE_UP = {"n": 300, "k": 30, "datapool": 40, "set_aside": 5, "duplicates": 4}


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
        space=True,
        out=folder / "out",
    )
    return curate.load_report(folder / "out")


# Numbers in text: 1,234, −0.5, 1.2e−7, 12.3%.
NUMBER = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?(?:e[-−]?\d+)?%?")
STATISTICS = ("mean", "min", "q5", "q25", "q50", "q75", "q95", "q99", "max", "std")
Rows = dict[str, set[str]]  # first cell of a row -> the numbers that the row may print


def numbers_in(text: str) -> set[str]:
    """Every number in a text, as it is printed."""
    return {found.strip(",") for found in NUMBER.findall(text)}


def printed(*values: float | str | None) -> set[str]:
    """How the fields of a report are printed: counts whole, values to three digits."""
    texts = [
        value
        if isinstance(value, str)
        else count(value)
        if isinstance(value, int)
        else number(value)
        for value in values
        if value is not None
    ]
    return set().union(*map(numbers_in, texts))


def of_score(
    selected: float, random: float, ends: Sequence[float], draws: int, draws_better: int
) -> set[str]:
    """A score with its draws and ratio, and how many draws it beats or is beaten by."""
    values = selected, random, *ends, ratio(selected, random)
    return printed(*values, draws, draws_better, draws - draws_better)


def of_versus(value: VersusRandom, report: Report) -> set[str]:
    """A score that has no distribution of its own."""
    draws = len(report.coverage.random.draws)
    return of_score(value.selected, value.random, value.interval, draws, value.draws_better)


# Measure and statistic -> its name on the score card.
SCORES = {
    ("diversity", "mean"): "Mean diversity",
    ("diversity", "min"): "Minimum diversity",
    ("coverage", "mean"): "Mean coverage distance",
    ("coverage", "q95"): "95% coverage distance",
    ("coverage", "max"): "Maximum coverage distance",
}


def judged(report: Report, measure: str) -> tuple[Distribution, RandomBaseline]:
    """The selection and the draws; coverage is that of both with the datapool, if there is one."""
    sets = getattr(report, measure)
    if measure == "coverage" and sets.union is not None:
        return sets.union, sets.random_union
    return sets.selected, sets.random


def score_rows(report: Report) -> Rows:
    """The score card: each statistic of the selection and of the draws."""
    rows = {}
    for (measure, key), name in SCORES.items():
        selected, random = judged(report, measure)
        values = statistic_value(selected, key), statistic_value(random, key)
        better = random.draws_better[key]
        rows[name] = of_score(*values, random.interval[key], len(random.draws), better)
        if not selected.exact and key in ("min", "max"):
            rows[f"Sampled {name[0].lower()}{name[1:]}"] = rows.pop(name)
    label = next((column.entropy for column in report.columns if column.is_label), None)
    if label is not None:
        rows["Label balance"] = of_versus(label, report)
    return rows


def statistics_rows(measure: SetMeasures) -> Rows:
    """The table of statistics: each set by its name, the two rows of its draws below it."""
    rows = {}
    for field, name in {
        "input": "input",
        "selected": "selected",
        "random": "random",
        "datapool": "datapool",
        "union": "selected ∪ datapool",
        "random_union": "random ∪ datapool",
    }.items():
        distances = getattr(measure, field)
        if distances is None:
            continue
        values = [statistic_value(distances, key) for key in STATISTICS]
        rows[name] = printed(*values, distances.n_queries)
        if isinstance(distances, RandomBaseline):
            ends = [distances.interval[key] for key in STATISTICS if key in distances.interval]
            rows[f"{name}: 95% of draws from"] = printed(*(low for low, _ in ends))
            rows[f"{name}: to"] = printed(*(high for _, high in ends))
    return rows


def likeness_rows(report: Report) -> Rows:
    likeness, neighbourhoods = report.likeness, report.neighbourhoods
    return {
        name: of_versus(value, report)
        for name, value in {
            "Vendi score": likeness.vendi,
            "Energy distance to the input": likeness.energy,
            "Density": neighbourhoods.density,
            "Ball coverage": neighbourhoods.coverage,
        }.items()
    }


def ranked(*lists: Sequence[set[str]]) -> Rows:
    """Rows that begin with their place in one of the lists."""
    rows: Rows = {}
    for values in lists:
        for place, allowed in enumerate(values, 1):
            rows[count(place)] = rows.get(count(place), set()) | allowed
    return rows


def worst_rows(report: Report) -> Rows:
    return ranked([printed(item.id, item.nearest, item.distance) for item in report.coverage.worst])


def budget_rows(report: Report) -> Rows:
    budget = report.budget
    radius = dict(zip(budget.n, budget.radius, strict=True))
    rows = {}
    for prefix in budget.curve.prefixes:
        versus = [value for value in (prefix.coverage_q95, prefix.diversity_mean) if value]
        values = [end for value in versus for end in (value.selected, *value.interval)]
        share = f"{100 * prefix.n / budget.n[-1]:.0f}%"
        name = count(prefix.n) + (" (knee)" if prefix.n == budget.knee else "")
        rows[name] = printed(share, radius.get(prefix.n), *values)
    return rows


def outlier_rows(report: Report) -> Rows:
    neighbourhoods = report.neighbourhoods
    rows = ranked(
        [printed(item.id, item.rank, item.distance) for item in neighbourhoods.outliers],
        [printed(pair.one, pair.other, pair.distance) for pair in neighbourhoods.input_pairs],
        [printed(pair.one, pair.other, pair.distance) for pair in neighbourhoods.pick_pairs],
    )
    for share in neighbourhoods.outlier_shares:
        name = f"most outlying {100 * share.fraction:g}% (beyond {number(share.threshold)})"
        low, high = (100 * end for end in share.interval)
        rows[name] = printed(
            percent(share.input), percent(share.selected), low, f"{number(high)}%", share.n_picks
        )
    return rows


def pick_rows(report: Report) -> Rows:
    items = report.selection.items
    return ranked([printed(item.id, item.label, item.distance) for item in items])


def left_out_rows(report: Report) -> Rows:
    set_aside, duplicates = report.set_aside, report.duplicates
    rows = {reason: printed(many) for reason, many in set_aside.reasons.items()}
    rows |= {item.id: set() for item in set_aside.examples}
    for size, ids in zip(
        duplicates.sizes or map(len, duplicates.examples), duplicates.examples, strict=True
    ):
        rows[count(size)] = rows.get(count(size), set()) | printed(*ids)
    return rows


def space_rows(report: Report) -> Rows:
    space = report.space.measured
    rows = {
        row.title: printed(int(value) if name == "rank" else value)
        for name, row in MEASURE_ROWS.items()
        if (value := measure_value(space, name)) is not None
    }
    for part in space.classes:
        rows[part.label] = printed(part.items, part.recall_at_1)
    for pair in space.mixed:
        rows[f"{pair.first} and {pair.second}"] = printed(percent(pair.fraction))
    return rows


# Section -> the rows of its tables and the fields of the report that each of them may print.
ROWS: dict[str, Callable[[Report], Rows]] = {
    "summary": score_rows,
    "space": space_rows,
    "diversity": lambda report: statistics_rows(report.diversity),
    "coverage": lambda report: statistics_rows(report.coverage),
    "likeness": likeness_rows,
    "worst": worst_rows,
    "budget": budget_rows,
    "near": outlier_rows,
    "selection": pick_rows,
    "left_out": left_out_rows,
}
WITHOUT_TABLES = {"objectives", "maps", "labels", "made", "objects"}  # of numbers
Table = list[list[str]]
Tables = dict[str, list[Table]]


def cell_text(cell: Any) -> str:
    """The text of a cell; of several flowables, that of the first one."""
    if isinstance(cell, list):
        cell = cell[0]
    text = cell.getPlainText() if hasattr(cell, "getPlainText") else cell
    return text.strip() if isinstance(text, str) else ""


def drawn_tables(report: Report, template: Template) -> Tables:
    """The tables of numbers of each section, without their heads."""
    drawn: Tables = {}
    whole = tables.Table
    with pytest.MonkeyPatch.context() as patch:
        for section in template.sections:
            held = drawn.setdefault(section, [])

            def noted(cells: Any, held: list[Table] = held, **settings: Any) -> Any:
                if settings.get("repeatRows"):  # tables of facts are text
                    held.append([[cell_text(cell) for cell in row] for row in cells[1:]])
                return whole(cells, **settings)

            patch.setattr(tables, "Table", noted)
            render(report, {}, template.model_copy(update={"sections": [section]}))
    return drawn


def untraced(table: Table, rows: Rows) -> list[str]:
    """Numbers of a table that the fields of their row do not give; rows that nobody knows."""
    wrong = []
    name = ""
    for cells in table:
        first = cells[0]
        if first in ("95% of draws from", "to"):  # rows below those of a set
            first = f"{name.partition(':')[0]}: {first}"
        name = first
        keys = [first, *(cell for cell in cells[1:] if cell in rows and not NUMBER.fullmatch(cell))]
        known = [rows[key] for key in keys if key in rows]
        if not known:
            wrong.append(first)
        allowed = set().union(*known)
        for cell in cells[1:]:
            if cell not in keys:
                wrong += sorted(numbers_in(cell) - allowed)
    return wrong


@pytest.fixture(scope="module", params=["run", "made up"])
def traced(
    request: pytest.FixtureRequest, run: Report, template: Template
) -> tuple[Report, Tables]:
    report = run if request.param == "run" else make_report(**MADE_UP)
    return report, drawn_tables(report, template)


def test_every_number_in_a_table_is_a_field_of_its_row(traced: tuple[Report, Tables]) -> None:
    """Each row prints only the fields that it is about, to their digits, and ratios of them."""
    report, drawn = traced
    assert drawn.keys() == ROWS.keys() | WITHOUT_TABLES
    assert {name for name, held in drawn.items() if held} >= ROWS.keys() - {"space"}
    assert not any(drawn[name] for name in WITHOUT_TABLES)
    for section, held in drawn.items():
        for table in held:
            assert untraced(table, ROWS[section](report)) == [], section


def test_a_wrong_number_in_a_cell_is_found(traced: tuple[Report, Tables]) -> None:
    """A cell with one digit changed is reported, whichever table it stands in.

    Not always: by chance the changed number may be another field of the same row.
    """
    report, drawn = traced
    for section, held in drawn.items():
        planted = caught = 0
        for table in held:
            rows = ROWS[section](report)
            for at, cells in enumerate(table):
                for column, cell in enumerate(cells[1:], 1):
                    if NUMBER.fullmatch(cell):
                        wrong = misprinted(cell)
                        changed = [*cells[:column], wrong, *cells[column + 1 :]]
                        planted += 1
                        caught += wrong in untraced([*table[:at], changed, *table[at + 1 :]], rows)
        assert caught >= 0.95 * planted, section


def misprinted(cell: str) -> str:
    """A printed number with another last digit."""
    last = max(place for place, sign in enumerate(cell.partition("e")[0]) if sign.isdigit())
    return f"{cell[:last]}{(int(cell[last]) + 5) % 10}{cell[last + 1 :]}"


def test_few_random_numbers_pass(traced: tuple[Report, Tables]) -> None:
    """Of 900 numbers of three digits, each as large as what a row prints, 95% are rejected."""
    report, drawn = traced
    for section, held in drawn.items():
        rows = ROWS[section](report) if held else {}
        tried = passed = 0
        for allowed in rows.values():
            for text in allowed:
                digits = re.sub(r"\D", "", text.partition("e")[0]).lstrip("0")
                if len(digits) != 3:
                    continue
                tried += 1
                passed += sum(like(text, other) in allowed for other in range(100, 1000)) / 900
        assert not tried or passed / tried < 0.05, section


def like(text: str, digits: int) -> str:
    """`text` with other digits: "0.0123" and 456 are 0.0456."""
    start = re.search(r"[1-9]", text).start()
    rest = iter(str(digits))
    return text[:start] + re.sub(r"\d", lambda _: next(rest), text[start:], count=3)


def summary_fields(report: Report) -> set[str]:
    (selected, random), counts = judged(report, "diversity"), report.counts
    farthest = judged(report, "coverage")[1].max
    diversity = selected.mean, random.mean, ratio(selected.mean, random.mean)
    return printed(counts.selected, counts.input, *diversity, report.coverage.radius, farthest)


def coverage_fields(report: Report) -> set[str]:
    sets = [report.coverage.union, report.coverage.datapool]
    if report.coverage.union is None:
        sets = [report.coverage.selected, report.coverage.random]
    return printed(*(value for distances in sets for value in (distances.mean, distances.max)))


def budget_fields(report: Report) -> set[str]:
    budget = report.budget
    k, final = budget.n[-1], budget.radius[-1]
    half = min(range(len(budget.n)), key=lambda place: abs(budget.n[place] - k / 2))
    radius = budget.radius[half]
    return printed(budget.n[half], k, radius, final, ratio(radius, final))


def outlier_fields(report: Report) -> set[str]:
    share = report.neighbourhoods.outlier_shares[-1]
    low, high = (100 * end for end in share.interval)
    fraction = f"{100 * share.fraction:g}%"
    return printed(percent(share.selected), fraction, low, f"{number(high)}%")


def pick_fields(report: Report) -> set[str]:
    measured = [item for item in report.selection.items if item.distance is not None]
    ends = measured[0], measured[-1]
    values = [value for item in ends for value in (item.rank, item.distance)]
    return printed(report.counts.selected, *values)


def objective_fields(report: Report) -> set[str]:
    balances = [objective.balance for objective in report.objectives if objective.balance]
    misses = [miss for held in balances for miss in (held.largest_miss, held.largest_miss_random)]
    return printed(*(100 * miss for miss in misses))


# Section -> the fields that its title may print.
TITLES: dict[str, Callable[[Report], set[str]]] = {
    "summary": summary_fields,
    "objectives": objective_fields,
    "maps": lambda report: printed(
        percent(sum(report.maps.pca.explained)), report.selection.dims
    ),
    "space": lambda report: printed(
        percent(report.space.measured.retrieval.means["recall@1"]),
        percent(report.space.recall_by_chance),
    ),
    "diversity": summary_fields,
    "coverage": coverage_fields,
    "likeness": lambda report: likeness_rows(report)["Vendi score"]
    | likeness_rows(report)["Energy distance to the input"],
    "worst": lambda report: printed(
        report.coverage.worst[0].distance,
        ratio(report.coverage.worst[0].distance, judged(report, "coverage")[0].mean),
    ),
    "budget": budget_fields,
    "labels": lambda report: set().union(
        *(
            printed(column.variation.selected, *column.variation.interval)
            for column in report.columns
        )
    ),
    "near": outlier_fields,
    "selection": pick_fields,
    "left_out": lambda report: printed(
        report.set_aside.count, report.counts.read, report.duplicates.items,
        report.duplicates.groups,
    ),
    "made": lambda report: printed(report.provenance.seed),
}  # fmt: skip


@pytest.mark.parametrize("made_up", [False, True])
def test_every_number_in_a_title_is_a_field_of_its_section(made_up: bool, run: Report) -> None:
    """Each title prints only the fields that it is about, and a digit that is off is noticed."""
    report = make_report(**MADE_UP) if made_up else run
    titled = 0
    for name, section in SECTIONS.items():
        title = section.title(report)
        if title is None:
            continue
        fields = TITLES[name](report)
        assert numbers_in(title) <= fields, (name, title)
        titled += bool(numbers_in(title))
        for text in numbers_in(title):
            assert misprinted(text) not in fields, (name, title)
    assert titled >= 12


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
