"""What an embedder is, and an embedder made of two functions.

An `Encoder` turns a batch of items into vectors; an `Embedder` is one whose distances mean
something. `ModelEmbedder` consists of a function that prepares an item and one that runs a
model on a few prepared items. Every model that does not come with curate is one, so its
answers are checked here: one finite vector an item, all of one length.

By default a model sees one item at a time. That is somewhat slower, and makes the vector of an
item independent of the other items of its batch, to the last bit: an interrupted run that
continues gives the same vectors.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from curate.core.pictures import UnreadablePictureError
from curate.core.values import FloatArray, Kind, Metric, Problem
from curate.errors import CurateError, DataError, MissingExtraError, one_line

BATCH = 16
SLUG = 40  # characters of the name in a fingerprint


@dataclass(frozen=True)
class Encoded:
    """The vectors of a batch of b items.

    vectors     (b', d) floating, float32 from an embedder, of the items that have one, in order
    unreadable  position in the batch -> why the item has no vector; b' = b − len(unreadable)
    """

    vectors: FloatArray
    unreadable: Mapping[int, Problem]


class Encoder(Protocol):
    """Turns items into numbers; several threads call it at once.

    dims         numbers an item, d; None if unknown before the first batch
    fingerprint  covers all that the numbers depend on besides the item: encoders of equal
                 fingerprints give equal numbers
    batch_size   preferred number of items a call
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
    """An encoder whose vectors have meaningful distances.

    name    as after --embedder
    kind    of the items that it takes
    metric  that its vectors are meant for
    """

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def metric(self) -> Metric: ...


@runtime_checkable
class UnfittedEmbedder(Protocol):
    """An embedder that must see a whole data set first, such as tfidf."""

    @property
    def kind(self) -> Kind: ...

    def fit(self, items: Any) -> Embedder:
        """The embedder fitted to `items`. Raises DataError if they are unsuitable."""
        ...


@dataclass(frozen=True)
class ModelEmbedder:
    """See `Embedder`.

    prepare         an item -> what the model takes; may raise UnreadablePictureError
    forward         m prepared items -> (m, d) numbers
    items_per_call  the largest m
    """

    name: str
    kind: Kind
    metric: Metric
    fingerprint: str
    prepare: Callable[[Any], Any]
    forward: Callable[[list[Any]], Any]
    dims: int | None = None
    batch_size: int = BATCH
    items_per_call: int = 1

    def encode(self, batch: Sequence[Any]) -> Encoded:
        """Embed one batch; (b', d) float32. Raises DataError for a wrong answer of the model."""
        ready: list[Any] = []
        places: list[int] = []
        unreadable: dict[int, Problem] = {}
        for place, item in enumerate(batch):
            try:
                ready.append(self.prepare(item))
                places.append(place)
            except UnreadablePictureError as error:
                unreadable[place] = error.problem
        if not ready:
            return Encoded(np.empty((0, self.dims or 0), np.float32), unreadable)
        parts = [
            self._run(ready[start : start + self.items_per_call])
            for start in range(0, len(ready), self.items_per_call)
        ]
        if len({part.shape[1] for part in parts}) > 1:
            raise DataError(f"{self.name} gave vectors of different lengths for a batch.")
        vectors = np.concatenate(parts)
        finite = np.isfinite(vectors).all(axis=1)
        for place in np.flatnonzero(~finite).tolist():
            unreadable[places[place]] = Problem("not finite", f"its vector from {self.name}")
        return Encoded(vectors[finite], unreadable)

    def _run(self, ready: list[Any]) -> FloatArray:
        try:
            answer = self.forward(ready)
        except CurateError:
            raise
        except Exception as error:  # a model may raise anything
            raise DataError(
                f"{self.name} failed on {len(ready)} items: {type(error).__name__}: "
                f"{one_line(error)}. Check its options, or run it on one item by itself."
            ) from error
        try:
            vectors = np.asarray(answer, dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise DataError(
                f"{self.name} did not return an array of numbers: {one_line(error)}. "
                "Return a row of d numbers for each item."
            ) from None
        if vectors.ndim != 2 or len(vectors) != len(ready) or not vectors.shape[1]:
            raise DataError(
                f"{self.name} returned shape {vectors.shape} for {len(ready)} items: it must be "
                f"({len(ready)}, d), a row of d numbers for each item."
            )
        return vectors


def fingerprint_of(name: str, parts: Iterable[str | bytes]) -> str:
    """`name-<hash>`, a valid name of a folder; the hash is of all `parts`, each with its length."""
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(len(content).to_bytes(8, "little"))
        digest.update(content)
    slug = re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-.")[:SLUG]
    return f"{slug}-{digest.hexdigest()}"


def file_part(path: Path) -> bytes:
    """The hash of a file, for a fingerprint."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).digest()


def missing_package(package: str, extra: str, embedder: str) -> MissingExtraError:
    """The error if the package of an embedder is not installed."""
    return MissingExtraError(
        f'--embedder {embedder} needs {package}: pip install "curate-select[{extra}]"'
    )
