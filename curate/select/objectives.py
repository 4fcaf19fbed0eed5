"""What each strategy of a job computed from the data: one class for each kind of objective.

A strategy reads its settings (a `Spec`) and the data (`StrategyInputs`) and makes an objective:

    Objective            nothing to measure: a strategy that made the whole selection itself
    ThresholdObjective   a condition on a column: how many items it left
    DiversityObjective   distance to the selection: known only while picks are made
    FixedFactor          a factor that each item has from the beginning
    ValueFactor          the same, computed from values that a reader wants to see
    BudgetFactor         the same, with a limit on the sum of the values
    BalanceObjective     shares of classes

The product (`product/assemble.py`) multiplies the factors, and `measure.selection.objectives`
measures how far each objective was reached. Both decide by these classes, not by names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

from curate.core.distance import Float64Array
from curate.core.values import Embeddings, FloatArray
from curate.errors import RequestError
from curate.schema import strategies
from curate.schema.strategies import Spec
from curate.select.combined.classes import Classes
from curate.select.combined.factors import WeightBudget

Preference = Literal["high", "low"]


def preferred(strength: float) -> Preference:
    """Which values have the large factors when values are raised to `strength`."""
    return "high" if strength > 0 else "low"


def _no_query(query: str) -> FloatArray:
    raise RequestError(f"there is no query set {query!r} here.")


def _no_column(name: str) -> pa.ChunkedArray:
    raise RequestError(f"the data have no column {name!r}: they have no metadata.")


@dataclass(frozen=True)
class StrategyInputs:
    """The data that strategies read.

    embeddings   of the n items
    column       returns a metadata column of the n items by its name; raises RequestError for
                 an unknown name
    pool_column  the same for the datapool; returns None if the datapool has no such column
    query        returns the (q, d) vectors of a query set by its name in the spec
    """

    embeddings: Embeddings
    column: Callable[[str], pa.ChunkedArray] = _no_column
    pool_column: Callable[[str], pa.ChunkedArray | None] = lambda _: None
    query: Callable[[str], FloatArray] = _no_query


@dataclass(frozen=True)
class Objective:
    """One strategy of a job.

    spec     its settings
    notes    sentences that a reader must see
    at_pick  (k,) float64 factor of each pick when it was picked; None if the picks were not
             made by a product, and for thresholds
    """

    spec: Spec
    notes: tuple[str, ...] = field(default=(), kw_only=True)
    at_pick: Float64Array | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class ThresholdObjective(Objective):
    """A condition: how many items could be picked before it was applied, and after."""

    spec: strategies.Threshold
    before: int
    after: int


@dataclass(frozen=True)
class DiversityObjective(Objective):
    """Distance to the nearest selected item."""

    spec: strategies.Diversity


@dataclass(frozen=True)
class FixedFactor(Objective):
    """A factor that does not change while picks are made.

    factor  (n,) float64 in (0, 1], raised to the strength
    """

    factor: Float64Array


@dataclass(frozen=True)
class ValueFactor(FixedFactor):
    """A fixed factor and the values that it was computed from.

    values   (n,) float64 in their own unit; NaN where an item has none
    prefers  which values have large factors
    """

    values: Float64Array
    prefers: Preference


@dataclass(frozen=True)
class BudgetFactor(ValueFactor):
    """Values whose sum over all picks is limited."""

    budget: WeightBudget


@dataclass(frozen=True)
class BalanceObjective(Objective):
    """Shares of classes.

    classes    the classes that are counted
    shares     (classes,) target
    quotas     (classes,) how many items of each class the selection and the datapool together
               should have
    pool       (classes,) items of each class in the datapool
    available  (classes,) items of each class in the datapool and among the candidates
    """

    spec: strategies.Balance
    classes: Classes
    shares: Float64Array
    quotas: Float64Array
    pool: Float64Array
    available: Float64Array
