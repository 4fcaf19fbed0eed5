"""report.json of `curate drift`: what of a new data set the old one did not have."""

from __future__ import annotations

from typing import Literal

from curate.report.measures import Distribution
from curate.report.part import Part
from curate.report.spaces.parts import SPACES_SCHEMA_VERSION, MadeBy, Near, Shown, SpacePart


class FarItem(Shown):
    """An item far from the other set."""

    distance: float
    """To the nearest item of the other set."""
    nearest: Near
    """That item."""


class FarPart(Part):
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


class EnergyPart(Part):
    """How far the distributions are apart."""

    distance: float
    """Energy distance, as `energy` of LikenessPart: √(2 E‖X − Y‖ − E‖X − X′‖ − E‖Y − Y′‖), X of the
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


class SharePart(Part):
    """A cluster of the old items."""

    centre: Shown
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
    old: SpacePart
    """The old data."""
    new: SpacePart
    """The new data."""
    shared: int
    """Ids that both have."""
    arrived: FarPart
    """New items, far from the old ones or not."""
    gone: FarPart
    """Old items, far from the new ones or not."""
    energy: EnergyPart
    """How far both are apart as a whole."""
    shares: list[SharePart]
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
