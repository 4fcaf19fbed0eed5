"""What an embedder is: anything that turns a batch of items into vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

from curate.core import FloatArray, Kind, Metric


class Reason(NamedTuple):
    """Why an item has no vector: a short stable phrase, and what exactly was found."""

    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Encoded:
    """Vectors of the items of a batch that could be read.

    vectors     (b', d) floating, float32 from an embedder, in the order of the batch without
                the unreadable ones
    unreadable  position in the batch -> why it has no vector; b' = b − len(unreadable)
    """

    vectors: FloatArray
    unreadable: Mapping[int, Reason]


class Encoder(Protocol):
    """Turns items into numbers; called from several threads at once.

    dims         how many for an item, d; None if only the first batch tells
    fingerprint  of all that they depend on beside the item: equal fingerprints give equal numbers
    batch_size   how many items it likes at once
    """

    @property
    def dims(self) -> int | None: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def batch_size(self) -> int: ...

    def encode(self, batch: Sequence[Any]) -> Encoded:
        """Encode one batch. The vector of an item must not depend on the rest of its batch."""
        ...


class Embedder(Encoder, Protocol):
    """An encoder whose vectors have distances that mean something.

    name    what a user writes after --embedder
    kind    what items it takes
    metric  the distance its vectors are meant for
    """

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def metric(self) -> Metric: ...


@runtime_checkable
class Fitting(Protocol):
    """What must see a whole data set before it is an embedder of its items, or of others."""

    @property
    def kind(self) -> Kind: ...

    def fit(self, items: Any) -> Embedder:
        """The embedder; DataError if these items do not make one."""
        ...
