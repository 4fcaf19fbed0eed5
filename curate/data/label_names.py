"""Names in place of class numbers, where a table says what its numbers mean.

Idea: Hugging Face `datasets` stores its features as JSON in the schema of Arrow and
Parquet files (`huggingface`), and beside them in `dataset_info.json`. A `ClassLabel` there
has the names. Read without that package. O(n) for each such column.
"""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt


def with_label_names(table: pa.Table, features: Any = None) -> pa.Table:
    """`table` with text in its ClassLabel columns, null where a number has no name.

    features  those of a `dataset_info.json`, else those in the schema of the table
    """
    features = features or _stored(table)
    if not isinstance(features, dict):
        return table
    for name, feature in features.items():
        if name not in table.column_names or not isinstance(feature, dict):
            continue
        names = feature.get("names")
        column = table.column(name)
        if feature.get("_type") != "ClassLabel" or not names or not pt.is_integer(column.type):
            continue
        named = pc.and_(pc.greater_equal(column, 0), pc.less(column, len(names)))
        numbers = pc.if_else(named, column, pa.scalar(None, column.type))
        texts = pc.take(pa.array([str(one) for one in names]), numbers)
        table = table.set_column(table.column_names.index(name), name, texts)
    return table


def _stored(table: pa.Table) -> Any:
    """The features in the schema of a table; None if it has none."""
    stored = (table.schema.metadata or {}).get(b"huggingface")
    try:
        info = json.loads(stored)["info"] if stored else {}
        return info.get("features")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
