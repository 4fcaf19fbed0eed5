from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from factory import make_report

from curate.report.build.headline import selection_headline
from curate.report.pages.selection import labels, likeness, outliers_pairs
from curate.report.render.numbers import count, interval, number, percent, ratio
from curate.report.words import objectives
from curate.report.words import scores as phrases
from curate.report.words import selection as words
from curate.report.words.scores import score, scores
from curate.schema import report as model


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1.00"),
        (0.9996, "1.00"),
        (9.996, "10.0"),
        (0.43123, "0.431"),
        (12.345, "12.3"),
        (999.6, "1,000"),
        (1234.5, "1,230"),
        (99_949.0, "99,900"),
        (123_456.0, "1.23e5"),
        (0.000123, "0.000123"),
        (0.0000123, "1.23e-5"),
        (-1.5, "−1.50"),
        (-1.5e-9, "−1.50e-9"),
        (math.inf, "∞"),
        (math.nan, "–"),
        (None, "–"),
    ],
)
def test_a_number_has_three_significant_digits(value: float | None, text: str) -> None:
    """Sentence, figure and table write a measured value alike, to three digits."""
    assert number(value) == text


def test_counts_fractions_and_intervals() -> None:
    """Counts keep all digits; a fraction is in hundredths; a ratio to nothing is none."""
    assert count(1_234_567) == "1,234,567"
    assert percent(0.1234) == "12.3%"
    assert interval((1, 2.5)) == "1.00 to 2.50"
    assert ratio(3, 2) == 1.5
    assert ratio(3, 0) is None
    assert percent(8.6e-33) == "0%"


def test_the_headline_holds_the_report_s_own_numbers() -> None:
    """`headline` has stable keys and unrounded values of the report."""
    report = make_report(n=120, k=12)
    told = selection_headline(report)
    assert list(told) == [
        "items", "selected", "set_aside", "strategy", "metric",
        "diversity_mean", "diversity_mean_random", "diversity_min", "diversity_min_random",
        "coverage_mean", "coverage_mean_random", "coverage_max", "coverage_max_random", "radius",
    ]  # fmt: skip
    assert told["items"] == 120
    assert told["selected"] == 12
    assert report.diversity.selected is not None
    assert told["diversity_mean"] == report.diversity.selected.mean
    assert told["radius"] == report.coverage.radius


def test_the_headline_of_one_pick_has_no_diversity() -> None:
    """What is not defined is None, under the same key."""
    told = selection_headline(make_report(n=50, k=1))
    assert told["diversity_mean"] is None
    assert told["diversity_mean_random"] is None


def test_random_choice_is_said_to_win_where_it_does() -> None:
    """On clustered points random choice covers better on average: title and summary say so."""
    report = make_report()
    mean = score(report, "coverage", "mean")
    assert mean is not None
    assert mean.draws_better == mean.draws
    assert mean.standing == "worse"
    assert mean.verdict == "worse than all 20 draws"
    title = words.coverage_title(report)
    assert title is not None
    assert title.startswith(
        f"On average random choice covers the input better ({number(mean.random)} against "
        f"{number(mean.selected)}); at worst the selection does"
    )
    assert any(
        told.startswith("Random choice is better in mean cov")
        for told in words.comparison_sentences(report)
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_random_selection_is_not_called_better_than_all(seed: int) -> None:
    """A selection made at random is like random choice in most statistics."""
    report = make_report(strategy="random", seed=seed)
    standings = [one.standing for one in scores(report)]
    assert standings.count("like") >= 3


def test_a_verdict_inside_the_interval_is_like_random() -> None:
    """Not the mean of the draws but their middle 95% decides."""
    report = make_report()
    for one in scores(report):
        assert one.interval is not None
        inside = one.interval[0] <= one.selected <= one.interval[1]
        assert (one.standing == "like") == inside


SENTENCES: list[Callable[..., str | None]] = [
    words.summary_title, words.maps_title, words.diversity_title, words.coverage_title,
    words.worst_title, words.budget_title, words.selection_title, words.left_out_title,
    words.made_title,
    likeness.title, labels.title, outliers_pairs.title,
]  # fmt: skip


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"k": 1},
        {"n": 1, "k": 1},
        {"n": 3, "k": 2},
        {"k": 400},
        {"random": False},
        {"datapool": 50},
        {"duplicates": 9, "set_aside": 1},
    ],
)
def test_every_title_is_a_sentence_without_holes(wanted: dict[str, int]) -> None:
    """No title has a missing number, a doubled blank or the name of a Python value."""
    report = make_report(**wanted)
    for sentence in SENTENCES:
        told = sentence(report)
        if told is None:
            continue
        assert told[0].isupper() or told[0].isdigit()
        assert not any(hole in told for hole in ("None", "nan", "–", "  ", "()"))


def test_what_was_sampled_is_said() -> None:
    """A sample of queries is named with its size, and no sampled maximum stands by the radius."""
    report = make_report()
    assert report.coverage.selected is not None
    assert phrases.sampling_note(report.coverage.selected, report, 400) == (
        "Exact: measured from all 400 items."
    )
    sampled = report.coverage.selected.model_copy(update={"exact": False, "n_queries": 100})
    coverage = report.coverage.model_copy(update={"selected": sampled})
    report = report.model_copy(update={"coverage": coverage})
    told = phrases.sampling_note(sampled, report, 400)
    assert "uniform sample of 100 of 400 items" in told
    assert "(random:" not in words.summary_title(report)


def _sampled(report: model.Report) -> model.Report:
    """The report as if coverage had been measured from a sample of queries."""
    part = report.coverage
    asked = {
        name: getattr(part, name).model_copy(update={"exact": False, "n_queries": 100})
        for name in ("selected", "random")
    }
    return report.model_copy(update={"coverage": part.model_copy(update=asked)})


def test_no_sampled_maximum_stands_by_an_exact_radius_unnamed() -> None:
    """From a sample of queries, titles and score card say so; from all, nothing does."""
    report = make_report()
    for exact, told in ((True, report), (False, _sampled(report))):
        coverage, farthest = words.coverage_title(told), score(told, "coverage", "max")
        assert coverage is not None
        assert farthest is not None
        worst = words.worst_title(told)
        assert worst is not None
        for sentence in (coverage, worst, farthest.name):
            assert ("ampled" in sentence) != exact
        assert ("(exact)" in phrases.sampled_maxima_note(told)) != exact


def test_everything_selected_is_compared_with_nothing() -> None:
    """Where every selection is the same, no score has draws and no title has random."""
    everything, report = make_report(n=30, k=30), make_report(n=30, k=3)
    equal = report.model_copy(
        update={"counts": report.counts.model_copy(update={"distinct": 1, "selected": 3})}
    )
    for told in (everything, equal):
        assert all(one.random is None and one.verdict == "" for one in scores(told))
        assert words.comparison_sentences(told) == []
        assert phrases.draws_note(told) == ""
        assert words.how_to_read(told, "summary", "Random") == ""
        for sentence in SENTENCES:
            assert "random" not in (sentence(told) or "").lower()
    assert words.how_to_read(report, "summary", "Random") == "Random"
    assert "all have the same embedding" in words.summary_title(equal)
    assert words.summary_title(make_report(n=1, k=1)) == "The only item is selected"


@pytest.mark.parametrize(("metric", "bound"), [("euclidean", "twice"), ("cosine", "four times")])
def test_the_bound_of_the_traversal_is_that_of_the_metric(metric: str, bound: str) -> None:
    """Twice the best radius for Euclidean distance, four times for cosine distance."""
    report = make_report()
    selection = report.selection.model_copy(update={"metric": metric})
    told = objectives.traversal_guarantee(report.model_copy(update={"selection": selection}))
    assert told is not None
    assert f"at most {bound} the best possible" in told


def test_a_random_selection_has_no_bound() -> None:
    """Farthest-first traversal is explained only where it was used."""
    report = make_report(strategy="random")
    assert objectives.traversal_guarantee(report) is None
    assert objectives.outlier_warning(report) is None


def test_picks_that_all_repeat_are_said_to() -> None:
    """Distances that stay the same do not fall."""
    report = make_report(n=60, k=9)

    def at(distance: float) -> str | None:
        items = [
            one.model_copy(update={"distance": distance if one.rank > 1 else None})
            for one in report.selection.items
        ]
        selection = report.selection.model_copy(update={"items": items})
        return words.selection_title(report.model_copy(update={"selection": selection}))

    assert at(0.0) == (
        "Every pick after the first repeats an earlier one: the distance between them is 0"
    )
    assert at(0.5) == ("A new pick's distance to the earlier ones stays at 0.500 (picks 2 to 9)")


def test_a_radius_of_0_from_the_first_pick_needs_no_page() -> None:
    """Nothing is said about how many are enough where the first is."""
    report = make_report(n=60, k=9)
    budget = report.budget.model_copy(update={"radius": [0.0] * 9})
    assert words.budget_title(report.model_copy(update={"budget": budget})) is None


def test_sections_without_content_have_no_title() -> None:
    """Nothing set aside and no duplicates: no page about them; all selected: none on coverage."""
    assert words.left_out_title(make_report(n=50, k=5)) is None
    everything = make_report(n=50, k=50)
    assert words.coverage_title(everything) is None
    assert words.worst_title(everything) is None
    assert words.summary_title(everything).startswith("All 50 items are selected")
