"""The selection compared with random choice, statistic by statistic, and short shared phrases.

`SCORES` lists the statistics. The verdict on a statistic depends on the random draws alone: a
value inside their middle 95% is like random, however far it is from their mean.

Below are the phrases that titles, tables and footnotes share: what items are called, the unit of
a distance, and what was measured exactly or from a sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from curate.report.render.numbers import count, number, ratio
from curate.schema.measures import ColumnShares, Distribution, RandomBaseline, VersusRandom
from curate.schema.report import Report

Standing = Literal["better", "like", "worse"]
Measure = Literal["diversity", "coverage"]
MORE, LESS = "more is better", "less is better"

# measure, statistic, name, which direction is good
SCORES: tuple[tuple[Measure, str, str, str], ...] = (
    ("diversity", "mean", "Mean diversity", MORE),
    ("diversity", "min", "Minimum diversity", MORE),
    ("coverage", "mean", "Mean coverage distance", LESS),
    ("coverage", "q95", "95% coverage distance", LESS),
    ("coverage", "max", "Maximum coverage distance", LESS),
)
# The mean of a sample is close to that of the whole set; its extremes are not.
EXTREMES = ("min", "max")

# Kind of item -> what one and many are called.
NOUNS = {
    "images": ("image", "images"),
    "text": ("text", "texts"),
    "vectors": ("item", "items"),
    "objects": ("object", "objects"),
}
UNITS = {"euclidean": "Euclidean distance", "cosine": "cosine distance"}


@dataclass(frozen=True)
class Score:
    """One statistic of the selection, and of the random draws if there are any.

    measure       part of the report: diversity, coverage, …
    good          which direction is good, in words
    interval      middle 95% of the draws
    draws_better  how many draws are better than the selection
    neutral       neither direction is better
    """

    measure: str
    statistic: str
    name: str
    good: str
    larger_wins: bool
    selected: float
    random: float | None
    interval: tuple[float, float] | None
    draws: int
    draws_better: int
    neutral: bool = False

    @property
    def ratio(self) -> float | None:
        """Selected / random; None without draws."""
        return None if self.random is None else ratio(self.selected, self.random)

    @property
    def standing(self) -> Standing | None:
        """The selection compared with the draws; None without draws."""
        if self.interval is None:
            return None
        low, high = self.interval
        if low <= self.selected <= high:
            return "like"
        return "better" if (self.selected > high) == self.larger_wins else "worse"

    @property
    def verdict(self) -> str:
        """The standing in words, with the number of draws; empty without draws."""
        if self.standing is None:
            return ""
        if self.standing == "like":
            return "like random"
        if self.neutral:
            return self._neutral_verdict()
        if self.standing == "better":
            beaten = self.draws - self.draws_better
            return f"better than {_of(beaten, self.draws)} draws"
        return f"worse than {_of(self.draws_better, self.draws)} draws"

    def _neutral_verdict(self) -> str:
        """How many draws the selection is above or below, for statistics without a good side."""
        larger = self.draws_better if self.larger_wins else self.draws - self.draws_better
        if self.random is not None and self.selected > self.random:
            return f"above {_of(self.draws - larger, self.draws)} draws"
        return f"below {_of(larger, self.draws)} draws"


def sampled_name(name: str) -> str:
    """The name of a statistic that is the minimum or maximum of a sample of queries."""
    return f"Sampled {name[0].lower()}{name[1:]}"


def nothing_to_compare(report: Report) -> bool:
    """Whether every selection of this size is the same: everything, or items that are all equal."""
    counts = report.counts
    return counts.selected >= counts.input or counts.distinct <= 1


def scores(report: Report) -> list[Score]:
    """A score for each row of SCORES that the report has, and the balance of the label."""
    rows = (*(_score(report, *row) for row in SCORES), label_balance_score(report))
    return [row for row in rows if row is not None]


def label_column(report: Report) -> ColumnShares | None:
    """The class shares of the label over all items; None if the report has none."""
    return next((column for column in report.columns if column.is_label), None)


def label_balance_score(report: Report) -> Score | None:
    """Balance entropy of the label column; None without a label."""
    label = label_column(report)
    if label is None:
        return None
    name = "Label balance"
    return versus_random_score(report, "balance", name, MORE, label.entropy, larger_wins=True)


def versus_random_score(
    report: Report,
    measure: str,
    name: str,
    good: str,
    measured: VersusRandom,
    *,
    larger_wins: bool,
    neutral: bool = False,
) -> Score:
    """A measure with its random draws as a Score."""
    draws = 0 if nothing_to_compare(report) else draw_count(report)
    return Score(
        measure=measure,
        statistic="mean",
        name=name,
        good=good,
        larger_wins=larger_wins,
        selected=measured.selected,
        random=measured.random if draws else None,
        interval=measured.interval if draws else None,
        draws=draws,
        draws_better=measured.draws_better if draws else 0,
        neutral=neutral,
    )


def draw_count(report: Report) -> int:
    """The number of random draws in the report."""
    random = report.coverage.random or report.diversity.random
    return 0 if random is None else len(random.draws)


def score(report: Report, measure: Measure, statistic: str) -> Score | None:
    """The score of one row of SCORES; None if the report does not have it."""
    wanted = (measure, statistic)
    return next((row for row in scores(report) if (row.measure, row.statistic) == wanted), None)


def statistic_value(distribution: Distribution, statistic: str) -> float:
    """A statistic of a distribution by name: mean, min, max, std, or q5 … q99."""
    if statistic.startswith("q"):
        return distribution.quantiles[statistic[1:]]
    return float(getattr(distribution, statistic))


def _score(report: Report, measure: Measure, statistic: str, name: str, good: str) -> Score | None:
    selected, random, suffix = judged_sets(report, measure)
    if selected is None:
        return None
    if measure == "coverage" and report.counts.selected >= report.counts.input:
        return None  # all coverage distances are 0
    return Score(
        measure=measure,
        statistic=statistic,
        name=name if selected.exact or statistic not in EXTREMES else sampled_name(name),
        good=good + suffix,
        larger_wins=measure == "diversity",
        selected=statistic_value(selected, statistic),
        random=None if random is None else statistic_value(random, statistic),
        interval=None if random is None else random.interval[statistic],
        draws=0 if random is None else len(random.draws),
        draws_better=0 if random is None else random.draws_better[statistic],
    )


def judged_sets(
    report: Report, measure: Measure
) -> tuple[Distribution | None, RandomBaseline | None, str]:
    """The distances of the selection, those of the random draws, and a suffix for their name.

    With a datapool, coverage is that of the datapool and the selection together, and likewise
    for the draws: a selection need not cover what the datapool covers. Diversity is that of the
    selection alone.
    """
    none = nothing_to_compare(report)
    if measure == "diversity":
        return report.diversity.selected, None if none else report.diversity.random, ""
    part = report.coverage
    if part.union is not None and part.random_union is not None:
        return part.union, None if none else part.random_union, ", with datapool"
    return part.selected, None if none else part.random, ""


def _of(part: int, whole: int) -> str:
    return f"all {whole}" if part == whole else f"{part} of {whole}"


def items_text(report: Report, number_of_items: int) -> str:
    """A number of items with their noun: 1 image, 1,200 texts."""
    return f"{count(number_of_items)} {item_noun(report, number_of_items)}"


def picks_text(k: int) -> str:
    """1 pick, 1,200 picks."""
    return "1 pick" if k == 1 else f"{count(k)} picks"


def item_noun(report: Report, number_of_items: int = 2) -> str:
    """What the items are called: image or images, text or texts, …"""
    return NOUNS.get(report.provenance.kind, NOUNS["vectors"])[number_of_items != 1]


def distance_unit(report: Report) -> str:
    """The unit of distances, for axes and column heads."""
    return UNITS.get(report.selection.metric, report.selection.metric)


def sampling_note(measured: Distribution | None, report: Report, whole: int) -> str:
    """Footnote: whether distances are from all `whole` items or from a sample of them."""
    if measured is None:
        return ""
    if measured.exact:
        return f"Exact: measured from all {items_text(report, whole)}."
    return (
        "Each distance is exact. Distances are measured from a uniform sample of "
        f"{count(measured.n_queries)} of {items_text(report, whole)} to the full set."
    )


def coverage_is_sampled(report: Report) -> bool:
    """Whether coverage was measured from a sample of the input. The radius is always exact."""
    selected = report.coverage.selected
    return selected is not None and not selected.exact


def sampled_maxima_note(report: Report) -> str:
    """Footnote if sampled maxima stand near the exact radius; else empty."""
    if not coverage_is_sampled(report):
        return ""
    return (
        "Maxima are from the sample too. The maximum of the selection over the whole input is "
        f"{number(report.coverage.radius)} (exact)."
    )


def draws_note(report: Report) -> str:
    """Footnote on the random draws; empty without draws."""
    random = report.coverage.random or report.diversity.random
    if random is None or nothing_to_compare(report):
        return ""
    return (
        f"Random choice: {count(len(random.draws))} draws of "
        f"{items_text(report, report.counts.selected)} each; shown are the mean of the draws and "
        "their middle 95%."
    )
