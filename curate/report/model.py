"""What a run leaves behind: `report.json`, a versioned pydantic root.

Everything the PDF prints is here, and what pipelines need. Long lists are bounded; the
rest is in side files that the report names, relative to its own folder. The published
JSON Schema (`reports/report.schema.json`) is generated from this file by `make schema`.

Units: distances are in the unit of the space, Euclidean (never squared) or cosine
1 − similarity; times are seconds; fractions are in [0, 1].
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from curate.job import Job

SCHEMA_VERSION = "1.0"

# What may differ between two runs of the same job on the same data.
VOLATILE = ("job.out", "provenance.created", "provenance.host", "timings")


class Part(BaseModel):
    """Base of every part: nothing unknown comes in, each field has its docstring."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, from_attributes=True, use_attribute_docstrings=True
    )


class Provenance(Part):
    """Where the numbers come from."""

    command: str
    """A command that makes this selection again."""
    data_name: str
    """What the data set is called in the report."""
    kind: str
    """What the items are: images, text or vectors."""
    input_fingerprint: str
    """Hash of all items and ids, in order: equal for equal input."""
    datapool_fingerprint: str | None
    """The same for the datapool, null without one."""
    embedder: str
    """Fingerprint of what made the embeddings: name, weights and preprocessing."""
    seed: int
    """Seed of everything that was random."""
    versions: dict[str, str]
    """Versions of curate and of the libraries that the numbers depend on."""
    created: str
    """When the run began, ISO 8601, UTC. Volatile."""
    host: dict[str, str]
    """Python, system, machine and number of processors. Volatile."""


class Counts(Part):
    """How many items there were, from reading to selecting."""

    read: int
    """Items found in the source."""
    set_aside: int
    """Of these, left out with a reason (see `set_aside`)."""
    input: int
    """Items with an embedding: `read` − `set_aside`. All measures are over these."""
    distinct: int
    """Different embeddings among the input; the other items repeat one of them."""
    datapool: int
    """Items chosen earlier, that counted as selected."""
    in_datapool: int
    """Input items that equal a datapool item and so could not be selected again."""
    selected: int
    """Items selected, k."""


class Item(Part):
    """One selected item."""

    rank: int
    """1 for the item that was picked first."""
    row: int
    """Its row among the input items, from 0, after setting aside."""
    id: str
    """Its id."""
    distance: float | None
    """Distance to the nearest item chosen before it; null for the first without a datapool."""
    label: str | None
    """Its label, where there is a label column."""
    text: str | None
    """The beginning of its text, where items are text."""


class SelectionPart(Part):
    """The selection, in pick order."""

    strategy: str
    """How it was made."""
    metric: str
    """Distance between embeddings: euclidean or cosine."""
    dims: int
    """Dimensions of the embeddings."""
    items: list[Item]
    """The picks in order, at most the first 10,000; all are in `files`."""
    files: dict[str, str]
    """Side files with every pick: txt (ids), csv and jsonl (rank, id, distance, metadata)."""
    thumbnails: str | None
    """Side file with small pictures of picks and worst-covered inputs (parquet: id, jpeg)."""
    notes: list[str]
    """What a reader must know about this selection, a sentence each."""


class Histogram(Part):
    """Counts of values in bins; bin i is [edges[i], edges[i+1]), the last includes its end."""

    edges: list[float]
    """Bin limits, one more than counts. Shared by all sets of a measure."""
    counts: list[float]
    """Items in each bin; for random sets the mean count over the draws."""


class Distribution(Part):
    """Distances of one set of items, as a whole distribution."""

    mean: float
    """Arithmetic mean."""
    min: float
    """Smallest distance."""
    max: float
    """Largest distance; for coverage this is the covering radius over the queries."""
    std: float
    """Standard deviation over the items (divided by their number)."""
    quantiles: dict[str, float]
    """Quantiles by their percentage: "5", "25", "50", "75", "90", "95", "99" (linear)."""
    histogram: Histogram
    """The distribution in bins."""
    exact: bool
    """True if every item was a query; false if a uniform sample of queries was. Each distance is
    exact either way."""
    n_queries: int
    """From how many items distances were measured."""


class Draw(Part):
    """One random selection of the same size."""

    mean: float
    """Arithmetic mean of its distances."""
    min: float
    """Smallest distance."""
    max: float
    """Largest distance."""
    std: float
    """Standard deviation."""
    quantiles: dict[str, float]
    """Quantiles as in Distribution."""


class RandomBaseline(Distribution):
    """Random selections of the same size. The statistics are means over the draws."""

    draws: list[Draw]
    """Each draw."""
    interval: dict[str, tuple[float, float]]
    """The middle 95% of the draws for "mean", "min", "max" and each quantile ("q5" …)."""
    draws_better: dict[str, int]
    """For the same statistics, how many of the draws beat the selection (diversity: larger;
    coverage: smaller); 0 means the selection beats or equals them all."""
    band: tuple[list[float], list[float]]
    """For each bin of the histogram the 2.5% and 97.5% quantile of the counts of the draws."""


class Worst(Part):
    """An input item far from everything selected."""

    id: str
    """The input item."""
    row: int
    """Its row among the input items."""
    distance: float
    """Its distance to the nearest item of the selection (datapool included)."""
    nearest: str
    """Id of that nearest item."""
    nearest_in_datapool: bool
    """True if that nearest item is of the datapool."""
    text: str | None
    """The beginning of its text, where items are text."""
    nearest_text: str | None
    """The same for the nearest item."""


class Diversity(Part):
    """Distance of each member of a set to its nearest other member. Larger is more diverse."""

    input: Distribution | None
    """All input items; null if there is one item only, as for every set."""
    selected: Distribution | None
    """The selection."""
    random: RandomBaseline | None
    """Random selections of the same size."""
    datapool: Distribution | None
    """The datapool, if there is one."""
    union: Distribution | None
    """Selection and datapool together, if there is one."""
    random_union: RandomBaseline | None = None
    """Random selections together with the datapool: what `union` is to be compared with."""


class Coverage(Part):
    """Distance of each input item to the nearest member of a set. Smaller covers better."""

    input: Distribution | None
    """The input covers itself at distance 0: always null, kept for symmetry."""
    selected: Distribution | None
    """By the selection."""
    random: RandomBaseline | None
    """By random selections of the same size."""
    datapool: Distribution | None
    """By the datapool, if there is one."""
    union: Distribution | None
    """By selection and datapool together, if there is one."""
    random_union: RandomBaseline | None = None
    """By random selections together with the datapool: what `union` is to be compared with."""
    radius: float
    """Largest distance of any input item to the selection (datapool included), over all input."""
    worst: list[Worst]
    """The input items that are covered worst, farthest first."""


class Map(Part):
    """Two coordinates for each point of `Maps`, without unit."""

    x: list[float]
    """First coordinate of each point."""
    y: list[float]
    """Second coordinate."""
    note: str
    """How the map was made."""
    explained: list[float] | None
    """PCA: fraction of the variance on each axis; null for other maps."""


class Maps(Part):
    """2-D maps of a stated sample of the input and of the selection."""

    rows: list[int]
    """Input row of each point."""
    rank: list[int | None]
    """Rank of the point if it is selected (1 for the first), else null."""
    label: list[str | None]
    """Label of each point, where there is a label column."""
    nearest: list[int | None]
    """Position in these lists of the point's nearest pick, null where it is not on the map."""
    neighbour: list[int | None]
    """For a pick, position of its nearest other pick, null for the rest or if not on the map."""
    n_sampled: int
    """Points drawn uniformly from the input; all of it if this equals counts.input. Picks are
    added to them."""
    pca: Map | None
    """Principal components; null with fewer than 3 points or one dimension."""
    pacmap: Map | None
    """PaCMAP; null with fewer than 30 points."""


class Budget(Part):
    """Covering radius after each number of picks: what fewer picks would have covered."""

    n: list[int]
    """Numbers of picks, ascending; all of 1..k up to 1,000, then evenly spaced in the logarithm."""
    radius: list[float]
    """Largest distance of an input item to the first n picks (and datapool)."""


class Excluded(Part):
    """An item that was left out."""

    id: str
    """Its id, or where it stood."""
    reason: str
    """Why, as a short phrase."""
    detail: str
    """What exactly was found."""


class SetAsidePart(Part):
    """Items that could not be used."""

    count: int
    """How many."""
    reasons: dict[str, int]
    """How many for each reason."""
    examples: list[Excluded]
    """The first 100; all are in `file`."""
    file: str | None
    """Side file with every item set aside (csv: id, reason, detail); null if there is none."""


class Duplicates(Part):
    """Groups of items with exactly the same content."""

    groups: int
    """How many groups of two or more."""
    items: int
    """Items in these groups."""
    redundant: int
    """Items that could be left out without losing content: items − groups."""
    examples: list[list[str]]
    """Ids of the first 50 groups, at most 20 of each; all are in `file`."""
    file: str | None
    """Side file with every group (csv: group, id); null if there is none."""


class Timings(Part):
    """How long it took. Volatile."""

    stages: dict[str, float]
    """Seconds of each stage, in order."""
    total: float
    """Seconds from reading to the last number; drawing the PDF comes after."""
    embedded: int
    """Items embedded in this run."""
    from_cache: int
    """Items whose embedding was in the cache."""


class Report(Part):
    """The result of `curate select`."""

    schema_version: str = SCHEMA_VERSION
    """Version of this layout; the first number changes when a reader must change."""
    job: Job
    """The job as it ran."""
    provenance: Provenance
    """Where the numbers come from."""
    counts: Counts
    """How many items there were."""
    selection: SelectionPart
    """The picks in order."""
    diversity: Diversity
    """How different the items of each set are from each other."""
    coverage: Coverage
    """How near each input item is to each set."""
    maps: Maps
    """Pictures of the space in two dimensions."""
    budget: Budget
    """What fewer picks would have covered."""
    set_aside: SetAsidePart
    """What could not be used."""
    duplicates: Duplicates
    """What was there more than once."""
    timings: Timings
    """How long it took."""


def schema() -> dict[str, Any]:
    """JSON Schema of report.json."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Report.model_json_schema(mode="serialization"),
    }
