"""How far the selection meets each strategy of a job: `objectives` of report.json."""

from __future__ import annotations

from typing import Any

from curate.schema.base import Part
from curate.schema.measures import Distribution, RandomBaseline


class ClassShare(Part):
    """One class of a balance. Items of several classes count for each by their share."""

    name: str
    """The class; "(none)" are items without one, "(all others)" all that no target names."""
    target: float
    """Share that it should have: of the selection, or with a datapool of both together."""
    attainable: float
    """Items that it should end with, datapool included, given what can be picked at all."""
    input_count: float
    """Input items of it."""
    input_share: float
    """Their share of the input."""
    random_share: float
    """Mean share over random selections of the same size."""
    random_interval: tuple[float, float]
    """The middle 95% of these shares."""
    selected_count: float
    """Selected items of it."""
    selected_share: float
    """Their share of the selection."""
    datapool_count: float | None
    """Datapool items of it; null without a datapool that has the column."""
    union_share: float | None
    """Its share of selection and datapool together; null as above."""


class BalanceResult(Part):
    """Class shares beside their targets."""

    classes: list[ClassShare]
    """The classes, at most 200: those with the largest targets."""
    n_classes: int
    """How many there are."""
    largest_miss: float
    """Largest difference of a share from its target, over all classes."""
    largest_miss_random: float
    """The same for random selections: the mean over the draws."""


class ObjectiveValues(Part):
    """The values that a strategy goes by, in every set."""

    prefers: str
    """Which values it wants: high or low."""
    input: Distribution
    """All input items that have a value."""
    selected: Distribution
    """The selection."""
    random: RandomBaseline
    """Random selections of the same size; draws_better counts those that have more of what is
    preferred."""


class ThresholdResult(Part):
    """What a condition left."""

    before: int
    """Items that could be picked before."""
    after: int
    """Items that could be picked then."""


class BudgetSpent(Part):
    """What of a budget was used."""

    total: float
    """The budget."""
    spent: float
    """Sum over the picks."""


class Certificate(Part):
    """What is proved of the covering radius."""

    radius: float
    """Covering radius of the selection, datapool included."""
    at_least: float
    """No selection of as many items has a smaller one."""
    witnesses: int
    """Points, pairwise so far apart, that prove it: the picks and the input covered worst."""


class ObjectiveResult(Part):
    """One strategy of the job."""

    name: str
    """Which strategy."""
    written: str
    """As it is written on the command line."""
    parameters: dict[str, Any]
    """Its settings but the strength."""
    formula: str
    """What its factor is, in words."""
    strength: float | None
    """Exponent of its factor; null for a threshold."""
    met: bool | None
    """Whether it was met; null where it has no target that can be met or missed."""
    finding: str
    """How far it was met, or why not, as a sentence; may be empty."""
    balance: BalanceResult | None
    """Of a balance: its classes."""
    values: ObjectiveValues | None
    """Of typicality, outliers, similarity and weights: their values."""
    threshold: ThresholdResult | None
    """Of a threshold: how many items it left."""
    budget: BudgetSpent | None
    """Of weights with a budget: what was spent."""
    certificate: Certificate | None
    """Of diversity alone: what is proved."""
