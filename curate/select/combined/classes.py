"""The classes that each item counts for, and how many items of each a selection should have.

With a column of categories, an item counts for its category. With a column of class lists, as
from detections, it counts for each class by its share of the list. With a column of maps from
class to number, it counts by the numbers, divided by their sum. Text that is a JSON list or
object counts as a list or map. Items with a missing value, an empty list or an empty map form a
class of their own, NONE.

Cost: O(n), and for lists and maps O(number of entries).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.types as pt
from numpy.typing import NDArray

from curate.core.distance import Float64Array
from curate.core.values import BoolArray
from curate.errors import RequestError, did_you_mean
from curate.schema.strategies import NONE, OTHERS
from curate.select.columns import categories

FEW = 100  # up to so many classes, they may be more than half as many as the items
Shares = tuple[tuple[str, float], ...]  # (class, share) pairs of an item


@dataclass(frozen=True)
class Classes:
    """The classes that n items count for.

    names   the classes, sorted; NONE last, if there are items without a class
    rows    (n,) int32 the row of `shares` for each item
    shares  (rows, classes) float64, rows sum to 1
    """

    names: tuple[str, ...]
    rows: NDArray[np.int32]
    shares: Float64Array

    def totals(self, items: BoolArray | NDArray[np.int64] | slice = slice(None)) -> Float64Array:
        """(classes,) how many of these items there are in each class; by default of all items."""
        counts = np.bincount(self.rows[items], minlength=len(self.shares))
        totals: Float64Array = (counts[:, None] * self.shares).sum(axis=0)
        return totals

    @property
    def whole(self) -> bool:
        """Whether every item counts for exactly one class."""
        return bool((self.shares.max(axis=1) == 1).all())

    def merged(self, names: Sequence[str], others: str | None) -> Classes:
        """Classes `names` in this order; if given, `others` is a class of all other classes."""
        columns = {name: column for column, name in enumerate(names)}
        shares = np.zeros((len(self.shares), len(names) + (others is not None)))
        for old_column, name in enumerate(self.names):
            column = columns.get(name, len(names) if others is not None else None)
            if column is not None:
                shares[:, column] += self.shares[:, old_column]
        merged_names = (*names, others) if others is not None else tuple(names)
        return Classes(merged_names, self.rows, shares)


def classes_of(column: pa.ChunkedArray, name: str) -> Classes:
    """The classes in a column.

    Raises RequestError for negative numbers in a map, and for nested lists.
    """
    items = _shares_of_items(column, name)
    row_of: dict[Shares, int] = {}
    rows = np.fromiter((row_of.setdefault(s, len(row_of)) for s in items), np.int32, len(items))
    occurring = {class_ for item_shares in row_of for class_, _ in item_shares}
    names = sorted(occurring - {NONE}) + ([NONE] if NONE in occurring else [])
    columns = {class_: i for i, class_ in enumerate(names)}
    shares = np.zeros((len(row_of), len(names)))
    for item_shares, row in row_of.items():
        for class_, share in item_shares:
            shares[row, columns[class_]] = share
    return Classes(tuple(names), rows, shares)


def _shares_of_items(column: pa.ChunkedArray, name: str) -> list[Shares]:
    """For each item the classes that it counts for."""
    kind = column.type
    if pt.is_nested(kind):
        return [_shares(value, name) for value in column.to_pylist()]
    texts = categories(column)
    if all(text is None or text[0] in "[{" for text in texts) and any(texts):
        try:
            return [_shares(json.loads(text) if text else None, name) for text in texts]
        except json.JSONDecodeError:
            pass  # categories whose names start with [ or {
    # One tuple for equal texts.
    shares = {text: ((text or NONE, 1.0),) for text in set(texts)}
    return [shares[text] for text in texts]


def _shares(value: object, name: str) -> Shares:
    """The classes that an item with this value counts for."""
    if isinstance(value, list) and value and all(isinstance(entry, tuple) for entry in value):
        value = dict(value)  # pyarrow returns a map as a list of pairs
    weights: dict[str, float] = {}
    if isinstance(value, Mapping):
        weights = {str(k): float(v) for k, v in value.items() if v}
    elif isinstance(value, list):
        for entry in value:
            if isinstance(entry, list | dict):
                raise RequestError(
                    f"balance needs classes, and column {name!r} holds {value!r:.60}: "
                    "give a list of class names, or a map of class to number."
                )
            weights[str(entry)] = weights.get(str(entry), 0.0) + 1.0
    elif value is not None:
        weights = {str(value): 1.0}
    if any(not math.isfinite(weight) or weight < 0 for weight in weights.values()):
        raise RequestError(
            f"balance needs shares of 0 or more, and column {name!r} holds {value!r:.60}."
        )
    total = math.fsum(weights.values())
    if total == 0:
        return ((NONE, 1.0),)
    return tuple(sorted((class_, weight / total) for class_, weight in weights.items()))


def targets(
    classes: Classes, target: str | Mapping[str, float], name: str
) -> tuple[Classes, Float64Array]:
    """The classes that are counted, and the (classes,) share that each should have.

    target  "uniform": the same share for every class, none for NONE
            "input": the shares of the data, also for NONE
            shares of classes: the rest is for all other classes together, NONE among them

    Raises RequestError if a named class does not occur, or if almost every item has a class of
    its own.
    """
    n = len(classes.rows)
    has_name = np.array([class_ != NONE for class_ in classes.names])
    n_classes, classified = int(has_name.sum()), float(classes.totals()[has_name].sum())
    if n_classes == 0:
        raise RequestError(f"balance on {name!r} is impossible: no item has a value in it.")
    if n_classes == classified > 2 or n_classes > max(classified / 2, FEW):
        raise RequestError(
            f"balance on {name!r} is impossible: it has {n_classes:,} different values "
            f"for {n:,} items. Name a column whose values are shared by many items."
        )
    if target == "input":
        return classes, classes.totals() / n
    if isinstance(target, str):
        return classes, has_name / n_classes
    for class_ in target:
        if class_ not in classes.names:
            raise RequestError(
                f"no item has {name} {class_!r}: {did_you_mean(class_, classes.names)}"
            )
    rest = 1 - math.fsum(target.values())
    has_others = len(target) < len(classes.names)
    counted = classes.merged(list(target), OTHERS if has_others else None)
    shares = np.array([*target.values(), *([max(rest, 0.0)] if has_others else [])])
    return counted, shares


def quotas(
    shares: Float64Array, total: float, has: Float64Array, most: Float64Array, *, whole: bool
) -> Float64Array:
    """(classes,) how many of `total` items each class should have: `shares` as far as possible.

    has    (classes,) items in the datapool, which count in any case
    most   (classes,) items in the datapool and among the candidates
    whole  each item counts for one class: quotas are whole numbers, by largest remainder

    Water-filling: clip(level · share, has, most), with the level at which the quotas sum to
    `total`. So if a class has too few items, the rest of its quota is shared out among the other
    classes in proportion to their shares.
    """
    wanted = shares > 0
    total = min(total, float(np.where(wanted, most, has).sum()))

    def at(level: float) -> Float64Array:
        filled: Float64Array = np.where(wanted, np.clip(level * shares, has, most), has)
        return filled

    low, high = 0.0, float((most[wanted] / shares[wanted]).max())
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle).sum() < total else (low, middle)
    exact = at(high)
    if not whole:
        return exact
    floors = np.floor(exact + 1e-9)
    left = round(total - float(floors.sum()))
    order = np.argsort(-(exact - floors), kind="stable")
    can_grow = [int(c) for c in order if wanted[c] and floors[c] + 1 <= most[c]]
    floors[can_grow[:left]] += 1
    return floors
