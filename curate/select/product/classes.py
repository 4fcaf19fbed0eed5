"""Which classes each item counts for, and how many of each a selection should hold.

A column of categories: an item counts for its category. A column of class lists, as detections
give: for each class by its share of the list. A column of class → number maps: by the numbers,
divided by their sum. Text that is a JSON list or object counts as one. Items with no value, an
empty list or an empty map are a class of their own, NONE.

Cost: O(n) and, for lists and maps, O(all entries).
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

FEW = 100  # classes that may be more than half as many as the items
Shares = tuple[tuple[str, float], ...]  # class, share; what an item counts for


@dataclass(frozen=True)
class Classes:
    """What n items count for.

    names  the classes, sorted; NONE last, if there are items of no class
    rows   (n,) int32 which row of `shares` an item has
    shares (rows, classes) float64, rows sum to 1
    """

    names: tuple[str, ...]
    rows: NDArray[np.int32]
    shares: Float64Array

    def totals(self, some: BoolArray | NDArray[np.int64] | slice = slice(None)) -> Float64Array:
        """(classes,) how many items of each class there are among `some` of the items."""
        counts = np.bincount(self.rows[some], minlength=len(self.shares))
        totals: Float64Array = (counts[:, None] * self.shares).sum(axis=0)
        return totals

    @property
    def whole(self) -> bool:
        """Whether every item counts for one class alone."""
        return bool((self.shares.max(axis=1) == 1).all())

    def merged(self, names: Sequence[str], others: str | None) -> Classes:
        """Counted for `names` in this order, and for all other classes together if asked."""
        place = {name: at for at, name in enumerate(names)}
        shares = np.zeros((len(self.shares), len(names) + (others is not None)))
        for at, name in enumerate(self.names):
            to = place.get(name, len(names) if others is not None else None)
            if to is not None:
                shares[:, to] += self.shares[:, at]
        shown = (*names, others) if others is not None else tuple(names)
        return Classes(shown, self.rows, shares)


def classes_of(column: pa.ChunkedArray, name: str) -> Classes:
    """The classes in a column.

    Raises RequestError for what holds none: negative numbers in a map, or nested lists.
    """
    each = _entries(column, name)
    rows: dict[Shares, int] = {}
    at = np.fromiter((rows.setdefault(one, len(rows)) for one in each), np.int32, len(each))
    found = {class_ for one in rows for class_, _ in one}
    names = sorted(found - {NONE}) + ([NONE] if NONE in found else [])
    place = {class_: i for i, class_ in enumerate(names)}
    shares = np.zeros((len(rows), len(names)))
    for one, row in rows.items():
        for class_, share in one:
            shares[row, place[class_]] = share
    return Classes(tuple(names), at, shares)


def _entries(column: pa.ChunkedArray, name: str) -> list[Shares]:
    kind = column.type
    if pt.is_nested(kind):
        return [_shares(value, name) for value in column.to_pylist()]
    texts = categories(column)
    if all(text is None or text[0] in "[{" for text in texts) and any(texts):
        try:
            return [_shares(json.loads(text) if text else None, name) for text in texts]
        except json.JSONDecodeError:
            pass  # classes whose names begin so
    known = {text: ((text or NONE, 1.0),) for text in set(texts)}
    return [known[text] for text in texts]


def _shares(value: object, name: str) -> Shares:
    """What an item with this list or map counts for."""
    if isinstance(value, list) and value and all(isinstance(one, tuple) for one in value):
        value = dict(value)  # how pyarrow gives a map
    weights: dict[str, float] = {}
    if isinstance(value, Mapping):
        weights = {str(k): float(v) for k, v in value.items() if v}
    elif isinstance(value, list):
        for one in value:
            if isinstance(one, list | dict):
                raise RequestError(
                    f"balance needs classes, and column {name!r} holds {value!r:.60}: "
                    "give a list of class names, or a map of class to number."
                )
            weights[str(one)] = weights.get(str(one), 0.0) + 1.0
    elif value is not None:
        weights = {str(value): 1.0}
    if any(not math.isfinite(one) or one < 0 for one in weights.values()):
        raise RequestError(
            f"balance needs shares of 0 or more, and column {name!r} holds {value!r:.60}."
        )
    total = math.fsum(weights.values())
    if total == 0:
        return ((NONE, 1.0),)
    return tuple(sorted((class_, one / total) for class_, one in weights.items()))


def targets(
    classes: Classes, target: str | Mapping[str, float], name: str
) -> tuple[Classes, Float64Array]:
    """What is counted, and the share (classes,) that each class of it should have.

    uniform  the same for every class but NONE, which gets nothing
    input    as in the data, NONE too
    shares   as given; what they leave is for all other classes together, NONE among them

    Raises RequestError for a class that does not occur, or a class an item.
    """
    n = len(classes.rows)
    named = np.array([class_ != NONE for class_ in classes.names])
    own, valued = int(named.sum()), float(classes.totals()[named].sum())
    if own == 0:
        raise RequestError(f"balance on {name!r} is impossible: no item has a value in it.")
    if own == valued > 2 or own > max(valued / 2, FEW):
        raise RequestError(
            f"balance on {name!r} is impossible: it has {own:,} different values for {n:,} items. "
            "Name a column whose values are shared by many items."
        )
    if target == "input":
        return classes, classes.totals() / n
    if isinstance(target, str):
        return classes, named / own
    for class_ in target:
        if class_ not in classes.names:
            raise RequestError(
                f"no item has {name} {class_!r}: {did_you_mean(class_, classes.names)}"
            )
    rest = 1 - math.fsum(target.values())
    left = len(target) < len(classes.names)
    counted = classes.merged(list(target), OTHERS if left else None)
    shares = np.array([*target.values(), *([max(rest, 0.0)] if left else [])])
    return counted, shares


def quotas(
    shares: Float64Array, total: float, has: Float64Array, most: Float64Array, *, whole: bool
) -> Float64Array:
    """(classes,) items that each class should have of `total`: `shares` as far as possible.

    has   what the datapool gives and nothing takes away; most  what there is in all
    whole items are not shared between classes: quotas are whole numbers, by largest remainder

    Water-filling: clip(level · share, has, most) with the level at which they sum to `total`,
    so that what a class cannot have goes to the others in proportion to their shares.
    """
    asked = shares > 0
    total = min(total, float(np.where(asked, most, has).sum()))

    def at(level: float) -> Float64Array:
        filled: Float64Array = np.where(asked, np.clip(level * shares, has, most), has)
        return filled

    low, high = 0.0, float((most[asked] / shares[asked]).max())
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle).sum() < total else (low, middle)
    exact = at(high)
    if not whole:
        return exact
    floors = np.floor(exact + 1e-9)
    left = round(total - float(floors.sum()))
    order = np.argsort(-(exact - floors), kind="stable")
    able = [int(c) for c in order if asked[c] and floors[c] + 1 <= most[c]]
    floors[able[:left]] += 1
    return floors
