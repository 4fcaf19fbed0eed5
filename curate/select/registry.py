"""The table of strategies, and the one door to them.

Strategies combine as a product of factors (`product.py`). Thresholds come before: they say
which items may be picked at all. Some strategies have an algorithm of their own when they are
alone, and some are never anything but alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from curate.core.values import BoolArray, Embeddings, Selection
from curate.errors import RequestError, SelectionError
from curate.schema import strategies
from curate.schema.strategies import KMedoids, Spec
from curate.schema.strategy_syntax import spelled
from curate.select.columns import meets, numbers
from curate.select.product import objectives
from curate.select.product.combine import combine
from curate.select.product.objectives import Kept, Known, Objective, Outcome
from curate.select.product.select_product import memory_needed as product_memory
from curate.select.request import Request, check
from curate.select.strategies import farthest_first, k_medoids
from curate.select.strategies.deduplicate import deduplicate
from curate.select.strategies.facility_location import facility_location
from curate.select.strategies.random_choice import uniform
from curate.select.strategies.sequence import sequence

# Specs are told apart by the table, so each function takes its own.
Part = Callable[[Any, Known, Request], Objective]
Alone = Callable[[Any, Known, Request], Selection]


@dataclass(frozen=True)
class Strategy:
    """How a strategy is done.

    part   what it adds to a product; None if it cannot be combined
    alone  makes the selection when it is the only one; None where a product of one factor does
    """

    part: Part | None = None
    alone: Alone | None = None


STRATEGIES: dict[str, Strategy] = {
    "diversity": Strategy(
        objectives.of_diversity,
        lambda _, known, request: farthest_first.farthest_first(known.embeddings, request),
    ),
    "typicality": Strategy(objectives.of_typicality),
    "outliers": Strategy(objectives.of_outliers),
    "similarity": Strategy(objectives.of_similarity),
    "weights": Strategy(objectives.of_weights),
    "balance": Strategy(objectives.of_balance),
    "random": Strategy(
        objectives.of_random, lambda _, known, request: uniform(known.embeddings, request)
    ),
    "facility-location": Strategy(
        alone=lambda _, known, request: facility_location(known.embeddings, request)
    ),
    "k-medoids": Strategy(
        alone=lambda _, known, request: k_medoids.k_medoids(known.embeddings, request)
    ),
    "deduplicate": Strategy(
        alone=lambda spec, known, request: deduplicate(known.embeddings, request, spec.distance)
    ),
    "sequence": Strategy(
        alone=lambda spec, known, request: sequence(
            known.embeddings,
            request,
            spec.length,
            known.column(spec.column).to_pylist() if spec.column else None,
        )
    ),
}
TRAVERSALS = frozenset({"diversity", "deduplicate", "sequence"})  # which begin where they are told


@dataclass(frozen=True)
class Narrowed:
    """Which items may be picked.

    candidates  (n,)
    blocked     items that could not be picked from the beginning
    kept        what each condition left, in the order in which they were applied
    notes       what a reader must be told
    """

    candidates: BoolArray
    blocked: int = 0
    kept: tuple[tuple[Spec, Kept], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """Why there are no more candidates, or nothing."""
        return "; ".join(f"{spelled(spec)} leaves {kept.after:,}" for spec, kept in self.kept)


def narrow(wanted: Sequence[Spec], known: Known, free: BoolArray) -> Narrowed:
    """Apply thresholds to the `free` items (n,); items without a weight cannot be picked either.

    Raises SelectionError where none is left.
    """
    candidates = free
    kept: list[tuple[Spec, Kept]] = []
    notes: list[str] = []
    for spec in wanted:
        if isinstance(spec, strategies.Threshold):
            passes, absent = meets(known.column(spec.column), spec)
            notes += [f"No item has {spec.column} {value!r}." for value in absent]
        elif isinstance(spec, strategies.Weights):
            passes = np.isfinite(numbers(known.column(spec.column), spec.column, "weights"))
            if missing := int((candidates & ~passes).sum()):
                notes.append(f"{missing:,} items have no {spec.column} and could not be picked.")
        else:
            continue
        before = int(candidates.sum())
        candidates = candidates & passes
        after = int(candidates.sum())
        if isinstance(spec, strategies.Threshold) or after < before:
            kept.append((spec, Kept(before, after)))
        if before and not after:
            absence = f" {notes[-1]}" if notes else ""
            raise SelectionError(
                f"{spelled(spec)} leaves none of {before:,} items.{absence} Loosen the condition."
            )
    return Narrowed(candidates, int((~free).sum()), tuple(kept), tuple(notes))


def select(
    wanted: Sequence[Spec], known: Known, request: Request, narrowed: Narrowed | None = None
) -> Outcome:
    """Make a selection that the strategies `wanted` agree on, among `request.candidates`.

    narrowed  what made these candidates

    Raises RequestError for strategies that do not combine, SelectionError for a k that cannot
    be had.
    """
    check(request, known.embeddings)
    # Thresholds say what may be picked, not what is.
    product = [spec for spec in wanted if not isinstance(spec, strategies.Threshold)]
    product = product or [strategies.Diversity()]
    _refuse_clashes(product, request)
    outcome = _alone(product[0], known, request) if len(product) == 1 else None
    if outcome is None:
        parts = [_part(spec, known, request) for spec in product]
        outcome = combine(parts, known.embeddings, request)
    selection = outcome.selection
    if not len(selection):
        raise SelectionError(
            f"no item can be selected. {' '.join(selection.notes)} Allow for more."
        )
    kept = dict(narrowed.kept) if narrowed else {}
    filters = [
        Objective(spec, kept=kept.get(spec))
        for spec in wanted
        if isinstance(spec, strategies.Threshold)
    ]
    every = (*filters, *outcome.objectives)
    notes = [note for one in every for note in one.notes]
    selection = replace(
        selection,
        strategy=_in_words(product, wanted),
        notes=(*selection.notes, *(narrowed.notes if narrowed else ()), *notes),
    )
    return Outcome(selection, every)


def memory_needed(wanted: Sequence[Spec], embeddings: Embeddings, request: Request) -> int:
    """Bytes that `select` takes at most beside the vectors, to say before it starts."""
    if all(isinstance(spec, strategies.Diversity | strategies.Threshold) for spec in wanted):
        return farthest_first.memory_needed(embeddings, request)
    if any(isinstance(spec, KMedoids) for spec in wanted):
        return k_medoids.memory_needed(embeddings)
    return product_memory(embeddings)


def _part(spec: Spec, known: Known, request: Request) -> Objective:
    part = STRATEGIES[spec.name].part
    assert part is not None  # or `_refuse_clashes` would have said so
    return part(spec, known, request)


def _refuse_clashes(product: Sequence[Spec], request: Request) -> None:
    """Raise RequestError for what cannot be combined."""
    names = [spec.name for spec in product]
    for name in names:
        if len(names) > 1 and STRATEGIES[name].part is None:
            raise RequestError(
                f"{name} cannot be combined with {' and '.join(n for n in names if n != name)}: "
                "it selects alone. Thresholds may go with it."
            )
    if names.count("diversity") > 1:
        raise RequestError("diversity is named twice: give it once, with a strength.")
    if sum(getattr(spec, "budget", None) is not None for spec in product) > 1:
        raise RequestError("two budgets are given: only one can be kept to.")
    traverses = not TRAVERSALS.isdisjoint(names) and set(names) <= TRAVERSALS | {"balance"}
    if request.start != "mean" and not traverses:
        raise RequestError(
            f"--start {request.start} has no effect with {' × '.join(names)}: the first pick is "
            "the item with the largest product. Leave --start out."
        )


def _alone(spec: Spec, known: Known, request: Request) -> Outcome | None:
    """A selection by the algorithm that a strategy has when it is alone; None if it has none."""
    alone = STRATEGIES[spec.name].alone
    strength = spec.strength if isinstance(spec, strategies.Weighed) else 1.0
    if alone is None or strength < 0:
        return None
    notes: tuple[str, ...] = ()
    if strength != 1:
        notes = (f"Strength {strength:g} of {spec.name} has no effect, for it is alone.",)
    return Outcome(alone(spec, known, request), (Objective(spec, notes=notes),))


def _in_words(product: Sequence[Spec], wanted: Sequence[Spec]) -> str:
    """As in "diversity × balance where sharpness>20"."""
    conditions = [spec.words() for spec in wanted if isinstance(spec, strategies.Threshold)]
    where = f" where {' and '.join(conditions)}" if conditions else ""
    return " × ".join(spec.name for spec in product) + where
