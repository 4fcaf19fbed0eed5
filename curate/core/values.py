"""The values that flow: Dataset -> Embeddings -> Selection.

Each is a frozen dataclass with its shapes in the docstring: n items, k picks, d dimensions.
An item that is left out carries its reason (`SetAside`).
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
    """An encoded picture in a file, an archive or a table; a `pathlib.Path` is one.

    This is all that decoding, hashing and copying need. Several threads may call `open` at
    once. `name` is the file name, `suffix` its ending in upper or lower case, such as `.jpg`.
    """

    @property
    def name(self) -> str: ...
    @property
    def suffix(self) -> str: ...
    def open(self, mode: Literal["rb"], /) -> BufferedReader | BytesIO:
        """A seekable stream of its bytes. Raises OSError if it cannot be read."""
        ...


class Problem(NamedTuple):
    """Why an item cannot be used: a short stable phrase to count by, and the details."""

    reason: str
    detail: str = ""


Problems = dict[int, Problem]  # row or position -> why its item cannot be used


@dataclass(frozen=True)
class SetAside:
    """An item that cannot be used, and why; see `Problem`."""

    id: str
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Dataset:
    """n items of a source: ids, the items themselves, and a table of metadata.

    kind         what `items` holds: pictures, texts or vectors
    ids          n unique strings
    items        a `Picture` each for images, `str` for text; for vectors an (n, d) floating
                 array, perhaps memory-mapped
    metadata     pyarrow table of n rows
    label_column name of the column of `metadata` that is the label, or None
    name         the name of this data set in reports
    set_aside    the items that reading left out
    metric       the metric that vectors are meant for, if their source names it
    positions    (n,) int64 position of each item in the source, from 0, counting the items
                 that were set aside; None if there were none
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
        """(n,) int64 `positions`, also where nothing was set aside."""
        return np.arange(len(self)) if self.positions is None else self.positions

    def left_out_in_words(self) -> str:
        """A phrase: how many items were set aside, and why."""
        counts = Counter(item.reason for item in self.set_aside)
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))
        out = len(self.set_aside)
        return f"{out} of {len(self) + out} items were set aside ({reasons})"

    def metadata_of(self, rows: IntArray) -> pa.Table:
        """The metadata of `rows` (k,), in their order."""
        # `take` loses the number of rows of a table without columns.
        return self.metadata.take(rows) if self.metadata.num_columns else no_metadata(len(rows))

    def keep(self, kept: BoolArray, left_out: Sequence[SetAside]) -> Dataset:
        """The data set of the items where `kept` (n,) is true; `left_out` are the others."""
        if not left_out:
            return self
        rows = np.flatnonzero(kept)
        row_list = rows.tolist()  # faster to index lists with
        return replace(
            self,
            ids=[self.ids[row] for row in row_list],
            items=copied_rows(self.items, rows)
            if isinstance(self.items, np.ndarray)
            else [self.items[row] for row in row_list],
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

    vectors   (n, d) float16, float32 or float64, in the type in which they came: rounding
              to a narrower type would change picks
    embedder  fingerprint of the embedder; equal fingerprints share a space
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
    """Items left out because a kept item is near: parallel arrays, in order of rows.

    rows       (m,) int64 rows of the embeddings
    kept       (m,) int64 the nearest kept item, as `Selection.nearest` names it
    distances  (m,) float64 distance to it
    """

    rows: IntArray
    kept: IntArray
    distances: FloatArray


@dataclass(frozen=True)
class Selection:
    """k picks out of n items, in the order in which they were selected.

    picks      (k,) int64 rows of the embeddings, unique
    distances  (k,) float64 distance of each pick, when it was selected, to the nearest item
               selected before it (datapool included); inf if there was none
    radii      (k,) float64 covering radius of the first 1..k picks: the largest distance of
               any item to the nearest of them or of the datapool; never rises
    coverage   (n,) float64 distance of each item to the nearest pick or datapool item
    nearest    (n,) int64 which that is: j < k is the j-th pick, k + i datapool item i
    notes      sentences that a reader of the report needs about this selection
    reach      largest distance of a candidate when the first item was selected: the unit of
               diversity in a combined strategy; None for other strategies
    dropped    items left out because a pick is near; None unless the strategy deduplicates
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
