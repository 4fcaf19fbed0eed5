"""report.json of `curate drift`: what of a new data set the old one did not have."""

from __future__ import annotations

from typing import Literal

from curate.schema.base import Part
from curate.schema.evaluation import EvaluationReport
from curate.schema.measures import Distribution
from curate.schema.spaces import (
    SPACES_SCHEMA_VERSION,
    MadeBy,
    Neighbour,
    ShownItem,
    SpaceDescription,
    SpaceMap,
)

# --------------------------------------------------------------------------------------
# report.json of `curate compare`: where two or more spaces over the same items agree.


class Agreement(Part):
    """Common neighbours at one k, each item excluded from its own."""

    k: int
    """Neighbours looked at."""
    overlap: float
    """Mean of common / k."""
    iou: float
    """Mean of |A ∩ B| / |A ∪ B|."""
    chance: float
    """Overlap of unrelated spaces: k / (n − 1)."""
    chance_iou: float
    """IoU of unrelated spaces, expected."""
    counts: list[float]
    """Items by how many neighbours are common, 0 … k."""
    chance_counts: list[float]
    """The same expected of unrelated spaces."""


class LabelAgreement(Part):
    """Agreement of the items of one class."""

    label: str
    """Its name."""
    items: int
    """Items of it that were queries."""
    overlap: float
    """Mean of common / k, at the k of the table."""


class Changed(ShownItem):
    """An item whose neighbourhood is another one."""

    common: int
    """Neighbours that both spaces share."""
    first: list[Neighbour]
    """Its nearest in the first space."""
    second: list[Neighbour]
    """Its nearest in the second."""


class SpacePair(Part):
    """Two of the spaces."""

    first: str
    """One space."""
    second: str
    """The other."""
    agreement: list[Agreement]
    """At several k."""
    cka: float | None
    """Debiased linear CKA: 1 equal up to rotation and scale, about 0 unrelated."""
    rsa: float | None
    """Spearman's ρ of the distances of pairs of items."""
    rsa_items: int
    """Items whose pairs these are; a uniform sample if there are more."""
    procrustes: float | None
    """What the best rotation and scale leave: 0 equal, 1 nothing in common."""
    labels: list[LabelAgreement]
    """Agreement of each class, least first; empty without labels."""
    changed: list[Changed]
    """The items that changed most."""
    undefined: dict[str, str]
    """Measure -> why it is null."""


class ComparisonReport(Part):
    """The result of `curate compare`."""

    kind: Literal["comparison"] = "comparison"
    """What kind of report this is."""
    schema_version: str = SPACES_SCHEMA_VERSION
    """Version of this layout; the first number changes when a reader must change."""
    name: str
    """The spaces in short."""
    items: int
    """Items that every space has."""
    n_queries: int
    """Items whose neighbours were compared; a uniform sample if not `exact`."""
    exact: bool
    """Whether these are all items."""
    shown_k: int
    """The k of labels, changed items and maps."""
    labels: str | None
    """Where the labels come from; null without."""
    spaces: list[SpaceDescription]
    """In the order of the request."""
    pairs: list[SpacePair]
    """Every two of them."""
    maps: list[SpaceMap]
    """The first two spaces, the same queries on both; empty where no map can be drawn."""
    map_common: list[int]
    """For each point of the maps, how many of its neighbours are common."""
    agreement_file: str
    """Side file with every query (csv: id, and common neighbours of each pair)."""
    thumbnails: str | None = None
    """Side file with small pictures of the items that changed most between the first two spaces,
    and of their neighbours (parquet: id, jpeg); null where no space has images."""
    made: MadeBy
    """How."""


# --------------------------------------------------------------------------------------


class FarItem(ShownItem):
    """An item far from the other set."""

    distance: float
    """To the nearest item of the other set."""
    nearest: Neighbour
    """That item."""


class FarItems(Part):
    """Distances of one set to the other, and what is usual within the other."""

    distances: Distribution
    """Each item of this set to the nearest of the other."""
    usual: Distribution
    """Each item of the other set to its nearest other one there."""
    threshold: float
    """The 99% quantile of `usual`: what is farther is called far."""
    far: int
    """How many of the measured items are far."""
    fraction: float
    """Of the measured items."""
    expected: float
    """The fraction that is far if both sets come from one source: about .01."""
    worst: list[FarItem]
    """The farthest items, at most 20."""
    file: str
    """Side file with every measured item (csv: id, distance, far)."""


class EnergyDistance(Part):
    """How far the distributions are apart."""

    distance: float
    """Energy distance, as `energy` of Likeness: √(2 E‖X − Y‖ − E‖X − X′‖ − E‖Y − Y′‖), X of the
    old items and Y of the new, Euclidean between points."""
    permuted: float
    """Mean of the same with the items dealt out at random."""
    permuted_high: float
    """Their 95% quantile."""
    as_large: int
    """How many of the permutations gave as much or more."""
    permutations: int
    """How many there were."""
    n_old: int
    """Old items measured; a uniform sample if not `exact`."""
    n_new: int
    """New items measured."""
    exact: bool
    """Whether these are all."""


class ClusterShare(Part):
    """A cluster of the old items."""

    centre: ShownItem
    """The old item nearest to its centre."""
    old: float
    """Fraction of the old items in it."""
    new: float
    """Fraction of the new items in it."""


class DriftReport(Part):
    """The result of `curate drift`."""

    kind: Literal["drift"] = "drift"
    """What kind of report this is."""
    schema_version: str = SPACES_SCHEMA_VERSION
    """Version of this layout; the first number changes when a reader must change."""
    name: str
    """Old and new in short."""
    old: SpaceDescription
    """The old data."""
    new: SpaceDescription
    """The new data."""
    shared: int
    """Ids that both have."""
    arrived: FarItems
    """New items, far from the old ones or not."""
    gone: FarItems
    """Old items, far from the new ones or not."""
    energy: EnergyDistance
    """How far both are apart as a whole."""
    shares: list[ClusterShare]
    """Clusters of the old items, those that grew or shrank most first."""
    moved: float | None
    """Fraction of the items that would have to change cluster; null without two clusters."""
    cover: list[FarItem]
    """New items that cover the drift beyond the old data, in pick order; `distance` is that
    at selection."""
    cover_radius: float | None
    """Largest distance of a new item to the old data and these; null without a selection."""
    cover_file: str | None
    """Side file with their ids, one a line."""
    thumbnails: str | None = None
    """Side file with small pictures of the items named here (parquet: id, with `old:` or `new:`
    before it, and jpeg); null where the items are no images."""
    made: MadeBy
    """How."""


# --------------------------------------------------------------------------------------
# The kinds of reports about spaces, by the `kind` that their report.json says.


SpaceReport = EvaluationReport | ComparisonReport | DriftReport
KINDS: dict[str, type[SpaceReport]] = {
    "evaluation": EvaluationReport,
    "comparison": ComparisonReport,
    "drift": DriftReport,
}
