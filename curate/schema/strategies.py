"""The settings of each strategy: one class for each, the same from TOML, text and Python.

`SPEC_CLASSES` lists them; names and the type of a job's strategies follow from it. What a
strategy does is in `curate.select`; its line in `select/registry.py` starts with its class here.

The docstring of a class, `when`, `cost` and the docstrings of the settings are the only
description of a strategy: `curate strategies`, error messages and the documentation print them.
Nothing heavy is imported, because every command reads this file.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, Union

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

# --------------------------------------------------------------------------------------
# The base class, and how settings are written as text.


class Spec(BaseModel):
    """The settings of one strategy.

    when     when to use it, as an end of the sentence "Use it when …"
    cost     time in n items, k picks and d dimensions
    example  how it is written on the command line
    main     the setting that is written without its name, as in `weights:score`; None if none is
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False
    )

    name: str
    """Which strategy."""

    when: ClassVar[str]
    cost: ClassVar[str]
    example: ClassVar[str]
    main: ClassVar[str | None] = None

    @classmethod
    def parse_settings(cls, text: str) -> dict[str, Any]:
        """Settings from the text after the colon: `main,key=value,key=value`.

        Values are not validated yet. Raises ValueError for a part without "=".
        """
        first, *others = text.split(",") if text else [""]
        settings: dict[str, Any] = {}
        key = first.partition("=")[0].strip()
        if text and cls.main and key not in cls.model_fields:
            settings[cls.main] = first.strip()
        elif text:
            others = [first, *others]
        return settings | dict(key_and_value(part) for part in others)

    def settings_text(self) -> str:
        """The text after the colon; `parse_settings` reads it back."""
        fields = type(self).model_fields
        settings = {n: v for n, v in self if n != "name" and v != fields[n].default}
        main = [str(settings.pop(self.main))] if self.main else []
        others = [f"{name}={number_text(value)}" for name, value in settings.items()]
        return ",".join([*main, *others])

    @property
    def counts_itself(self) -> bool:
        """Whether a job may leave out n because this strategy decides how many items to pick."""
        return False


def key_and_value(part: str) -> tuple[str, str]:
    """Key and value of `key=value`. Raises ValueError for a text without "="."""
    key, equals, value = part.partition("=")
    if not equals:
        raise ValueError(
            f"{part.strip()!r} is no setting: write KEY=VALUE, and separate settings by commas"
        )
    return key.strip(), value.strip()


def number_text(value: object) -> str:
    """A number in the fewest characters that give it exactly; other values as `str` does."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


# --------------------------------------------------------------------------------------
# Strategies that select alone: only thresholds can go with them.


class FacilityLocation(Spec):
    """Each pick is the item that lowers the mean coverage distance most (lazy greedy). Exact up
    to 20,000 items; with more, it works on a uniform sample of that size, or of ten items for each
    pick if that is more."""

    name: Literal["facility-location"] = "facility-location"
    when = "every item should have a pick near it on average; dense regions get more picks"
    cost = "n²·d, with n at most the size of the sample"
    example = "facility-location"


class KMedoids(Spec):
    """Starts with the picks of facility-location and exchanges them for other items as long as
    that lowers the mean coverage distance (FasterPAM). With more than 20,000 items it works on a
    uniform sample of that size. Needs pip install "curate-select[kmedoids]"."""

    name: Literal["k-medoids"] = "k-medoids"
    when = "only the mean coverage distance matters, and the data set is not large"
    cost = "n²·d time and 4·n² bytes, with n at most the size of the sample"
    example = "k-medoids"


class Deduplicate(Spec):
    """Keeps items until every other item is closer than a distance to a kept one. Without n it
    keeps as many as needed. dropped.csv names the kept item for each dropped one."""

    name: Literal["deduplicate"] = "deduplicate"
    distance: float = Field(gt=0)
    """Items closer than this to a kept item are dropped; 1e-9 drops only exact duplicates."""
    when = "you want to remove near-duplicates and nothing else"
    cost = "a fraction of n·k·d, with k the number of kept items"
    example = "deduplicate:distance=0.1"
    main = "distance"

    @property
    def counts_itself(self) -> bool:
        return True


class SequenceRuns(Spec):
    """Whole runs of consecutive items, with mean embeddings as different as possible. n counts
    items; items left over at the end of a group, and what n has beyond whole runs, are left out."""

    name: Literal["sequence"] = "sequence"
    length: int = Field(ge=1)
    """How many consecutive items, in the order of the source, make a run."""
    column: str | None = Field(default=None, min_length=1)
    """Column whose value is the same for all items of a run: the video, or the folder."""
    when = "frames of a video are useful only together with their neighbours"
    cost = "as diversity, for n / length means"
    example = "sequence:length=10,column=video"
    main = "length"


# --------------------------------------------------------------------------------------


# Strategies that can be combined: each is a factor of a product.

OTHERS, NONE = "(all others)", "(none)"  # names in reports of the classes that have none


class FactorSpec(Spec):
    """The settings of a strategy that can be a factor of a product."""

    strength: float = Field(default=1.0, ge=-10, le=10)
    """Exponent of its factor: 2 counts it twice, -1 inverts it."""

    @model_validator(mode="after")
    def _has_an_effect(self) -> Self:
        if self.strength == 0 and not self.counts_itself:
            raise ValueError("with strength 0 it has no effect: leave the strategy out")
        return self


class Diversity(FactorSpec):
    """Distance to the nearest selected item, divided by the largest such distance at the start."""

    name: Literal["diversity"] = "diversity"
    when = "rare cases matter, near-duplicates are unwanted, or every item needs a pick near it"
    cost = "a fraction of n·k·d"
    example = "diversity"


class Typicality(FactorSpec):
    """How near the nearest neighbours are: mean of exp(−d / mean d), high in dense regions."""

    name: Literal["typicality"] = "typicality"
    neighbours: int = Field(default=20, ge=1)
    """Number of nearest neighbours."""
    when = "you can label only a few items and want the common cases"
    cost = "n²·d, for the neighbours of every item"
    example = "typicality:neighbours=20"


class Outliers(FactorSpec):
    """The inverse of typicality: the least typicality of any item, divided by the item's."""

    name: Literal["outliers"] = "outliers"
    neighbours: int = Field(default=20, ge=1)
    """Number of nearest neighbours."""
    when = "you look for unusual items, broken items and rare cases"
    cost = "as typicality"
    example = "outliers"


class Similarity(FactorSpec):
    """How near the nearest item of a query set is: exp(−d / mean d)."""

    name: Literal["similarity"] = "similarity"
    query: str = Field(min_length=1)
    """The query set: a path to items, the folder or report.json of an earlier run, or items of
    the data by their ids, as ids:FILE or ids:ID|ID."""
    when = "you have examples and want more items like them"
    cost = "n·q·d for q queries"
    example = "similarity:failures.npy"
    main = "query"


class Weights(FactorSpec):
    """A numeric column, divided by its largest value; a column with negative values is scaled
    from smallest to largest. An item without a value cannot be picked; factors below a millionth
    count as a millionth."""

    name: Literal["weights"] = "weights"
    column: str = Field(min_length=1)
    """Column of numbers: model scores, sharpness, price."""
    budget: float | None = Field(default=None, gt=0)
    """The values of all picks sum to at most this. With strength 0 the column is only a cost."""
    when = "a column says how useful an item is, or what it costs"
    cost = "n"
    example = "weights:score,strength=2"
    main = "column"

    @property
    def counts_itself(self) -> bool:
        return self.budget is not None


class Balance(FactorSpec):
    """The share of its quota that the class of the item still lacks."""

    name: Literal["balance"] = "balance"
    column: str = Field(min_length=1)
    """Column of classes, of lists of classes, or of maps from class to probability."""
    target: Literal["uniform", "input"] | dict[str, float] = "uniform"
    """Shares of the classes: uniform, input (as in the data), or a share for each named class,
    as in day:0.5/night:0.3, where the rest is for all other classes together. Items without a
    class get no share with uniform, their own share with input, and count among the other classes
    when shares are named."""
    when = "you want certain shares of classes: equal, as in the data, or your own"
    cost = "n"
    example = "balance:weather=day:0.5/night:0.3,strength=2"

    @field_validator("target")
    @classmethod
    def _shares_are_valid(cls, target: str | dict[str, float]) -> str | dict[str, float]:
        if isinstance(target, dict):
            if not target or min(target.values()) < 0:
                raise ValueError("give each class a share of 0 or more")
            if (total := math.fsum(target.values())) > 1 + 1e-9:
                raise ValueError(f"the shares sum to {total:g}, more than 1")
        return target

    @classmethod
    def parse_settings(cls, text: str) -> dict[str, Any]:
        """`COLUMN`, `COLUMN=uniform`, or `COLUMN=day:0.5/night:0.3`, then key=value."""
        first, *others = text.split(",")
        column, _, target = first.partition("=")
        settings: dict[str, Any] = {"column": column.strip()}
        if ":" in target:
            pairs = [part.rpartition(":") for part in target.split("/")]
            settings["target"] = {name.strip(): share.strip() for name, _, share in pairs}
        elif target:
            settings["target"] = target.strip()
        return settings | dict(key_and_value(part) for part in others)

    def settings_text(self) -> str:
        target = self.target if isinstance(self.target, str) else _shares_text(self.target)
        strength = "" if self.strength == 1 else f",strength={number_text(self.strength)}"
        return f"{self.column}={target}{strength}"


class Threshold(Spec):
    """Only items whose value in a column meets a condition can be picked. It is applied before the
    other strategies."""

    name: Literal["threshold"] = "threshold"
    column: str = Field(min_length=1)
    """Column of numbers or of categories. An item without a value meets no condition."""
    op: Literal["<=", ">=", "==", "!=", "<", ">", "in"]
    """The comparison: < <= > >= == != or in."""
    value: float | str | tuple[float | str, ...]
    """What the column is compared with: a number or a category; for `in` several, as in
    day/night."""
    when = "some items must not be selected: blurred, too short, of the wrong class"
    cost = "n"
    example = "threshold:sharpness>20"

    @field_validator("value", mode="before")
    @classmethod
    def _plain_values(cls, value: Any) -> Any:
        return tuple(map(_number, value)) if isinstance(value, list | tuple) else _number(value)

    @model_validator(mode="after")
    def _value_fits_op(self) -> Self:
        if (self.op == "in") != isinstance(self.value, tuple):
            raise ValueError("`in` goes with several values, and other comparisons with one")
        if self.op in ("<", "<=", ">", ">=") and isinstance(self.value, str):
            raise ValueError(f"{self.op} needs a number, got {self.value!r}")
        return self

    @classmethod
    def parse_settings(cls, text: str) -> dict[str, Any]:
        """`COLUMN OP VALUE`; the values of `in` are separated by slashes."""
        ops = ("<=", ">=", "==", "!=", "<", ">", " in ")
        start = min((text.find(op) for op in ops if op in text), default=-1)
        if start < 0:
            raise ValueError("write it as COLUMN OP VALUE, with one of < <= > >= == != in")
        op = next(op for op in ops if text.startswith(op, start))  # `<=` comes before `<`
        value: Any = text[start + len(op) :].strip()
        if op == " in ":
            value = [part.strip() for part in value.split("/")]
        return {"column": text[:start].strip(), "op": op.strip(), "value": value}

    def settings_text(self) -> str:
        if isinstance(self.value, tuple):
            return f"{self.column} in {'/'.join(map(number_text, self.value))}"
        return f"{self.column}{self.op}{number_text(self.value)}"

    @property
    def counts_itself(self) -> bool:
        return True


class RandomDraw(FactorSpec):
    """A random factor: 1 / E, with E exponential. Beside weights w, items are drawn in proportion
    to w, without replacement. Strength is 1 over a temperature."""

    name: Literal["random"] = "random"
    when = "you want a baseline, or a random draw by weights or by class"
    cost = "n"
    example = "random"


# --------------------------------------------------------------------------------------
# The table. A new class is added here; names and AnySpec follow.

SPEC_CLASSES: tuple[type[Spec], ...] = (
    Diversity,
    Typicality,
    Outliers,
    Similarity,
    Weights,
    Balance,
    Threshold,
    RandomDraw,
    FacilityLocation,
    KMedoids,
    Deduplicate,
    SequenceRuns,
)


def name_of(spec_class: type[Spec]) -> str:
    """The name of a strategy, as users write it."""
    return str(spec_class.model_fields["name"].default)


SPECS: dict[str, type[Spec]] = {name_of(spec_class): spec_class for spec_class in SPEC_CLASSES}

if TYPE_CHECKING:
    AnySpec = Spec
else:
    AnySpec = Annotated[Union[SPEC_CLASSES], Field(discriminator="name")]  # noqa: UP007  # a tuple


def _shares_text(shares: dict[str, float]) -> str:
    """Shares of classes as text: day:0.5/night:0.3."""
    return "/".join(f"{name}:{number_text(share)}" for name, share in shares.items())


def _number(value: Any) -> Any:
    """A number for a text that is the shortest form of one: for "20", but not for "007"."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return float(value)
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return value
        return number if math.isfinite(number) and number_text(number) == value else value
    return value
