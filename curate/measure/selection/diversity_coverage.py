"""Diversity and coverage of every set that a report compares.

The sets are the input, the selection, random selections, the datapool, and the last two together
with the datapool. All are measured from the same queries, and their histograms share bins.
  diversity  distance of each member of a set to its nearest other member
  coverage   distance of each input item to the nearest member of a set
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
        queries = self.vectors[self.queries]
        return k_nearest(queries, self.vectors, k, self.metric, own_rows=self.queries)

    def members(self, rows: IntArray, *, with_pool: bool = False) -> FloatArray:
        """The vectors in `rows`, and those of the datapool."""
        chosen = self.vectors[rows]
        return np.concatenate([chosen, self.pool]) if with_pool else chosen

    def measured(
        self, measure: Callable[[FloatArray], Measured | None], whole: Measured | None
    ) -> dict[str, list[Measured]]:
        """`measure` of each set by name; a list because random sets are many."""
        sets = {
            "input": [whole],
            "selected": [measure(self.members(self.picks))],
            "random": [measure(self.members(rows)) for rows in self.draws],
        }
        if self.pool is not None:
            sets["datapool"] = [measure(self.pool)]
            sets["union"] = [measure(self.members(self.picks, with_pool=True))]
            sets["random_union"] = [
                measure(self.members(rows, with_pool=True)) for rows in self.draws
            ]
        return {
            name: [measured for measured in several if measured is not None]
            for name, several in sets.items()
        }


def diversity_of(sets: Sets) -> tuple[DiversityMeasures, IntArray]:
    """Diversity of every set, and for each pick the position of its nearest other; -1 if none."""

    def within(members: FloatArray) -> Measured | None:
        queries = sample_queries(len(members), sets.limit, sets.seed)
        return to_nearest_other(members, sets.metric, queries)

    near, exact = sets.nearest_others, len(sets.queries) == len(sets.vectors)
    whole = None if near is None else Measured(near.distances[:, 0], near.rows[:, 0], exact)
    measured = sets.measured(within, whole)
    nearest_picks = np.full(len(sets.picks), -1, dtype=np.int64)
    for selected in measured["selected"]:
        if selected.exact:
            nearest_picks = selected.rows
    return DiversityMeasures(**vars(_measures(measured, better=gt))), nearest_picks


def coverage_of(sets: Sets) -> SetMeasures:
    """Coverage of the input by every set."""

    def by(members: FloatArray) -> Measured:
        return to_nearest_member(sets.vectors, members, sets.metric, sets.queries)

    return _measures(sets.measured(by, None), better=lt)


def _measures(
    sets: dict[str, list[Measured]], better: Callable[[float, float], bool]
) -> SetMeasures:
    """Distributions over shared bins, and what random draws give beside them."""
    every = [measured.distances for several in sets.values() for measured in several]
    edges = shared_edges(every)

    def described(name: str) -> Distribution | None:
        for measured in sets.get(name, []):
            return distribution(measured.distances, edges, measured.exact)
        return None

    def drawn(name: str, rival: str) -> RandomBaseline | None:
        if not sets.get(name):
            return None
        return random_baseline(
            [measured.distances for measured in sets[name]],
            summarise(sets[rival][0].distances),
            better,
            edges,
            sets[name][0].exact,
        )

    return SetMeasures(
        input=described("input"),
        selected=described("selected"),
        random=drawn("random", "selected"),
        datapool=described("datapool"),
        union=described("union"),
        random_union=drawn("random_union", "union"),
    )
