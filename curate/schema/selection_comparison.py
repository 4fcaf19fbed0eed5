"""What `curate compare-selections` leaves behind: compare.json, a versioned pydantic root.

Everything its page prints is here. Distances are in the unit of the space.
"""

from __future__ import annotations

from typing import Literal

from curate.schema.base import Part

COMPARISON_VERSION = "1.0"


class SelectionStatistic(Part):
    """One statistic of one selection, beside random selections of its size."""

    value: float
    """Of the selection; with a datapool, coverage is by both together."""
    random: float | None
    """Mean over the random draws; null where every draw would be the same."""
    interval: tuple[float, float] | None
    """Middle 95% of the draws."""
    standing: Literal["better", "like", "worse"] | None
    """Against the draws: outside their middle 95% on the good or the bad side, or inside."""
    exact: bool
    """Whether every item was measured, or a sample of them."""


class LabelBalance(Part):
    """How the labels of a set are spread."""

    counts: dict[str, int]
    """Items of each label, most first, at most 200 labels; items without a label are (none)."""
    items: int
    """Items that were counted: all. Of labels that the report does not count (see `balance`), those
    that it lists."""
    balance: float | None
    """Balance entropy, as in `columns` of report.json: −Σ p ln p / ln C over the C labels of the
    data, where items without a label are a label of their own. 1 where all are equally frequent, 0
    where one is alone. Null where the report does not count its labels: all are equal, nearly each
    item has its own, or the report is of schema version 1.0."""


class SelectionCompared(Part):
    """One selection."""

    name: str
    """What it is called here: the folder of its run, as short as the others allow."""
    run: str
    """Where its report is, as given."""
    command: str
    """What makes it again."""
    strategy: str
    """How it was made."""
    selected: int
    """Items selected."""
    datapool: int
    """Items that counted as selected before."""
    statistics: dict[str, SelectionStatistic]
    """By name: diversity_mean, diversity_min, coverage_mean, coverage_q95, coverage_max."""
    labels: LabelBalance | None
    """Labels of its items, null without a label column."""


class Comparison(Part):
    """The result of `curate compare-selections`."""

    schema_version: str = COMPARISON_VERSION
    """Version of this layout; the first number changes when a reader must change."""
    curate: str
    """Version of curate that compared them."""
    data_name: str
    """What the data set is called in the first report."""
    kind: str
    """What the items are: images, text or vectors."""
    input_fingerprint: str
    """Hash of all items and ids: the same for every selection."""
    input: int
    """Items that were selected from."""
    metric: str
    """Distance between embeddings."""
    embedder: str
    """What made the embeddings."""
    labels: LabelBalance | None
    """Labels of the data, null without a label column."""
    selections: list[SelectionCompared]
    """In the order given."""
