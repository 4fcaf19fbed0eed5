"""Everything that is measured about one selection: Selection -> Analysis.

Every set (input, selected, random draws, datapool, and the unions with it) is measured
from the same queries, so that their maxima may be compared; only the covering radius of
the selection comes from all of the input, for the traversal knows it.
A selection made beyond a datapool leaves to it what it covers: its rival is then random
choice beyond the same datapool.
Cost: q queries against n items once, and against k picks for each of the draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import gt, lt
from typing import Any

import numpy as np

from curate.core import Embeddings, FloatArray, IntArray, Metric, Selection
from curate.measure.baseline import RandomBaseline, random_baseline
from curate.measure.distribution import Distribution, distribution, shared_edges, summarise
from curate.measure.duplicates import count_distinct, duplicate_groups
from curate.measure.maps import Maps, make_maps
from curate.measure.nearest import (
    Measured,
    sample_queries,
    to_nearest_member,
    to_nearest_other,
)
from curate.progress import Progress, Stopwatch, silent

MAP_PICKS = 2_000  # picks drawn at most
WORST = 12
BUDGET_POINTS = 1_000


@dataclass(frozen=True)
class SetMeasures:
    """One measure for every set it is defined for, None for the others."""

    input: Distribution | None = None
    selected: Distribution | None = None
    random: RandomBaseline | None = None
    datapool: Distribution | None = None
    union: Distribution | None = None
    random_union: RandomBaseline | None = None


@dataclass(frozen=True)
class Budget:
    """`radius` (b,): covering radius of the first `n` (b,) picks."""

    n: list[int]
    radius: list[float]


@dataclass(frozen=True)
class Analysis:
    """The numbers of a report.

    worst            input rows that are covered worst, farthest first
    neighbours       (k,) for each pick the position of its nearest other pick; -1 if alone
    duplicate_groups rows of equal content
    draws            input rows of each random selection
    """

    diversity: SetMeasures
    coverage: SetMeasures
    radius: float
    worst: IntArray
    neighbours: IntArray
    budget: Budget
    maps: Maps
    distinct: int
    duplicate_groups: list[list[int]]
    draws: list[IntArray]


@dataclass(frozen=True)
class Plan:
    """How much to measure: `draws` random selections, `queries` and `map_points` at most."""

    draws: int = 20
    queries: int = 10_000
    map_points: int = 5_000
    seed: np.random.SeedSequence = field(default_factory=lambda: np.random.SeedSequence(0))


def analyse(
    embeddings: Embeddings,
    selection: Selection,
    keys: Sequence[bytes],
    datapool: FloatArray | None,
    candidates: IntArray,
    plan: Plan,
    watch: Stopwatch | None = None,
    progress: Progress = silent,
) -> Analysis:
    """Measure `selection` against the input, random draws from `candidates` and the datapool.

    keys        n content hashes
    candidates  rows that could have been selected
    """
    seeds = plan.seed.spawn(5)
    n = len(embeddings)
    rng = np.random.default_rng(seeds[0])
    k = len(selection)
    sets = Sets(
        vectors=embeddings.vectors,
        metric=embeddings.metric,
        queries=sample_queries(n, plan.queries, seeds[1]),
        picks=selection.picks,
        draws=[rng.choice(candidates, size=k, replace=False) for _ in range(plan.draws)],
        pool=datapool,
        limit=plan.queries,
        seed=seeds[2],
    )
    shown, n_sampled = _rows_on_maps(n, selection.picks, plan.map_points, seeds[3])
    work: dict[str, Callable[[], Any]] = {
        "diversity": lambda: diversity_of(sets),
        "coverage": lambda: coverage_of(sets),
        "duplicates": lambda: (count_distinct(embeddings.vectors), duplicate_groups(keys)),
        "maps": lambda: make_maps(embeddings, shown, n_sampled, seeds[4]),
    }
    found = {}
    watch = watch or Stopwatch()
    for stage in progress(list(work), "measuring", len(work)):
        with watch(stage):
            found[stage] = work[stage]()
    diversity, neighbours = found["diversity"]
    distinct, groups = found["duplicates"]
    return Analysis(
        diversity=diversity,
        coverage=found["coverage"],
        radius=float(selection.coverage.max()),
        worst=np.argsort(-selection.coverage, kind="stable")[:WORST],
        neighbours=neighbours,
        budget=_budget(selection),
        maps=found["maps"],
        distinct=distinct,
        duplicate_groups=groups,
        draws=sets.draws,
    )


@dataclass(frozen=True)
class Sets:
    """The sets that are compared, as rows of `vectors` or (·, d) vectors, and the queries."""

    vectors: FloatArray
    metric: Metric
    queries: IntArray
    picks: IntArray
    draws: list[IntArray]
    pool: FloatArray | None
    limit: int
    seed: np.random.SeedSequence

    def members(self, rows: IntArray, *, with_pool: bool = False) -> FloatArray:
        """The vectors in `rows`, and those of the datapool."""
        chosen = self.vectors[rows]
        return np.concatenate([chosen, self.pool]) if with_pool else chosen

    def measured(
        self, measure: Callable[[FloatArray], Measured | None], whole: Measured | None
    ) -> dict[str, list[Measured]]:
        """`measure` of each set by name; a list because random sets are many."""
        found = {
            "input": [whole],
            "selected": [measure(self.members(self.picks))],
            "random": [measure(self.members(rows)) for rows in self.draws],
        }
        if self.pool is not None:
            found["datapool"] = [measure(self.pool)]
            found["union"] = [measure(self.members(self.picks, with_pool=True))]
            found["random_union"] = [
                measure(self.members(rows, with_pool=True)) for rows in self.draws
            ]
        return {name: [one for one in many if one is not None] for name, many in found.items()}


def diversity_of(sets: Sets) -> tuple[SetMeasures, IntArray]:
    """Diversity of every set, and for each pick the position of its nearest other; -1 if none."""

    def within(members: FloatArray) -> Measured | None:
        queries = sample_queries(len(members), sets.limit, sets.seed)
        return to_nearest_other(members, sets.metric, queries)

    whole = to_nearest_other(sets.vectors, sets.metric, sets.queries)
    found = sets.measured(within, whole)
    neighbours = np.full(len(sets.picks), -1, dtype=np.int64)
    for selected in found["selected"]:
        if selected.exact:
            neighbours = selected.rows
    return _measures(found, better=gt), neighbours


def coverage_of(sets: Sets) -> SetMeasures:
    """Coverage of the input by every set."""

    def by(members: FloatArray) -> Measured:
        return to_nearest_member(sets.vectors, members, sets.metric, sets.queries)

    return _measures(sets.measured(by, None), better=lt)


def _measures(
    found: dict[str, list[Measured]], better: Callable[[float, float], bool]
) -> SetMeasures:
    """Distributions over shared bins, and what random draws give beside them."""
    every = [one.distances for many in found.values() for one in many]
    if not every:
        return SetMeasures()
    edges = shared_edges(every)

    def described(name: str) -> Distribution | None:
        for one in found.get(name, []):
            return distribution(one.distances, edges, one.exact)
        return None

    def drawn(name: str, rival: str) -> RandomBaseline | None:
        if not found.get(name):
            return None
        return random_baseline(
            [one.distances for one in found[name]],
            summarise(found[rival][0].distances),
            better,
            edges,
            found[name][0].exact,
        )

    return SetMeasures(
        input=described("input"),
        selected=described("selected"),
        random=drawn("random", "selected"),
        datapool=described("datapool"),
        union=described("union"),
        random_union=drawn("random_union", "union"),
    )


def _rows_on_maps(
    n: int, picks: IntArray, limit: int, seed: np.random.SeedSequence
) -> tuple[IntArray, int]:
    sample = sample_queries(n, limit, seed)
    missing = picks[:MAP_PICKS][~np.isin(picks[:MAP_PICKS], sample)]
    return np.concatenate([sample, missing]), len(sample)


def _budget(selection: Selection) -> Budget:
    """Covering radii of every number of picks, or of enough of them to draw the curve."""
    k = len(selection)
    counts = np.arange(1, k + 1)
    if k > BUDGET_POINTS:
        counts = np.unique(np.round(np.geomspace(1, k, BUDGET_POINTS)).astype(np.int64))
    return Budget(counts.tolist(), selection.radii[counts - 1].tolist())
