"""The table of strategies, and the functions that run them.

A strategy has up to three roles, each a function in its line of the table:

    condition  says which items may be picked at all (threshold; weights, which needs a value)
    objective  computes a factor of the product from which picks are made (`product/factors.py`)
    alone      makes the whole selection if no other strategy but thresholds is given

To add a strategy: write its settings in `schema/strategies.py`, its function in one file of
`strategies/` (alone) or `product/` (a factor), and one line in the table here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from curate.core.values import BoolArray, Embeddings, Selection
from curate.errors import RequestError, SelectionError
from curate.schema import strategies
from curate.schema.strategies import Diversity, Spec, Weights, name_of
from curate.schema.strategy_syntax import spec_text
from curate.select.combined import assemble
from curate.select.combined.balance import balance_objective
from curate.select.combined.random_factor import random_objective
from curate.select.combined.similarity import similarity_objective
from curate.select.combined.typicality import outliers_objective, typicality_objective
from curate.select.combined.weights import has_weight, weights_objective
from curate.select.objectives import (
    DiversityObjective,
    Objective,
    StrategyInputs,
    ThresholdObjective,
)
from curate.select.request import Request, check_request
from curate.select.strategies import farthest_first, k_medoids
from curate.select.strategies.deduplicate import deduplicate
from curate.select.strategies.facility_location import facility_location
from curate.select.strategies.random_choice import random_choice
from curate.select.strategies.sequence import sequence
from curate.select.strategies.threshold import meets_threshold

# The first argument is the strategy's own spec class, which differs from line to line.
Condition = Callable[[Any, StrategyInputs, BoolArray], tuple[BoolArray, tuple[str, ...]]]
MakeObjective = Callable[[Any, StrategyInputs, Request], Objective]
SelectAlone = Callable[[Any, StrategyInputs, Request], Selection]


@dataclass(frozen=True)
class Strategy:
    """A line of the table.

    spec       the class of its settings
    condition  (n,) which items may be picked, and notes; given the candidates so far
    objective  makes its factor; None if it cannot be combined
    alone      makes the selection; None if that is a product of one factor
    alone_objective  makes the objective of such a selection
    memory     bytes that `alone` needs at most beside the vectors; None for those of a product
    once       whether it may be given only once
    start      how --start applies: its first pick is the start item ("used"), it follows the
               other strategies ("neutral"), or its first pick is another ("unused")
    """

    spec: type[Spec]
    condition: Condition | None = None
    objective: MakeObjective | None = None
    alone: SelectAlone | None = None
    alone_objective: type[Objective] = Objective
    memory: Callable[[Embeddings, Request], int] | None = None
    once: bool = False
    start: Literal["used", "neutral", "unused"] = "unused"

    @property
    def selects(self) -> bool:
        """Whether it says what to pick, not only what may be picked."""
        return self.objective is not None or self.alone is not None


TABLE = (
    Strategy(
        strategies.Diversity,
        objective=lambda spec, inputs, request: DiversityObjective(spec),  # noqa: ARG005
        alone=lambda _, inputs, request: farthest_first.farthest_first(inputs.embeddings, request),
        alone_objective=DiversityObjective,
        memory=farthest_first.memory_needed,
        once=True,
        start="used",
    ),
    Strategy(strategies.Typicality, objective=typicality_objective),
    Strategy(strategies.Outliers, objective=outliers_objective),
    Strategy(strategies.Similarity, objective=similarity_objective),
    Strategy(strategies.Weights, condition=has_weight, objective=weights_objective),
    Strategy(strategies.Balance, objective=balance_objective, start="neutral"),
    Strategy(strategies.Threshold, condition=meets_threshold, start="neutral"),
    Strategy(
        strategies.RandomDraw,
        objective=random_objective,
        alone=lambda _, inputs, request: random_choice(inputs.embeddings, request),
    ),
    Strategy(
        strategies.FacilityLocation,
        alone=lambda _, inputs, request: facility_location(inputs.embeddings, request),
    ),
    Strategy(
        strategies.KMedoids,
        alone=lambda _, inputs, request: k_medoids.k_medoids(inputs.embeddings, request),
        memory=lambda embeddings, _: k_medoids.memory_needed(embeddings),
    ),
    Strategy(
        strategies.Deduplicate,
        alone=lambda spec, inputs, request: deduplicate(inputs.embeddings, request, spec.distance),
        start="used",
    ),
    Strategy(
        strategies.SequenceRuns,
        alone=lambda spec, inputs, request: sequence(
            inputs.embeddings,
            request,
            spec.length,
            inputs.column(spec.column).to_pylist() if spec.column else None,
        ),
        start="used",
    ),
)
STRATEGIES: dict[str, Strategy] = {name_of(strategy.spec): strategy for strategy in TABLE}


@dataclass(frozen=True)
class Candidates:
    """Which items may be picked.

    free        (n,) whether an item may be picked
    blocked     how many items were excluded before any condition
    thresholds  what each threshold left, in the order in which they were applied
    conditions  what excluded items, with the number that it left, in words
    notes       sentences that a reader must see
    """

    free: BoolArray
    blocked: int = 0
    thresholds: tuple[ThresholdObjective, ...] = ()
    conditions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """Why there are no more candidates; empty if no condition excluded any."""
        return "; ".join(self.conditions)


@dataclass(frozen=True)
class SelectionWithObjectives:
    """A selection, and what each strategy of the job computed for it."""

    selection: Selection
    objectives: tuple[Objective, ...]


def find_candidates(specs: Sequence[Spec], inputs: StrategyInputs, free: BoolArray) -> Candidates:
    """Apply the conditions of `specs` to the `free` items (n,).

    Raises SelectionError if no item is left.
    """
    left = free
    thresholds: list[ThresholdObjective] = []
    conditions: list[str] = []
    notes: list[str] = []
    for spec in specs:
        condition = STRATEGIES[spec.name].condition
        if condition is None:
            continue
        passes, own_notes = condition(spec, inputs, left)
        notes += own_notes
        before = int(left.sum())
        left = left & passes
        after = int(left.sum())
        if isinstance(spec, strategies.Threshold):
            thresholds.append(ThresholdObjective(spec, before, after))
        if isinstance(spec, strategies.Threshold) or after < before:
            conditions.append(f"{spec_text(spec)} leaves {after:,}")
        if before and not after:
            why = f" {notes[-1]}" if notes else ""
            raise SelectionError(
                f"{spec_text(spec)} leaves none of {before:,} items.{why} Loosen the condition."
            )
    return Candidates(left, int((~free).sum()), tuple(thresholds), tuple(conditions), tuple(notes))


def select(
    specs: Sequence[Spec],
    inputs: StrategyInputs,
    request: Request,
    candidates: Candidates | None = None,
) -> SelectionWithObjectives:
    """Select `request.k` of `request.candidates` by the strategies `specs`.

    candidates  from which `request.candidates` were taken; their thresholds and notes are
                passed on

    Raises RequestError for strategies that cannot be combined, SelectionError if k items cannot
    be selected.
    """
    check_request(request, inputs.embeddings)
    selecting = _selecting(specs)
    _refuse_conflicts(selecting, request)
    selection, objectives = _alone(selecting, inputs, request) or _by_product(
        selecting, inputs, request
    )
    if not len(selection):
        raise SelectionError(
            f"no item can be selected. {' '.join(selection.notes)} Loosen the limits."
        )
    thresholds = candidates.thresholds if candidates else ()
    objectives = [*thresholds, *objectives]
    selection = replace(
        selection,
        strategy=_in_words(selecting, specs),
        notes=(
            *selection.notes,
            *(candidates.notes if candidates else ()),
            *(note for objective in objectives for note in objective.notes),
        ),
    )
    return SelectionWithObjectives(selection, tuple(objectives))


def memory_needed(specs: Sequence[Spec], embeddings: Embeddings, request: Request) -> int:
    """Bytes that `select` needs at most beside the vectors; printed before it starts."""
    selecting = _selecting(specs)
    memory = STRATEGIES[selecting[0].name].memory
    if len(selecting) == 1 and memory is not None:
        return memory(embeddings, request)
    return assemble.memory_needed(embeddings)


def _selecting(specs: Sequence[Spec]) -> list[Spec]:
    """The specs that say what to pick; diversity if all are conditions."""
    return [spec for spec in specs if STRATEGIES[spec.name].selects] or [Diversity()]


def _refuse_conflicts(selecting: Sequence[Spec], request: Request) -> None:
    """Raise RequestError for strategies that cannot be combined, or a start without effect."""
    names = [spec.name for spec in selecting]
    for name in names:
        strategy = STRATEGIES[name]
        if len(names) > 1 and strategy.objective is None:
            others = " and ".join(other for other in names if other != name)
            raise RequestError(
                f"{name} cannot be combined with {others or name}: it selects alone. "
                "Only thresholds can go with it."
            )
        if strategy.once and names.count(name) > 1:
            raise RequestError(f"{name} is named twice: give it once, with a strength.")
    if sum(isinstance(spec, Weights) and spec.budget is not None for spec in selecting) > 1:
        raise RequestError("two budgets are given: give only one.")
    starts = {STRATEGIES[name].start for name in names}
    if request.start != "mean" and ("unused" in starts or "used" not in starts):
        raise RequestError(
            f"--start {request.start} has no effect with {' × '.join(names)}: the first pick is "
            "the item with the largest product. Leave --start out."
        )


def _alone(
    selecting: Sequence[Spec], inputs: StrategyInputs, request: Request
) -> tuple[Selection, list[Objective]] | None:
    """The selection of a strategy with an algorithm of its own; None if a product makes it."""
    spec, strategy = selecting[0], STRATEGIES[selecting[0].name]
    strength = spec.strength if isinstance(spec, strategies.FactorSpec) else 1.0
    if len(selecting) > 1 or strategy.alone is None or strength < 0:
        return None
    notes: tuple[str, ...] = ()
    if strength != 1:
        notes = (f"Strength {strength:g} of {spec.name} has no effect without other strategies.",)
    selection = strategy.alone(spec, inputs, request)
    return selection, [strategy.alone_objective(spec, notes=notes)]


def _by_product(
    selecting: Sequence[Spec], inputs: StrategyInputs, request: Request
) -> tuple[Selection, list[Objective]]:
    """The selection by the product of all factors; `_refuse_conflicts` saw that each has one."""
    objectives = [
        make(spec, inputs, request)
        for spec in selecting
        if (make := STRATEGIES[spec.name].objective) is not None
    ]
    return assemble.select_by_product(objectives, inputs.embeddings, request)


def _in_words(selecting: Sequence[Spec], specs: Sequence[Spec]) -> str:
    """The strategies in words: "diversity × balance where sharpness>20"."""
    thresholds = [spec.settings_text() for spec in specs if isinstance(spec, strategies.Threshold)]
    where = f" where {' and '.join(thresholds)}" if thresholds else ""
    return " × ".join(spec.name for spec in selecting) + where
