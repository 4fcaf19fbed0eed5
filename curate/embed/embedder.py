"""An embedder made of two functions: one prepares an item, one runs a model on a few.

Every model that curate did not make comes in through here, so its answers are checked
here: one finite vector an item, all of one length. By default a model sees one item at a
time. That costs some speed, and makes a vector independent of what happened to stand
beside it, to the last bit: a run that was interrupted goes on to the same vectors.
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
from curate.errors import CurateError, DataError, MissingExtraError

# --------------------------------------------------------------------------------------
# What an embedder is: anything that turns a batch of items into vectors.


@dataclass(frozen=True)
class Encoded:
    """Vectors of the items of a batch that could be read.

    vectors     (b', d) floating, float32 from an embedder, in the order of the batch without
                the unreadable ones
    unreadable  position in the batch -> why it has no vector; b' = b − len(unreadable)
    """

    vectors: FloatArray
    unreadable: Mapping[int, Problem]


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
class UnfittedEmbedder(Protocol):
    """What must see a whole data set before it is an embedder of its items, or of others."""

    @property
    def kind(self) -> Kind: ...

    def fit(self, items: Any) -> Embedder:
        """The embedder; DataError if these items do not make one."""
        ...


# --------------------------------------------------------------------------------------


BATCH = 16
SLUG = 40  # characters of a name that a fingerprint keeps


@dataclass(frozen=True)
class ModelEmbedder:
    """See `Embedder`; `prepare` may raise UnreadablePictureError.

    forward   a few prepared items -> (m, d) numbers
    together  how many items it sees at once
    """

    name: str
    kind: Kind
    metric: Metric
    fingerprint: str
    prepare: Callable[[Any], Any]
    forward: Callable[[list[Any]], Any]
    dims: int | None = None
    batch_size: int = BATCH
    together: int = 1

    def encode(self, batch: Sequence[Any]) -> Encoded:
        """Embed one batch; (b', d) float32. Raises DataError where the model answers wrongly."""
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
            self._run(ready[start : start + self.together])
            for start in range(0, len(ready), self.together)
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
        except Exception as error:  # a model may raise what it likes
            raise DataError(
                f"{self.name} failed on {len(ready)} items: {type(error).__name__}: "
                f"{one_line(error)}. Check its options, or run it on one item by itself."
            ) from error
        try:
            vectors = np.asarray(answer, dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise DataError(
                f"{self.name} returned no array of numbers: {one_line(error)}. "
                "Return a row of d numbers for each item."
            ) from None
        if vectors.ndim != 2 or len(vectors) != len(ready) or not vectors.shape[1]:
            raise DataError(
                f"{self.name} returned shape {vectors.shape} for {len(ready)} items: it must be "
                f"({len(ready)}, d), a row of d numbers for each item."
            )
        return vectors


def fingerprint_of(name: str, parts: Iterable[str | bytes]) -> str:
    """`name-<hash>`, fit to name a folder; the hash is over all `parts`, each apart."""
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


def one_line(error: BaseException) -> str:
    """The message of a foreign error, on one line that is not long."""
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__


def missing(package: str, extra: str, embedder: str) -> MissingExtraError:
    """What to say where the package behind an embedder is not installed."""
    return MissingExtraError(
        f'--embedder {embedder} needs {package}: pip install "curate-select[{extra}]"'
    )
