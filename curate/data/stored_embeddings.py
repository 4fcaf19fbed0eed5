"""What `curate embed` says of the vectors that it writes, so that reading needs no flags.

A Parquet file has it in its schema, as JSON under the key `curate`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as papq

from curate.core.values import Metric
from curate.data.options import ReadOptions

SCHEMA_KEY = b"curate"


@dataclass(frozen=True)
class Made:
    """Which columns hold what, and the metric that the vectors are meant for."""

    id_column: str
    vector_column: str
    label_column: str | None
    metric: Metric
    embedder: str

    def as_json(self) -> bytes:
        """The value under SCHEMA_KEY."""
        return json.dumps(asdict(self)).encode()

    def fill(self, options: ReadOptions) -> ReadOptions:
        """The options, with what this says where they say nothing."""
        return replace(
            options,
            id_column=options.id_column or self.id_column,
            vector_column=self.vector_column,
            label_column=options.label_column or self.label_column,
        )


def made_by_curate(path: Path) -> Made | None:
    """What a Parquet file says of itself; None if `curate embed` did not write it."""
    try:
        stored = (papq.read_schema(path).metadata or {}).get(SCHEMA_KEY)
        return Made(**json.loads(stored)) if stored else None
    except (OSError, pa.ArrowException, ValueError, TypeError):
        return None  # whoever reads the rows will say what is wrong


def metric_of(value: object) -> Metric | None:
    """A metric by its name, None for anything else."""
    return "cosine" if value == "cosine" else "euclidean" if value == "euclidean" else None
