"""What an embedder is: anything that turns a batch of items into vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from curate.core import FloatArray, Kind, Metric


class Reason(NamedTuple):
    """Why an item has no vector: a short stable phrase, and what exactly was found."""

    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Encoded:
    """Vectors of the items of a batch that could be read.

    vectors     (b', d) float32, in the order of the batch without the unreadable ones
    unreadable  position in the batch -> why it has no vector; b' = b − len(unreadable)
    """

    vectors: FloatArray
    unreadable: Mapping[int, Reason]


class Embedder(Protocol):
    """Turns items into vectors; called from several threads at once.

    name         what a user writes after --embedder
    kind         what items it takes
    metric       the distance its vectors are meant for
    dims         their dimension d
    fingerprint  of weights and preprocessing: equal fingerprints give equal vectors
    batch_size   how many items it likes at once
    """

    name: str
    kind: Kind
    metric: Metric
    dims: int
    fingerprint: str
    batch_size: int

    def encode(self, batch: Sequence[Any]) -> Encoded:
        """Embed one batch. The vector of an item must not depend on the rest of its batch."""
        ...
