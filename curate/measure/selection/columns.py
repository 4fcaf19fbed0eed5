"""Metadata before and after: how far the selection moves the shares of each column.

  total variation   ½ Σ_c |p_c − q_c| between shares q of the input and p of a set: the share of
                    the set that would have to change class; 0 for equal shares, at most 1
  balance entropy   −Σ_c p_c ln p_c / ln C over the C classes of the input: 1 for equal shares
Items without a value are a class of their own, in every column.
Numbers of more than FEW_VALUES different values, or of more than half as many as items, are
counted in BINS bins between quantiles of the input, fewer where these would hold less than
LEAST items. Not counted: columns of one value, of more than CLASSES different texts, or of more
than half as many as items (names, captions); nested values; columns after COLUMNS.
Random selections differ from the input as well: a column has changed by as much as its
distance is above their mean.
Cost: O(n + draws · k) for each column.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from operator import gt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from curate.core.distance import Float64Array
from curate.core.values import Dataset, IntArray
from curate.errors import RequestError
from curate.measure.distances import INTERVAL
from curate.measure.selection.likeness import versus_random
from curate.schema.measures import ColumnClass, ColumnShares
from curate.schema.strategies import NONE
from curate.select.columns import categories, numbers

COLUMNS = 50  # looked at
SHOWN = 6  # columns that changed most
CLASSES = 1_000
LISTED = 200  # classes of a column, the most frequent
FEW_VALUES, BINS = 20, 10
LEAST = 5  # items of a bin


def measure_columns(
    dataset: Dataset, picks: IntArray, draws: Sequence[IntArray]
) -> list[ColumnShares]:
    """The label, and then the columns that changed most by total variation, SHOWN in all."""
    columns = []
    names = dataset.metadata.column_names
    if dataset.label_column in names:  # however many columns stand before it
        names = [dataset.label_column, *(name for name in names if name != dataset.label_column)]
    for name in names[:COLUMNS]:
        coded = coded_column(dataset.metadata.column(name), name)
        if coded is not None:
            is_label = name == dataset.label_column
            columns.append(_measured(name, *coded, picks, draws, is_label=is_label))
    columns.sort(
        key=lambda column: (
            not column.is_label,
            column.variation.random - column.variation.selected,
        )
    )
    return columns[:SHOWN]


def coded_column(column: pa.ChunkedArray, name: str) -> tuple[IntArray, list[str], bool] | None:
    """(n,) codes, what they mean, and whether these are bins; None for what is not counted."""
    if pt.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    kind, n = column.type, len(column)
    if pt.is_nested(kind) or pt.is_binary(kind) or pt.is_large_binary(kind) or n < 2:
        return None
    try:
        distinct = pc.count_distinct(column, mode="all").as_py()
    except pa.ArrowNotImplementedError:  # a type that only nulls have, and some rare ones
        return None
    if distinct > min(FEW_VALUES, n / 2):
        try:
            return _in_bins(numbers(column, name, "a histogram"))
        except RequestError:
            pass  # text
    if not 2 <= distinct <= min(CLASSES, n / 2):
        return None
    encoded = pc.dictionary_encode(column.combine_chunks())
    texts = [text or NONE for text in categories(pa.chunked_array([encoded.dictionary]))]
    # Null, empty text and NaN are all no value: one class, the last.
    names = sorted(set(texts) - {NONE})
    place = {text: code for code, text in enumerate([*names, NONE])}
    meaning = np.array([*(place[text] for text in texts), len(names)], dtype=np.int64)
    codes = meaning[pc.fill_null(encoded.indices, len(texts)).to_numpy(zero_copy_only=False)]
    if (codes == len(names)).any():
        names.append(NONE)
    return (codes, names, False) if len(names) > 1 else None


def _in_bins(values: Float64Array) -> tuple[IntArray, list[str], bool] | None:
    """Bins between quantiles of the values; those without a value are a class, the last."""
    known = np.isfinite(values)
    bins = min(BINS, int(known.sum()) // LEAST)
    if bins < 2:
        return None
    edges = np.unique(np.quantile(values[known], np.linspace(0, 1, bins + 1)))
    if len(edges) < 3:  # most values are equal
        return None
    codes = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    names = [f"{low:.4g} to {high:.4g}" for low, high in pairwise(edges)]
    if not known.all():
        codes[~known] = len(names)
        names.append(NONE)
    return codes.astype(np.int64), names, True


def _measured(
    name: str,
    codes: IntArray,
    names: list[str],
    binned: bool,
    picks: IntArray,
    draws: Sequence[IntArray],
    *,
    is_label: bool,
) -> ColumnShares:
    many = len(names)

    def counts(rows: IntArray | slice) -> IntArray:
        return np.bincount(codes[rows], minlength=many).astype(np.int64)

    whole, own = counts(slice(None)), counts(picks)
    drawn = np.array([counts(rows) / len(rows) for rows in draws])
    before, after = whole / whole.sum(), own / own.sum()
    low, high = np.quantile(drawn, INTERVAL, axis=0)
    order = np.arange(many) if binned else np.argsort(-whole, kind="stable")
    return ColumnShares(
        name=name,
        is_label=is_label,
        binned=binned,
        n_classes=many,
        classes=[
            ColumnClass(
                name=names[c],
                input_count=int(whole[c]),
                input_share=float(before[c]),
                selected_count=int(own[c]),
                selected_share=float(after[c]),
                random_share=float(drawn[:, c].mean()),
                interval=(float(low[c]), float(high[c])),
            )
            for c in order[:LISTED].tolist()
        ],
        variation=versus_random(
            variation(after, before), [variation(shares, before) for shares in drawn], gt
        ),
        input_entropy=entropy(before),
        entropy=versus_random(entropy(after), [entropy(shares) for shares in drawn], gt),
    )


def variation(p: Float64Array, q: Float64Array) -> float:
    """Total variation distance of (C,) shares."""
    return float(np.abs(p - q).sum() / 2)


def entropy(shares: Float64Array) -> float:
    """Entropy of (C,) shares over its largest value; C > 1."""
    held = shares[shares > 0]
    return float(max(-(held * np.log(held)).sum() / np.log(len(shares)), 0.0))
