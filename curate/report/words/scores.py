"""The selection against random choice, statistic by statistic, and a verdict in words.

A verdict comes from the draws alone: inside their middle 95% is like random, whatever
the mean says. Statistics are listed in one table, `SCORES`.
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


@dataclass(frozen=True)
class Score:
    """One statistic of the selection, and of the random draws if there are any."""

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
    neutral: bool = False  # neither more nor less is better

    @property
    def ratio(self) -> float | None:
        """Selected over random."""
        return None if self.random is None else ratio(self.selected, self.random)

    @property
    def standing(self) -> Standing | None:
        """Against the draws; None without any."""
        if self.interval is None:
            return None
        low, high = self.interval
        if low <= self.selected <= high:
            return "like"
        return "better" if (self.selected > high) == self.larger_wins else "worse"

    @property
    def verdict(self) -> str:
        """The standing in words that say how many draws."""
        if self.standing is None:
            return ""
        if self.standing == "like":
            return "like random"
        if self.neutral:
            return self._beside()
        if self.standing == "better":
            beaten = self.draws - self.draws_better
            return f"better than {_of(beaten, self.draws)} draws"
        return f"worse than {_of(self.draws_better, self.draws)} draws"

    def _beside(self) -> str:
        """Above or below how many draws, without praise or blame."""
        larger = self.draws_better if self.larger_wins else self.draws - self.draws_better
        if self.random is not None and self.selected > self.random:
            return f"above {_of(self.draws - larger, self.draws)} draws"
        return f"below {_of(larger, self.draws)} draws"


# measure, statistic, name, what is good
SCORES: tuple[tuple[Measure, str, str, str], ...] = (
    ("diversity", "mean", "Mean diversity", MORE),
    ("diversity", "min", "Minimum diversity", MORE),
    ("coverage", "mean", "Mean coverage distance", LESS),
    ("coverage", "q95", "95% coverage distance", LESS),
    ("coverage", "max", "Maximum coverage distance", LESS),
)


# The mean of a sample is near that of the whole; its largest and smallest are not.
EXTREMES = ("min", "max")


def sampled_name(name: str) -> str:
    """The name of a statistic that is the extreme of a sample of queries."""
    return f"Sampled {name[0].lower()}{name[1:]}"


def nothing_to_compare(report: Report) -> bool:
    """Every selection of this size is the same: of everything, or of equal items."""
    counts = report.counts
    return counts.selected >= counts.input or counts.distinct <= 1


def scores(report: Report) -> list[Score]:
    """Every row of SCORES that the report can fill, and the balance of the label."""
    found = (*(_score(report, *row) for row in SCORES), label_balance_score(report))
    return [one for one in found if one is not None]


def label_column(report: Report) -> ColumnShares | None:
    """The label as it was counted, over all items; None where it was not."""
    return next((one for one in report.columns if one.is_label), None)


def label_balance_score(report: Report) -> Score | None:
    """Balance entropy of the label column; None without one."""
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
    one: VersusRandom,
    *,
    larger_wins: bool,
    neutral: bool = False,
) -> Score:
    """A number with its draws as a row of a score card."""
    none = nothing_to_compare(report) or not draw_count(report)
    return Score(
        measure=measure,
        statistic="mean",
        name=name,
        good=good,
        larger_wins=larger_wins,
        selected=one.selected,
        random=None if none else one.random,
        interval=None if none else one.interval,
        draws=0 if none else draw_count(report),
        draws_better=0 if none else one.draws_better,
        neutral=neutral,
    )


def draw_count(report: Report) -> int:
    """How many random draws there are."""
    random = report.coverage.random or report.diversity.random
    return 0 if random is None else len(random.draws)


def score(report: Report, measure: Measure, statistic: str) -> Score | None:
    """One row of SCORES, None if the report cannot fill it."""
    rows = [one for one in scores(report) if (one.measure, one.statistic) == (measure, statistic)]
    return rows[0] if rows else None


def statistic_value(one: Distribution, statistic: str) -> float:
    """A statistic of a distribution by name: mean, min, max, std, or q5 … q99."""
    if statistic.startswith("q"):
        return one.quantiles[statistic[1:]]
    return float(getattr(one, statistic))


def _score(report: Report, measure: Measure, statistic: str, name: str, good: str) -> Score | None:
    selected, random, where = judged_sets(report, measure)
    if selected is None:
        return None
    if measure == "coverage" and report.counts.selected >= report.counts.input:
        return None  # everything lies at 0 from itself
    return Score(
        measure=measure,
        statistic=statistic,
        name=name if selected.exact or statistic not in EXTREMES else sampled_name(name),
        good=good + where,
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
    """The set that is judged, the draws it is judged by, and what both include besides.

    A selection on top of a datapool need not cover what that covers already: coverage is
    judged with the datapool, on both sides. Its diversity is its own.
    """
    none = nothing_to_compare(report)
    if measure == "diversity":
        return report.diversity.selected, None if none else report.diversity.random, ""
    part = report.coverage
    if part.union is not None and part.random_union is not None:
        return part.union, None if none else part.random_union, ", with datapool"
    return part.selected, None if none else part.random, ""


def _of(some: int, all_: int) -> str:
    return f"all {all_}" if some == all_ else f"{some} of {all_}"


# --------------------------------------------------------------------------------------
# Small words that titles, tables and footnotes share: what items are called, what was exact.


NOUNS = {
    "images": ("image", "images"),
    "text": ("text", "texts"),
    "vectors": ("item", "items"),
    "objects": ("object", "objects"),
}
UNITS = {"euclidean": "Euclidean distance", "cosine": "cosine distance"}


def items_counted(report: Report, many: int) -> str:
    """`many` of what the items are: 1 image, 1,200 texts."""
    return f"{count(many)} {item_noun(report, many)}"


def picks_counted(many: int) -> str:
    """1 pick, 1,200 picks."""
    return "1 pick" if many == 1 else f"{count(many)} picks"


def item_noun(report: Report, many: int = 2) -> str:
    """What the items are called, one or many."""
    return NOUNS.get(report.provenance.kind, NOUNS["vectors"])[many != 1]


def distance_unit(report: Report) -> str:
    """What a distance is measured in, for axes and heads of columns."""
    return UNITS.get(report.selection.metric, report.selection.metric)


def sampling_note(one: Distribution | None, report: Report, whole: int) -> str:
    """What a footnote says: exact or from a sample, and how many."""
    if one is None:
        return ""
    if one.exact:
        return f"Exact: from all {items_counted(report, whole)}."
    return (
        f"Each distance is exact, measured from a uniform sample of {count(one.n_queries)} of "
        f"{items_counted(report, whole)} to the full set."
    )


def coverage_is_sampled(report: Report) -> bool:
    """Whether coverage was measured from a sample of the input, and only the radius from all."""
    selected = report.coverage.selected
    return selected is not None and not selected.exact


def sampled_maxima_note(report: Report) -> str:
    """What a footnote says where sampled maxima stand near the exact radius."""
    if not coverage_is_sampled(report):
        return ""
    return (
        "Maxima are sampled too; over all input the selection's is "
        f"{number(report.coverage.radius)} (exact)."
    )


def draws_note(report: Report) -> str:
    """What the random figures are made of."""
    random = report.coverage.random or report.diversity.random
    if random is None or nothing_to_compare(report):
        return ""
    return (
        f"Random: {count(len(random.draws))} draws of "
        f"{items_counted(report, report.counts.selected)} each; the mean over the draws and their middle 95%."
    )
