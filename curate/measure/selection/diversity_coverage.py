"""The sets that are compared, all measured from the same queries, in shared bins.

Cost: q queries against n items once, and against k picks for each of the draws.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from operator import gt, lt

import numpy as np

from curate.core.distance import Neighbours, k_nearest
from curate.core.values import FloatArray, IntArray, Metric
from curate.measure.distances import (
    Measured,
    distribution,
    random_baseline,
    sample_queries,
    shared_edges,
    summarise,
    to_nearest_member,
    to_nearest_other,
)
from curate.measure.selection.neighbourhoods import NEAREST
from curate.schema.measures import Distribution, DiversityMeasures, RandomBaseline, SetMeasures


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

    @cached_property
    def nearest_others(self) -> Neighbours | None:
        """The nearest others of each query; None for a single item."""
        k = min(NEAREST, len(self.vectors) - 1)
        if k < 1:
            return None
        found = self.vectors[self.queries]
        return k_nearest(found, self.vectors, k, self.metric, own_rows=self.queries)

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


def diversity_of(sets: Sets) -> tuple[DiversityMeasures, IntArray]:
    """Diversity of every set, and for each pick the position of its nearest other; -1 if none."""

    def within(members: FloatArray) -> Measured | None:
        queries = sample_queries(len(members), sets.limit, sets.seed)
        return to_nearest_other(members, sets.metric, queries)

    near, exact = sets.nearest_others, len(sets.queries) == len(sets.vectors)
    whole = None if near is None else Measured(near.distances[:, 0], near.rows[:, 0], exact)
    found = sets.measured(within, whole)
    neighbours = np.full(len(sets.picks), -1, dtype=np.int64)
    for selected in found["selected"]:
        if selected.exact:
            neighbours = selected.rows
    return DiversityMeasures(**vars(_measures(found, better=gt))), neighbours


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
