"""What `curate embed` writes about its vectors into a file, so that reading needs no flags.

It is JSON under the key `curate`: in the schema of a Parquet file, and in the metadata of a
.safetensors file. There it is one value, because the package that writes those files keeps
several in a random order, and equal vectors are to give equal files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as papq

from curate.core.values import Metric
from curate.data.options import ReadOptions

KEY = "curate"
_METRIC = "metric"  # also a key of its own in a .safetensors file


@dataclass(frozen=True)
class StoredEmbeddings:
    """Which columns of a Parquet file hold what, and the metric that its vectors are meant for."""

    id_column: str
    vector_column: str
    label_column: str | None
    metric: Metric
    embedder: str

    def as_metadata(self) -> dict[str, str]:
        """The metadata of the schema."""
        return {KEY: json.dumps(asdict(self))}

    def fill(self, options: ReadOptions) -> ReadOptions:
        """The options, completed by these columns where they name none."""
        return replace(
            options,
            id_column=options.id_column or self.id_column,
            vector_column=self.vector_column,
            label_column=options.label_column or self.label_column,
        )


def stored_embeddings(path: Path) -> StoredEmbeddings | None:
    """What `curate embed` wrote into a Parquet file; None if it did not write the file."""
    try:
        stored = (papq.read_schema(path).metadata or {}).get(KEY.encode())
        return StoredEmbeddings(**json.loads(stored)) if stored else None
    except (OSError, pa.ArrowException, ValueError, TypeError):
        return None  # the reader of the rows will say what is wrong with the file


def tensor_metadata(metric: Metric, embedder: str) -> dict[str, str]:
    """The metadata of a .safetensors file."""
    return {KEY: json.dumps({_METRIC: metric, "embedder": embedder})}


def metric_in(metadata: Mapping[str, str]) -> Metric | None:
    """The metric that the metadata of a .safetensors file name, as ours or by a key `metric`."""
    try:
        stored = json.loads(metadata.get(KEY, "{}"))
    except ValueError:
        stored = {}
    named = stored.get(_METRIC) if isinstance(stored, dict) else None
    named = named or metadata.get(_METRIC)
    return "cosine" if named == "cosine" else "euclidean" if named == "euclidean" else None
