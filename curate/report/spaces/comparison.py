"""report.json of `curate compare`: where two or more spaces over the same items agree."""

from __future__ import annotations

from typing import Literal

from curate.report.part import Part
from curate.report.spaces.parts import (
    SPACES_SCHEMA_VERSION,
    MadeBy,
    Near,
    Shown,
    SpaceMap,
    SpacePart,
)


class AgreementPart(Part):
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


class Changed(Shown):
    """An item whose neighbourhood is another one."""

    common: int
    """Neighbours that both spaces share."""
    first: list[Near]
    """Its nearest in the first space."""
    second: list[Near]
    """Its nearest in the second."""


class PairPart(Part):
    """Two of the spaces."""

    first: str
    """One space."""
    second: str
    """The other."""
    agreement: list[AgreementPart]
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
    spaces: list[SpacePart]
    """In the order of the request."""
    pairs: list[PairPart]
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
