"""What a run leaves behind: `report.json`, a versioned pydantic root.

Everything the PDF prints is here, and what pipelines need. Long lists are bounded; the
rest is in side files that the report names, relative to its own folder. The published
JSON Schema (`reports/report.schema.json`) is generated from this file by `make schema`.

Units: distances are in the unit of the space, Euclidean (never squared) or cosine
1 − similarity; times are seconds; fractions are in [0, 1].
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from curate.schema.base import Part
from curate.schema.evaluation import SpaceQuality
from curate.schema.job import SETTINGS, WITHOUT_EFFECT, Job
from curate.schema.measures import (
    BudgetCurve,
    ColumnShares,
    CoverageMeasures,
    DiversityMeasures,
    Likeness,
    Maps,
    Neighbourhoods,
)
from curate.schema.objectives import ObjectiveResult
from curate.schema.selection_comparison import Comparison
from curate.schema.space_reports import KINDS

SCHEMA_VERSION = "2.0"

# What may differ between two runs of the same job on the same data.
VOLATILE = (
    *(f"job.{SETTINGS[name].part}.{name}" for name in WITHOUT_EFFECT),
    "provenance.created",
    "provenance.host",
    "timings",
)


class ReductionPart(Part):
    """The linear map between the embeddings and the vectors that were selected from."""

    map: str
    """What it does: unit (rows scaled to length 1), pca or random with the dimensions, whitened."""
    input_dims: int
    """Dimensions of the embeddings."""
    dims: int
    """Dimensions after it; all measures are in these."""
    explained_variance: list[float] | None
    """Share of the variance of the input in each of them, strongest first; null unless by PCA."""
    explained_variance_fraction: float | None
    """Their sum: what share of the variance is left."""


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


class ObjectCounts(Part):
    """How many objects there were, from reading to selecting."""

    read: int
    """Boxes found in the file."""
    set_aside: int
    """Of these, left out with a reason (see `set_aside`)."""
    input: int
    """Objects with an embedding: `read` − `set_aside`."""
    images: int
    """Input images that have an object."""
    selected: int
    """Objects in the selected images."""
    images_selected: int
    """Selected images that have an object."""
    random: list[int]
    """Objects in the images of each random selection."""


class LabelCount(Part):
    """How often a label occurs among the objects."""

    input: int
    """Objects of this label in the input."""
    selected: int
    """Of these, in selected images."""


class ObjectsPart(Part):
    """The level of objects: every object of a selected image counts as selected."""

    selected_by: Literal["images", "objects", "both"]
    """What the images were chosen by."""
    fingerprint: str
    """Hash of all objects and their ids, in order: equal for equal input."""
    counts: ObjectCounts
    """How many objects there were."""
    labels: dict[str, LabelCount]
    """Labels of the objects, the most frequent first; empty if they have none."""
    diversity: DiversityMeasures | None
    """How different the objects of each set are; null if no object is selected."""
    coverage: CoverageMeasures | None
    """How near each input object is to each set; null if no object is selected. Ids and rows are
    those of objects, rows counted in the file of boxes."""
    set_aside: SetAsidePart
    """Boxes that could not be used."""


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
    reduction: ReductionPart | None = None
    """How embeddings were reduced before anything else; null if they were not."""
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
    """Where it stands in the source, counted from 0 before anything was set aside."""
    id: str
    """Its id."""
    distance: float | None
    """Distance to the nearest item chosen before it; null for the first without a datapool."""
    label: str | None
    """Its label, where there is a label column."""
    text: str | None
    """The beginning of its text, where items are text."""
    factors: list[float | None] | None = None
    """What each of `objectives` gave it when it was picked, in (0, 1], null for thresholds; null
    where it was not picked by a product."""


class SelectionPart(Part):
    """The selection, in pick order."""

    strategy: str
    """How it was made."""
    metric: str
    """Distance between embeddings: euclidean or cosine."""
    dims: int
    """Dimensions of the embeddings."""
    items: list[Item]
    """The picks in order, at most the first 10,000 and 3 MB of them; all are in `files`."""
    files: dict[str, str]
    """Side files: txt (ids of every pick), csv and jsonl (rank, id, distance, metadata), removed
    (ids that were not selected), and one for each tool of `job.report.export`."""
    thumbnails: str | None
    """Side file with small pictures of picks and worst-covered inputs (parquet: id, jpeg)."""
    notes: list[str]
    """What a reader must know about this selection, a sentence each."""


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
    sizes: list[int] = Field(default_factory=list)
    """How many items each group of `examples` has."""
    file: str | None
    """Side file with every group (csv: group, id); null if there is none."""


class Timings(Part):
    """How long it took. Volatile."""

    stages: dict[str, float]
    """Seconds of each stage, in order."""
    total: float
    """Seconds of all stages."""
    embedded: int
    """Items embedded in this run."""
    from_cache: int
    """Items whose embedding was in the cache."""
    peak_memory: int | None = None
    """Largest resident memory of the process until the report was made, in bytes; null where the
    system does not tell."""


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
    objectives: list[ObjectiveResult] = Field(default_factory=list)
    """How far the selection meets each strategy of the job: thresholds first, then in the order of
    the job; none for a selection that was made elsewhere."""
    diversity: DiversityMeasures
    """How different the items of each set are from each other."""
    coverage: CoverageMeasures
    """How near each input item is to each set."""
    likeness: Likeness | None = None
    """How many different items the selection holds, and how like the input it is; null where all
    items are equal."""
    neighbourhoods: Neighbourhoods | None = None
    """Density and coverage by balls, outliers, near duplicates; null for a single item."""
    columns: list[ColumnShares] = Field(default_factory=list)
    """Metadata before and after: the label, then the columns that changed most (total variation
    beyond that of random draws), six at most."""
    maps: Maps
    """Pictures of the space in two dimensions."""
    budget: BudgetCurve
    """What fewer picks would have covered."""
    items: dict[str, str] = Field(default_factory=dict)
    """Side files with a row for each input item, by format (parquet, csv): id, row, rank, coverage
    distance, nearest pick, coordinates on the maps; empty before version 1.1."""
    set_aside: SetAsidePart
    """What could not be used."""
    duplicates: Duplicates
    """What was there more than once."""
    objects: ObjectsPart | None = None
    """The level of objects in images; null without `job.data.objects`."""
    space: SpaceQuality | None = None
    """What the space is worth in which the selection was made; null without `job.measure.space`."""
    timings: Timings
    """How long it took."""


def schema() -> dict[str, Any]:
    """JSON Schema of report.json; those of other files are definitions in it.

    compare.json is a `#/$defs/Comparison`; what `curate evaluate`, `compare` and `drift` write
    is an EvaluationReport, a ComparisonReport and a DriftReport.
    """
    made = Report.model_json_schema(mode="serialization")
    definitions = made.pop("$defs")
    for model in (Comparison, *KINDS.values()):
        other = model.model_json_schema(mode="serialization")
        definitions |= other.pop("$defs") | {model.__name__: other}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "$defs": dict(sorted(definitions.items())),
    }
