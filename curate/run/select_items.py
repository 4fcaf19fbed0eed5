"""The select step of a job: which items may be picked, and which are.

A selection that was made elsewhere (`curate measure`) takes the same way: it is replayed pick
by pick instead of made, so that it gets the same distances and the same measures.
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
from curate.run.embed_items import EmbeddedItems, embed_items, metadata_column
from curate.run.objects_in_images import EmbeddedObjects
from curate.schema.job import Job, SelectSettings, resolve_k
from curate.select.objectives import Objective, StrategyInputs
from curate.select.registry import Candidates, find_candidates, memory_needed, select
from curate.select.replay import replay
from curate.select.request import Request, Start
from curate.select.strategies.farthest_first import say_memory

NAMED_STARTS = ("mean", "first", "random")


@dataclass(frozen=True)
class SelectionOutcome:
    """A selection, and what measuring it needs to know of how it was made.

    objectives  what each strategy computed, in the order of the job; none for a selection by
                objects, or one made elsewhere
    candidates  (n,) which items could have been picked
    datapool    (m, d) vectors that counted as selected; None without
    blocked     how many items are in the datapool already
    """

    selection: Selection
    objectives: Sequence[Objective]
    candidates: BoolArray
    datapool: FloatArray | None
    blocked: int


def select_items(
    job: Job,
    items: EmbeddedItems,
    datapool: EmbeddedItems | None,
    objects: EmbeddedObjects | None,
    queries: dict[str, Dataset],
    selected_ids: Sequence[str] | None,
    seed: np.random.SeedSequence,
    progress: Progress,
) -> SelectionOutcome:
    """Make the selection of a job, or replay the one of `selected_ids` if that is given.

    datapool      items that count as selected
    queries       the query set of each similarity, by its words in the job
    selected_ids  ids in pick order
    Raises RequestError for a selection that cannot be made.
    """
    inputs = _strategy_inputs(job, items, datapool, queries, progress)
    candidates = find_candidates(job.select.strategy, inputs, _not_in_datapool(items, datapool))
    request = _request(job, items, datapool, candidates, seed, progress)
    free = candidates.free.copy()
    objectives: Sequence[Objective] = ()
    if selected_ids is not None:
        selection = _replayed(job.select, selected_ids, items, request)
        free[selection.picks] = True  # they were picked, so random draws may pick them
    else:
        say_memory(items.embeddings, memory_needed(job.select.strategy, items.embeddings, request))
        if objects is not None and objects.select_by != "images":
            selection = objects.select(items.embeddings, request)
        else:
            outcome = select(job.select.strategy, inputs, request, candidates)
            selection, objectives = outcome.selection, outcome.objectives
    return SelectionOutcome(selection, objectives, free, request.datapool, candidates.blocked)


def why_so_few(dataset: Dataset, blocked: int = 0, conditions: str = "") -> str:
    """Why there are no more candidates, in parentheses; empty if every item is one."""
    why = [dataset.left_out_in_words()] if dataset.set_aside else []
    why += [f"{blocked:,} more are in the datapool already"] if blocked else []
    why += [conditions] if conditions else []
    return f" ({'; '.join(why)})" if why else ""


def _strategy_inputs(
    job: Job,
    items: EmbeddedItems,
    datapool: EmbeddedItems | None,
    queries: dict[str, Dataset],
    progress: Progress,
) -> StrategyInputs:
    """The data that strategies read: embeddings, columns, and query sets, embedded when used."""

    def column(name: str) -> pa.ChunkedArray:
        values = metadata_column(items.dataset, name)
        assert values is not None  # `with_strategy_columns` has computed it
        return values

    def datapool_column(name: str) -> pa.ChunkedArray | None:
        return None if datapool is None else metadata_column(datapool.dataset, name)

    def query_vectors(words: str) -> FloatArray:
        embedded = embed_items(job.embed, queries[words], job.select.seed, progress, like=items)
        return embedded.embeddings.vectors

    return StrategyInputs(items.embeddings, column, datapool_column, query_vectors)


def _not_in_datapool(items: EmbeddedItems, datapool: EmbeddedItems | None) -> BoolArray:
    """(n,) whether the content of an item differs from that of every datapool item."""
    if datapool is None:
        return np.ones(len(items.dataset), dtype=bool)
    taken = set(datapool.keys)
    return np.array([key not in taken for key in items.keys], dtype=bool)


def _request(
    job: Job,
    items: EmbeddedItems,
    datapool: EmbeddedItems | None,
    candidates: Candidates,
    seed: np.random.SeedSequence,
    progress: Progress,
) -> Request:
    """What a strategy is asked for."""
    free = candidates.free
    why = why_so_few(items.dataset, candidates.blocked, candidates.in_words)
    settings = job.select
    return Request(
        k=0 if settings.selection else resolve_k(settings, int(free.sum()), why),
        start=_start(settings, items.dataset, free, has_datapool=datapool is not None),
        datapool=None if datapool is None else datapool.embeddings.vectors,
        candidates=None if free.all() else free,
        min_distance=settings.min_distance,
        seed=seed,
        threads=job.embed.threads,
        progress=progress,
    )


def _start(
    settings: SelectSettings, dataset: Dataset, free: BoolArray, *, has_datapool: bool
) -> Start:
    """Where a traversal starts: a rule by name, or the row of the item with this id."""
    start = settings.start
    if start != "mean" and has_datapool:
        raise RequestError(
            f"--start {start} has no effect with a datapool: the first pick is the item "
            "farthest from it. Leave --start out."
        )
    if start in NAMED_STARTS:
        return start  # type: ignore[return-value]  # checked on the line above
    try:
        row = list(dataset.ids).index(start)
    except ValueError:
        raise RequestError(
            f"--start {start!r} is neither mean, first or random nor the id of an item: "
            f"{did_you_mean(start, dataset.ids[:1000])}"
        ) from None
    if not free[row]:
        raise RequestError(f"--start {start!r} is an item that cannot be picked: name another.")
    return row


def _replayed(
    settings: SelectSettings, ids: Sequence[str], items: EmbeddedItems, request: Request
) -> Selection:
    """The selection of these ids, which was made elsewhere."""
    assert settings.selection is not None
    source = Path(settings.selection).name or settings.selection
    rows, notes = rows_with_ids(ids, items.dataset, source, ignore_unknown=settings.ignore_unknown)
    return replay(items.embeddings, rows, request, "given", notes)
