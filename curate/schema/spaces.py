"""What the reports about spaces share: which spaces, over which items, made how."""

from __future__ import annotations

from curate.schema.base import Part

SPACES_SCHEMA_VERSION = "1.1"


class SpaceDescription(Part):
    """One space."""

    name: str
    """What the report calls it."""
    source: str
    """Where it was read from; `array` for what was in memory."""
    kind: str
    """What its items are: images, text or vectors."""
    dims: int
    """Dimensions of its vectors."""
    metric: str
    """Distance between them: euclidean or cosine."""
    embedder: str
    """Fingerprint of what made the vectors."""
    items: int
    """Items with a vector."""
    set_aside: int
    """Items that could not be used."""
    missing: int
    """Of `items`, those that are left out here because another space lacks their ids."""


class MadeBy(Part):
    """How the numbers were made."""

    command: str
    """What makes this report again."""
    seed: int
    """Seed of samples, permutations, starts and draws."""
    versions: dict[str, str]
    """Versions of curate and of the libraries that the numbers depend on."""
    created: str
    """When, ISO 8601, UTC. Volatile."""
    host: dict[str, str]
    """Python, system, machine and number of processors. Volatile."""
    seconds: dict[str, float]
    """How long each stage took. Volatile."""


class ShownItem(Part):
    """One item, by what can be written of it."""

    id: str
    """Its id."""
    label: str | None
    """Its label, where there is one."""
    text: str | None
    """The beginning of its text, where items are text."""


class Neighbour(ShownItem):
    """A neighbour."""

    distance: float
    """Its distance, in the metric of the space."""
    common: bool
    """Whether the other space (with several, each of them) has it among its neighbours too."""


class SpaceMap(Part):
    """One space in two dimensions, without unit: a picture, not evidence."""

    space: str
    """Which."""
    x: list[float]
    """First coordinate of each point."""
    y: list[float]
    """Second."""
    note: str
    """How it was made."""
    trustworthiness: float | None
    """1 minus a penalty for neighbours on the map that are far in the space, at k = 10."""
    continuity: float | None
    """1 minus a penalty for neighbours in the space that are far on the map."""
    preserved: float | None
    """Mean fraction of the nearest in the space that are the nearest on the map."""
