"""The selection of a job: what strategies may look at, what they are asked, what they answer.

A selection that somebody else made takes the same way, and is replayed instead of made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from curate.core.values import BoolArray, Dataset, FloatArray, Selection
from curate.data.selected_ids import rows_with_ids
from curate.errors import RequestError, did_you_mean
from curate.progress import Progress
from curate.run.items import Items, column, embed_items
from curate.run.objects import ObjectLevel
from curate.schema.job import Job, resolve_k
from curate.select.product.objectives import Known, Objective
from curate.select.registry import Narrowed, memory_needed, narrow, select
from curate.select.replay import replay
from curate.select.request import Request, Start
from curate.select.strategies.farthest_first import say_memory

NAMED_STARTS = ("mean", "first", "random")


@dataclass(frozen=True)
class Chosen:
    """A selection, and from what it was made.

    objectives  what each strategy found, in the order of the job; none if objects selected,
                or somebody else
    candidates  (n,) which items could have been picked
    datapool    (m, d) vectors that counted as selected; None without
    blocked     items that are in the datapool already
    """

    selection: Selection
    objectives: Sequence[Objective]
    candidates: BoolArray
    datapool: FloatArray | None
    blocked: int


def choose(
    job: Job,
    items: Items,
    pool: Items | None,
    level: ObjectLevel | None,
    queries: dict[str, Dataset],
    picked: Sequence[str] | None,
    seed: np.random.SeedSequence,
    progress: Progress,
) -> Chosen:
    """Make the selection that `job` asks for, or take the ids `picked`, where there are some.

    pool     items that count as selected
    level    objects in the items
    queries  the query set of each similarity, by how the job names it
    """
    known = _known(job, items, pool, queries, progress)
    narrowed = narrow(job.select.strategy, known, _not_in_pool(items, pool))
    request = _request(job, items, pool, narrowed, seed, progress)
    candidates = narrowed.candidates.copy()
    objectives: Sequence[Objective] = ()
    if picked is not None:
        selection = _given(job, picked, items, request)
        candidates[selection.picks] = True  # whoever picked them could, so may random draws
    else:
        say_memory(items.embeddings, memory_needed(job.select.strategy, items.embeddings, request))
        if level is not None and level.selects:
            selection = level.select(items.embeddings, request)
        else:
            outcome = select(job.select.strategy, known, request, narrowed)
            selection, objectives = outcome.selection, outcome.objectives
    return Chosen(selection, objectives, candidates, request.datapool, narrowed.blocked)


def why_so_few(dataset: Dataset, blocked: int = 0, conditions: str = "") -> str:
    """Why there are no more candidates, in parentheses; empty if every item is one."""
    why = [dataset.left_out_in_words()] if dataset.set_aside else []
    why += [f"{blocked:,} more are in the datapool already"] if blocked else []
    why += [conditions] if conditions else []
    return f" ({'; '.join(why)})" if why else ""


def _known(
    job: Job, items: Items, pool: Items | None, queries: dict[str, Dataset], progress: Progress
) -> Known:
    """What strategies may look at."""

    def own(name: str) -> pa.ChunkedArray:
        found = column(items.dataset, name)
        assert found is not None  # `with_named_columns` has seen to it
        return found

    def of_pool(name: str) -> pa.ChunkedArray | None:
        return None if pool is None else column(pool.dataset, name)

    def query(named: str) -> FloatArray:
        return embed_items(job, queries[named], progress, like=items).embeddings.vectors

    return Known(items.embeddings, own, of_pool, query)


def _not_in_pool(items: Items, pool: Items | None) -> BoolArray:
    """(n,) whether an item differs from every datapool item, and so may be selected."""
    if pool is None:
        return np.ones(len(items.dataset), dtype=bool)
    taken = set(pool.keys)
    return np.array([key not in taken for key in items.keys], dtype=bool)


def _request(
    job: Job,
    items: Items,
    pool: Items | None,
    narrowed: Narrowed,
    seed: np.random.SeedSequence,
    progress: Progress,
) -> Request:
    """What the strategies are asked."""
    candidates = narrowed.candidates
    why = why_so_few(items.dataset, narrowed.blocked, narrowed.in_words)
    return Request(
        k=0 if job.select.selection else resolve_k(job.select, int(candidates.sum()), why),
        start=_start(job, items.dataset, candidates, has_pool=pool is not None),
        datapool=None if pool is None else pool.embeddings.vectors,
        candidates=None if candidates.all() else candidates,
        min_distance=job.select.min_distance,
        seed=seed,
        threads=job.embed.threads,
        progress=progress,
    )


def _start(job: Job, dataset: Dataset, candidates: BoolArray, *, has_pool: bool) -> Start:
    if job.select.start != "mean" and has_pool:
        raise RequestError(
            f"--start {job.select.start} has no effect with a datapool: the first pick is the item "
            "farthest from it. Leave --start out."
        )
    if job.select.start in NAMED_STARTS:
        return job.select.start  # type: ignore[return-value]  # checked on the line above
    try:
        row = list(dataset.ids).index(job.select.start)
    except ValueError:
        raise RequestError(
            f"--start {job.select.start!r} is neither mean, first or random nor the id of an item: "
            f"{did_you_mean(job.select.start, dataset.ids[:1000])}"
        ) from None
    if not candidates[row]:
        raise RequestError(
            f"--start {job.select.start!r} is an item that cannot be picked: name another."
        )
    return row


def _given(job: Job, picked: Sequence[str], items: Items, request: Request) -> Selection:
    """The selection that somebody else made."""
    assert job.select.selection is not None
    source = Path(job.select.selection).name or job.select.selection
    rows, notes = rows_with_ids(
        picked, items.dataset, source, ignore_unknown=job.select.ignore_unknown
    )
    return replay(items.embeddings, rows, request, "given", notes)
