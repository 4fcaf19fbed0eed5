"""Everything that is measured about one selection: Selection -> Analysis.

Every set (input, selection, random draws, datapool, and both with the datapool) is measured from
the same queries, so that their maxima can be compared. Only the covering radius of the selection
comes from all of the input: the traversal has measured it.
A selection that was made beyond a datapool need not cover what the datapool covers: it is compared
with random choice beyond the same datapool.
Cost: q queries against n items once, and against k picks for each of the draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np

from curate.core.memory_map import row_blocks
from curate.core.values import Embeddings, FloatArray, IntArray, Selection
from curate.measure.distances import sample_queries
from curate.measure.projections import MapsOfRows, maps_with
from curate.measure.selection.budget import curve_of, halves, knee_of
from curate.measure.selection.diversity_coverage import Sets, coverage_of, diversity_of
from curate.measure.selection.likeness import likeness_of
from curate.measure.selection.neighbourhoods import NeighbourhoodsOfRows, neighbourhoods_of
from curate.progress import Progress, Stopwatch, silent
from curate.schema.job import MeasureSettings
from curate.schema.measures import BudgetCurve, DiversityMeasures, Likeness, SetMeasures

MAP_PICKS = 2_000  # picks drawn at most
WORST = 12
BUDGET_POINTS = 1_000


def duplicate_groups(keys: Sequence[bytes]) -> list[list[int]]:
    """Rows of equal `keys` (content hashes), groups of two and more, in order of first row."""
    rows: dict[bytes, list[int]] = {}
    for row, key in enumerate(keys):
        rows.setdefault(key, []).append(row)
    return [group for group in rows.values() if len(group) > 1]


def count_distinct(vectors: FloatArray) -> int:
    """How many different rows (n, d) `vectors` has; −0.0 equals 0.0.

    Rows are compared by 16 bytes of their hash: 4 GB of rows need less memory than that here.
    """
    seen: set[bytes] = set()
    for rows in row_blocks(vectors):
        signless = np.ascontiguousarray(vectors[rows] + vectors.dtype.type(0))
        seen.update(blake2b(row, digest_size=16).digest() for row in signless)
    return len(seen)


@dataclass(frozen=True)
class Analysis:
    """The numbers of a report.

    worst            input rows that are covered worst, farthest first
    nearest_picks    (k,) for each pick the position of its nearest other pick; -1 if alone
    duplicate_groups rows of equal content
    draws            input rows of each random selection
    likeness, neighbourhoods  None where there is nothing to measure: a single item, or equal ones
    """

    diversity: DiversityMeasures
    coverage: SetMeasures
    radius: float
    worst: IntArray
    nearest_picks: IntArray
    budget: BudgetCurve
    maps: MapsOfRows
    distinct: int
    duplicate_groups: list[list[int]]
    draws: list[IntArray]
    likeness: Likeness | None
    neighbourhoods: NeighbourhoodsOfRows | None


def analyse(
    embeddings: Embeddings,
    selection: Selection,
    keys: Sequence[bytes],
    datapool: FloatArray | None,
    candidates: IntArray,
    settings: MeasureSettings,
    seed: np.random.SeedSequence,
    watch: Stopwatch | None = None,
    progress: Progress = silent,
) -> Analysis:
    """Measure `selection` against the input, random draws from `candidates` and the datapool.

    keys        n content hashes
    candidates  rows that could have been selected
    """
    seeds = seed.spawn(8)
    n = len(embeddings)
    rng = np.random.default_rng(seeds[0])
    k = len(selection)
    sets = Sets(
        vectors=embeddings.vectors,
        metric=embeddings.metric,
        queries=sample_queries(n, settings.queries, seeds[1]),
        picks=selection.picks,
        draws=[rng.choice(candidates, size=k, replace=False) for _ in range(settings.random_draws)],
        pool=datapool,
        limit=settings.queries,
        seed=seeds[2],
    )
    shown, n_sampled = _rows_on_maps(n, selection.picks, settings.map_points, seeds[3])
    work: dict[str, Callable[[], Any]] = {
        "diversity": lambda: diversity_of(sets),
        "coverage": lambda: coverage_of(sets),
        "likeness": lambda: likeness_of(
            sets.vectors, sets.metric, sets.picks, sets.draws, seeds[5]
        ),
        "budget": lambda: _budget(selection, sets, seeds[6]),
        "duplicates": lambda: (count_distinct(embeddings.vectors), duplicate_groups(keys)),
        "maps": lambda: maps_with(settings.map, embeddings, shown, n_sampled, seeds[4]),
    }
    measured = {}
    watch = watch or Stopwatch()
    for stage in progress(list(work), "measuring", len(work)):
        with watch(stage):
            measured[stage] = work[stage]()
    diversity, nearest_picks = measured["diversity"]
    distinct, groups = measured["duplicates"]
    return Analysis(
        diversity=diversity,
        coverage=measured["coverage"],
        radius=float(selection.coverage.max()),
        worst=np.argsort(-selection.coverage, kind="stable")[:WORST],
        nearest_picks=nearest_picks,
        budget=measured["budget"],
        maps=measured["maps"],
        distinct=distinct,
        duplicate_groups=groups,
        draws=sets.draws,
        likeness=measured["likeness"],
        neighbourhoods=_neighbourhoods(sets, nearest_picks, keys, seeds[7]),
    )


def _neighbourhoods(
    sets: Sets, nearest_picks: IntArray, keys: Sequence[bytes], seed: np.random.SeedSequence
) -> NeighbourhoodsOfRows | None:
    if sets.nearest_others is None:
        return None
    return neighbourhoods_of(
        sets.vectors,
        sets.metric,
        sets.queries,
        sets.nearest_others,
        sets.picks,
        nearest_picks,
        sets.draws,
        keys,
        seed,
    )


def _rows_on_maps(
    n: int, picks: IntArray, limit: int, seed: np.random.SeedSequence
) -> tuple[IntArray, int]:
    sample = sample_queries(n, limit, seed)
    missing = picks[:MAP_PICKS][~np.isin(picks[:MAP_PICKS], sample)]
    return np.concatenate([sample, missing]), len(sample)


def _budget(selection: Selection, sets: Sets, seed: np.random.SeedSequence) -> BudgetCurve:
    """Covering radii of every number of picks, or of enough of them to draw the curve."""
    k = len(selection)
    counts = np.arange(1, k + 1)
    if k > BUDGET_POINTS:
        spread = np.round(np.geomspace(1, k, BUDGET_POINTS)).astype(np.int64)
        counts = np.union1d(spread, sorted(halves(k)))
    n, radius = counts.tolist(), selection.radii[counts - 1].tolist()
    place = knee_of(n, radius)
    knee = None if place is None else n[place]
    vectors, metric, limit = sets.vectors, sets.metric, sets.limit
    curve = curve_of(vectors, metric, sets.picks, sets.draws, sets.pool, knee, limit, seed)
    return BudgetCurve(n=n, radius=radius, knee=knee, curve=curve)
