"""What each strategy of a job wants, found in the data: Spec -> Objective.

A fixed factor is known beforehand for every item and brought to (0, 1]:

    typicality, outliers  mean over the k nearest neighbours of exp(−d / mean d)
    similarity            exp(−d / mean d), d to the nearest query
    weights               value / largest value, or with negative values (value − smallest) /
                          (largest − smallest); at least a millionth
    random                smallest E / E, with E exponential

and is then raised to its strength s; a negative one (and outliers, whose strength is that of
typicality turned around) gives (smallest / value)^|s|, smallest and largest being those of
the items that may be picked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from curate.core.distance import Float64Array
from curate.core.values import BoolArray, Embeddings, FloatArray, Selection
from curate.errors import RequestError
from curate.schema import strategies
from curate.schema.strategies import Spec
from curate.select.columns import numbers
from curate.select.product.classes import Classes, classes_of, quotas, targets
from curate.select.product.product import Budget, raised
from curate.select.product.typicality import similarity, typicality
from curate.select.request import Request

LEAST_WEIGHT = 1e-6
LEAST = 1e-30  # of typicality and similarity, which fall off exponentially


def _no_query(query: str) -> FloatArray:
    raise RequestError(f"there is no query set {query!r} here.")


def _no_column(name: str) -> pa.ChunkedArray:
    raise RequestError(f"the data have no column {name!r}: they have no metadata.")


@dataclass(frozen=True)
class Known:
    """What strategies may look at.

    column      a metadata column of the n items by its name; RequestError for an unknown one
    pool_column the same of the datapool; None where it has none of this name
    query       (q, d) vectors of a query set, by how it was named
    """

    embeddings: Embeddings
    column: Callable[[str], pa.ChunkedArray] = _no_column
    pool_column: Callable[[str], pa.ChunkedArray | None] = lambda _: None
    query: Callable[[str], FloatArray] = _no_query


@dataclass(frozen=True)
class Kept:
    """How many items could be picked before a condition was applied, and after."""

    before: int
    after: int


@dataclass(frozen=True)
class Objective:
    """One strategy of a job, and what it found.

    factor   (n,) float64 in (0, 1] of a fixed factor, raised to its strength
    values   (n,) float64 what it is made from, in its own unit; NaN where there is none
    classes  of a balance, as they are counted
    shares   (classes,) target
    quotas   (classes,) items of each class that can be had of it, datapool included
    pool     (classes,) items of each class in the datapool
    most     (classes,) items of each class that there are, in the datapool and to be picked
    budget   of weights
    kept     of a threshold
    at_pick  (k,) factor of each pick when it was picked; None for a threshold
    notes    what a reader must be told
    """

    spec: Spec
    factor: Float64Array | None = None
    values: Float64Array | None = None
    classes: Classes | None = None
    shares: Float64Array | None = None
    quotas: Float64Array | None = None
    pool: Float64Array | None = None
    most: Float64Array | None = None
    budget: Budget | None = None
    kept: Kept | None = None
    at_pick: Float64Array | None = None
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Outcome:
    """A selection, and how far each strategy of the job had its way."""

    selection: Selection
    objectives: tuple[Objective, ...]


def of_diversity(spec: strategies.Diversity, known: Known, request: Request) -> Objective:  # noqa: ARG001
    """Diversity finds nothing beforehand: distances come while picks are made."""
    return Objective(spec)


def of_typicality(spec: strategies.Typicality, known: Known, request: Request) -> Objective:
    """Typical items first."""
    return _typical(spec, spec.neighbours, spec.strength, known, request)


def of_outliers(spec: strategies.Outliers, known: Known, request: Request) -> Objective:
    """Typical items last."""
    return _typical(spec, spec.neighbours, -spec.strength, known, request)


def _typical(
    spec: Spec, neighbours: int, strength: float, known: Known, request: Request
) -> Objective:
    values = typicality(known.embeddings, neighbours, request.threads, request.progress)
    return Objective(spec, _factor(values.clip(LEAST, 1), strength, request), values)


def of_similarity(spec: strategies.Similarity, known: Known, request: Request) -> Objective:
    """Items near the query set first."""
    values = similarity(known.embeddings, known.query(spec.query))
    return Objective(spec, _factor(values.clip(LEAST, 1), spec.strength, request), values)


def of_weights(spec: strategies.Weights, known: Known, request: Request) -> Objective:
    """Items with large values first, or within a budget."""
    values = numbers(known.column(spec.column), spec.column, "weights")
    free = _free(request, len(values)) & np.isfinite(values)
    low, high = float(values[free].min()), float(values[free].max())
    notes: tuple[str, ...] = ()
    if low == high and len(values) > 1:
        notes = (f"All items that could be picked have the same {spec.column}: it has no effect.",)
    if low < 0:
        scaled = (values - low) / (high - low if high > low else 1)
    else:
        scaled = values / (high if high > 0 else 1)
    scaled = np.nan_to_num(scaled, nan=LEAST_WEIGHT).clip(LEAST_WEIGHT, 1)
    budget = None
    if spec.budget is not None:
        if low < 0:
            raise RequestError(
                f"a budget needs values of 0 or more, and column {spec.column!r} holds {low:g}."
            )
        budget = Budget(np.nan_to_num(values), spec.budget)
    factor = _factor(scaled, spec.strength, request)
    return Objective(spec, factor, values, budget=budget, notes=notes)


def of_random(spec: strategies.Random, known: Known, request: Request) -> Objective:
    """Chance."""
    drawn = np.random.default_rng(request.seed).exponential(size=len(known.embeddings))
    return Objective(spec, _factor(drawn.min() / drawn, spec.strength, request))


def of_balance(spec: strategies.Balance, known: Known, request: Request) -> Objective:
    """Classes that still lack most of their quota first."""
    of_data = classes_of(known.column(spec.column), spec.column)
    classes, shares = targets(of_data, spec.target, spec.column)
    pool: Float64Array = np.zeros(len(shares))
    notes: tuple[str, ...] = ()
    if request.datapool is not None:
        column = known.pool_column(spec.column)
        if column is None:
            notes = (f"The datapool has no {spec.column}: the balance counts new picks alone.",)
        else:
            others = strategies.OTHERS if classes.names[-1] == strategies.OTHERS else None
            names = classes.names[:-1] if others else classes.names
            pool = classes_of(column, spec.column).merged(names, others).totals()
    objective = Objective(spec, classes=classes, shares=shares, pool=pool, notes=notes)
    return with_quotas(objective, request, request.k)


def with_quotas(objective: Objective, request: Request, picks: int) -> Objective:
    """A balance with quotas for so many picks."""
    classes, shares, pool = objective.classes, objective.shares, objective.pool
    assert classes is not None
    assert shares is not None
    assert pool is not None
    most = pool + classes.totals(_free(request, len(classes.rows)))
    total = float(pool.sum()) + picks
    found = quotas(shares, total, pool, most, whole=classes.whole)
    return replace(objective, quotas=found, most=most)


def _free(request: Request, n: int) -> BoolArray:
    return np.ones(n, dtype=bool) if request.candidates is None else request.candidates


def _factor(values: Float64Array, strength: float, request: Request) -> Float64Array:
    """(n,) `values` in (0, 1] raised to `strength`, over the items that may be picked."""
    least = float(values[_free(request, len(values))].min())
    return raised(values, strength, least).clip(0, 1)
