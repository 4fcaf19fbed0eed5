"""What a catalogue knows: data sets, experiments and spaces. Text that goes in and comes out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    added: str  # UTC, ISO 8601


class _Source(_Entry):
    """Something that is read.

    source    its path, absolute
    settings  of a Job, as text, without which it would be read otherwise
    content   32 hex digits, of all items and their ids
    """

    source: str
    settings: dict[str, str] = Field(default_factory=dict)
    items: int
    content: str


class DataSetEntry(_Source):
    """Items, not embedded."""

    kind: Literal["data-set"] = "data-set"
    holds: str


class ExperimentEntry(_Entry):
    """What made a space: a model, its parameters, and the name of the data set it learned from."""

    kind: Literal["experiment"] = "experiment"
    model: str
    parameters: dict[str, str] = Field(default_factory=dict)
    trained_on: str | None = None


class SpaceEntry(_Source):
    """Vectors with a metric; `data_set` and `experiment` are names of this catalogue."""

    kind: Literal["space"] = "space"
    dims: int
    metric: str
    embedder: str
    data_set: str | None = None
    experiment: str | None = None


Entry = Annotated[DataSetEntry | ExperimentEntry | SpaceEntry, Field(discriminator="kind")]
ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)
KINDS = ("data-set", "experiment", "space")


def named_by(entry: Entry) -> list[str]:
    """The entries that `entry` refers to."""
    if isinstance(entry, SpaceEntry):
        names = [entry.data_set, entry.experiment]
    else:
        names = [entry.trained_on] if isinstance(entry, ExperimentEntry) else []
    return [name for name in names if name is not None]
