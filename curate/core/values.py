"""The values that flow: Dataset -> Embeddings -> Selection.

Each is a frozen dataclass; shapes stand in its docstring. n items, k picks, d
dimensions. Whatever is left out on the way carries its reason (`SetAside`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from io import BufferedReader, BytesIO
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from curate.core.memory_map import copied_rows

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["images", "text", "vectors"]
Metric = Literal["euclidean", "cosine"]
FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


class Picture(Protocol):
    """An encoded picture, wherever its bytes lie: in a file, an archive or a table.

    A `pathlib.Path` is one. Whoever decodes, hashes or copies pictures needs no more than
    this, and may do so from several threads at once: each call of `open` is on its own.
    `name` is its file name, `suffix` ends it, in any case: `.jpg`, `.PNG`.
    """

    @property
    def name(self) -> str: ...
    @property
    def suffix(self) -> str: ...
    def open(self, mode: Literal["rb"], /) -> BufferedReader | BytesIO:
        """A stream of its bytes that can seek. Raises OSError where it cannot be read."""
        ...


@dataclass(frozen=True)
class SetAside:
    """An item that cannot be used, and why. `reason` is a short stable phrase to count by."""

    id: str
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Dataset:
    """n items as they were found: ids, the items themselves, and a table of metadata.

    kind         what `items` holds: pictures, texts or vectors
    ids          n unique strings
    items        n of them: a `Picture` for images, `str` for text, rows of an
                 (n, d) floating array, perhaps memory-mapped, for vectors
    metadata     pyarrow table of n rows, a column for each thing known of an item
    label_column the column of `metadata` that is the label, or None
    name         what a reader of the report calls this data set
    set_aside    what reading had to leave out
    metric       what vectors are meant for, if their source says so
    positions    (n,) int64 where each item stood in the source, counted from 0 before
                 anything was set aside; None if nothing was
    """

    kind: Kind
    ids: Sequence[str]
    items: Sequence[Any] | FloatArray
    metadata: pa.Table
    name: str
    label_column: str | None = None
    set_aside: tuple[SetAside, ...] = ()
    positions: IntArray | None = None
    metric: Metric | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def source_positions(self) -> IntArray:
        """(n,) `positions`, spelled out."""
        return np.arange(len(self)) if self.positions is None else self.positions

    def left_out_in_words(self) -> str:
        """How many items were set aside, and why."""
        counts = Counter(one.reason for one in self.set_aside)
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))
        out = len(self.set_aside)
        return f"{out} of {len(self) + out} items were set aside ({reasons})"

    def metadata_of(self, rows: IntArray) -> pa.Table:
        """The metadata of some rows, in their order."""
        # `take` forgets how many rows a table without columns has.
        return self.metadata.take(rows) if self.metadata.num_columns else no_metadata(len(rows))

    def keep(self, kept: BoolArray, left_out: Sequence[SetAside]) -> Dataset:
        """The data set with only the items where `kept` (n,) holds; the others have reasons."""
        if not left_out:
            return self
        rows = np.flatnonzero(kept)
        one_by_one = rows.tolist()
        return replace(
            self,
            ids=[self.ids[row] for row in one_by_one],
            items=copied_rows(self.items, rows)
            if isinstance(self.items, np.ndarray)
            else [self.items[row] for row in one_by_one],
            metadata=self.metadata_of(rows),
            positions=self.source_positions()[rows],
            set_aside=(*self.set_aside, *left_out),
        )


def no_metadata(n: int) -> pa.Table:
    """A table of n rows and no columns."""
    import pyarrow as pa

    return pa.table({"row": pa.nulls(n)}).select([])


@dataclass(frozen=True)
class Embeddings:
    """n vectors and the metric their distances are measured with.

    vectors   (n, d) float16, float32 or float64, as they were made or brought: values
              are never rounded to a narrower type, for that would move picks
    embedder  fingerprint of what made them; equal fingerprints share a space
    """

    vectors: FloatArray
    metric: Metric
    embedder: str

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def dims(self) -> int:
        return int(self.vectors.shape[1])


class Dropped(NamedTuple):
    """Items left out because a kept one is close: parallel arrays, in order of rows.

    rows       (m,) int64 rows of the embeddings
    kept       (m,) int64 the nearest kept item, as `Selection.nearest` names it
    distances  (m,) float64 distance to it
    """

    rows: IntArray
    kept: IntArray
    distances: FloatArray


@dataclass(frozen=True)
class Selection:
    """k picks out of n items, in the order in which they were chosen.

    picks      (k,) int64 rows of the embeddings, unique
    distances  (k,) float64 distance of each pick, when it was picked, to the nearest item
               chosen before it (datapool included); inf where nothing was chosen before
    radii      (k,) float64 covering radius of the first 1..k picks: the largest distance of
               any item to the nearest of them or of the datapool; never rises
    coverage   (n,) float64 distance of each item to the nearest pick or datapool item
    nearest    (n,) int64 which that is: j < k is the j-th pick, k + i datapool item i
    notes      what a reader must be told about this selection, a sentence each
    reach      largest distance that a candidate had when the first item was selected: the unit
               of diversity among several wishes; None where nothing needed it
    dropped    what was left out in favour of a pick close to it; None where that is no reason
    """

    picks: IntArray
    distances: FloatArray
    radii: FloatArray
    coverage: FloatArray
    nearest: IntArray
    strategy: str
    notes: tuple[str, ...] = field(default=())
    reach: float | None = None
    dropped: Dropped | None = None

    def __len__(self) -> int:
        return len(self.picks)


# --------------------------------------------------------------------------------------
# What an embedder is: anything that turns a batch of items into vectors.


class Problem(NamedTuple):
    """Why an item has no vector: a short stable phrase, and what exactly was found."""

    reason: str
    detail: str = ""
