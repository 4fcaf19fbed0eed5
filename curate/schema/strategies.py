"""What each strategy may be told: a class a strategy, the same from TOML, text and Python.

The attribute docstrings are the only description of a parameter, `when` and `cost` the only
one of a strategy: `curate strategies` prints them. Nothing heavy is imported, for the command
line reads this before it knows whether there is anything to do.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

# --------------------------------------------------------------------------------------
# What every strategy may be told, and how that is written as text.


class Spec(BaseModel):
    """What all strategies have in common."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False
    )

    name: str
    """Which strategy."""

    when: ClassVar[str]
    cost: ClassVar[str]
    example: ClassVar[str]
    # The parameter that is written without its name, as in `weights:score`.
    main: ClassVar[str | None] = None

    @classmethod
    def parse(cls, words: str) -> dict[str, Any]:
        """Settings from what stands behind the colon: `main,key=value,key=value`."""
        first, *others = words.split(",") if words else [""]
        found: dict[str, Any] = {}
        key = first.partition("=")[0].strip()
        if words and cls.main and key not in cls.model_fields:
            found[cls.main] = first.strip()
        elif words:
            others = [first, *others]
        return found | dict(pair(part) for part in others)

    def words(self) -> str:
        """What stands behind the colon; `parse` makes the same settings of it."""
        told = {n: v for n, v in self if n != "name" and v != type(self).model_fields[n].default}
        main = [str(told.pop(self.main))] if self.main else []
        return ",".join([*main, *(f"{name}={plain(value)}" for name, value in told.items())])

    @property
    def counts_itself(self) -> bool:
        """Whether a job needs no n because this strategy knows when to stop."""
        return False


def pair(part: str) -> tuple[str, str]:
    key, equals, value = part.partition("=")
    if not equals:
        raise ValueError(f"{part.strip()!r} is no setting: write KEY=VALUE, apart by commas")
    return key.strip(), value.strip()


def plain(value: object) -> str:
    """A number in as few signs as name it exactly; other values as they are."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


# --------------------------------------------------------------------------------------
# What the strategies may be told that select alone: they cannot be combined, only filtered.


class FacilityLocation(Spec):
    """Each pick lowers the mean coverage distance most. Lazy greedy, exact up to 20,000 items;
    above, on a uniform sample of as many, or of ten a pick."""

    name: Literal["facility-location"] = "facility-location"
    when = "every item should have a pick near it on average; dense regions get more picks"
    cost = "n²·d, at most that of the sample"
    example = "facility-location"


class KMedoids(Spec):
    """Facility location's picks, exchanged for others as long as that lowers the mean coverage
    distance (FasterPAM); above 20,000 items on a uniform sample of as many.
    Needs pip install "curate-select[kmedoids]"."""

    name: Literal["k-medoids"] = "k-medoids"
    when = "the mean coverage distance is all that counts, and the data are not too many"
    cost = "n²·d time and 4·n² bytes, at most those of the sample"
    example = "k-medoids"


class Deduplicate(Spec):
    """Keeps items until every other one is closer than a distance to a kept one. Without n it
    keeps as many as that takes. dropped.csv has the kept one of each dropped item."""

    name: Literal["deduplicate"] = "deduplicate"
    distance: float = Field(gt=0)
    """Items closer than this to a kept one are dropped; 1e-9 drops exact duplicates alone."""
    when = "near-duplicates should go, and nothing else"
    cost = "a fraction of n·k·d, k being what is kept"
    example = "deduplicate:distance=0.1"
    main = "distance"

    @property
    def counts_itself(self) -> bool:
        return True


class Sequence(Spec):
    """Whole runs of consecutive items, as different as possible by their mean embeddings. n counts
    items; what is less than a run, at the end of a group or of n, is left out."""

    name: Literal["sequence"] = "sequence"
    length: int = Field(ge=1)
    """How many consecutive items, in the order of the source, are a run."""
    column: str | None = Field(default=None, min_length=1)
    """Column whose value is the same all through a run: the video, or the folder."""
    when = "frames of video are of use only with their neighbours"
    cost = "as diversity, of n / length means"
    example = "sequence:length=10,column=video"
    main = "length"


# --------------------------------------------------------------------------------------


OTHERS, NONE = "(all others)", "(none)"  # how reports call classes that have no name


class Weighed(Spec):
    """A strategy that takes part in a product, with a strength."""

    strength: float = Field(default=1.0, ge=-10, le=10)
    """Exponent of its factor beside others: 2 weighs it double, -1 inverts it."""

    @model_validator(mode="after")
    def _has_a_part(self) -> Self:
        if self.strength == 0 and not self.counts_itself:
            raise ValueError("with strength 0 it takes no part: leave the strategy out")
        return self


class Diversity(Weighed):
    """Distance to the nearest item selected so far, over the largest that any item had."""

    name: Literal["diversity"] = "diversity"
    when = "rare cases matter; near-duplicates should go; the largest coverage distance counts"
    cost = "a fraction of n·k·d"
    example = "diversity"


class Typicality(Weighed):
    """How near the k nearest neighbours are: mean of exp(−d / mean d), high in dense regions."""

    name: Literal["typicality"] = "typicality"
    neighbours: int = Field(default=20, ge=1)
    """How many nearest neighbours count."""
    when = "few labels can be made, and should go to what is common"
    cost = "the neighbours of every item: n²·d"
    example = "typicality:neighbours=20"


class Outliers(Weighed):
    """The inverse of typicality: least typical item / item."""

    name: Literal["outliers"] = "outliers"
    neighbours: int = Field(default=20, ge=1)
    """How many nearest neighbours count."""
    when = "you look for oddities, broken items and rare cases"
    cost = "as typicality"
    example = "outliers"


class Similarity(Weighed):
    """How near the nearest item of a query set is: exp(−d / mean d)."""

    name: Literal["similarity"] = "similarity"
    query: str = Field(min_length=1)
    """The query set: a path of items, the folder or report.json of an earlier run, or
    ids:FILE or ids:ID|ID of items of the data."""
    when = "you have examples and want more of their kind"
    cost = "n·q·d for q queries"
    example = "similarity:failures.npy"
    main = "query"


class Weights(Weighed):
    """A numeric column over its largest value; with negative values its place between both ends.

    An item without a value cannot be picked; nothing counts as less than a millionth.
    """

    name: Literal["weights"] = "weights"
    column: str = Field(min_length=1)
    """Column of numbers: scores of a model, sharpness, price."""
    budget: float | None = Field(default=None, gt=0)
    """The picks' values sum up to no more than this. With strength 0 the column is only that."""
    when = "a number says what an item is worth, or what it costs"
    cost = "n"
    example = "weights:score,strength=2"
    main = "column"

    @property
    def counts_itself(self) -> bool:
        return self.budget is not None


class Balance(Weighed):
    """The share of its quota that the item's class still lacks."""

    name: Literal["balance"] = "balance"
    column: str = Field(min_length=1)
    """Column of classes, of class lists, or of class → probability maps."""
    target: Literal["uniform", "input"] | dict[str, float] = "uniform"
    """Shares of the classes: uniform, input (as in the data), or a share for each class that is
    named, as in day:0.5/night:0.3; the rest is for all other classes together. Items of no class
    get no share of uniform, their own of input, and are among the others of named ones."""
    when = "the selection should have other class shares than the data, or keep them"
    cost = "n"
    example = "balance:weather=day:0.5/night:0.3,strength=2"

    @field_validator("target")
    @classmethod
    def _adds_up(cls, target: str | dict[str, float]) -> str | dict[str, float]:
        if isinstance(target, dict):
            if not target or min(target.values()) < 0:
                raise ValueError("give each class a share of 0 or more")
            if (total := math.fsum(target.values())) > 1 + 1e-9:
                raise ValueError(f"the shares sum to {total:g}, more than 1")
        return target

    @classmethod
    def parse(cls, words: str) -> dict[str, Any]:
        """`COLUMN`, `COLUMN=uniform`, or `COLUMN=day:0.5/night:0.3`, then key=value."""
        first, *others = words.split(",")
        column, _, target = first.partition("=")
        found: dict[str, Any] = {"column": column.strip()}
        if ":" in target:
            pairs = [part.rpartition(":") for part in target.split("/")]
            found["target"] = {name.strip(): share.strip() for name, _, share in pairs}
        elif target:
            found["target"] = target.strip()
        return found | dict(pair(part) for part in others)

    def words(self) -> str:
        target = self.target if isinstance(self.target, str) else shares_in_words(self.target)
        strength = "" if self.strength == 1 else f",strength={plain(self.strength)}"
        return f"{self.column}={target}{strength}"


class Threshold(Spec):
    """Only items whose value in a column meets a condition can be picked; applied first."""

    name: Literal["threshold"] = "threshold"
    column: str = Field(min_length=1)
    """Column of numbers or of categories. An item without a value meets no condition."""
    op: Literal["<=", ">=", "==", "!=", "<", ">", "in"]
    """How it is compared: < <= > >= == != or in."""
    value: float | str | tuple[float | str, ...]
    """With what: a number or a category; for `in` several, as in day/night."""
    when = "some items must not be selected: blurred, too short, of the wrong class"
    cost = "n"
    example = "threshold:sharpness>20"

    @field_validator("value", mode="before")
    @classmethod
    def _plain_values(cls, value: Any) -> Any:
        return tuple(map(_number, value)) if isinstance(value, list | tuple) else _number(value)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.op == "in") != isinstance(self.value, tuple):
            raise ValueError("several values go with `in`, and `in` goes with several")
        if self.op in ("<", "<=", ">", ">=") and isinstance(self.value, str):
            raise ValueError(f"{self.op} needs a number, got {self.value!r}")
        return self

    @classmethod
    def parse(cls, words: str) -> dict[str, Any]:
        """`COLUMN OP VALUE`; the values of `in` stand apart by slashes."""
        ops = ("<=", ">=", "==", "!=", "<", ">", " in ")
        at, op = min(((words.find(op), op) for op in ops if op in words), default=(-1, ""))
        if at < 0:
            raise ValueError("write it as COLUMN OP VALUE, with one of < <= > >= == != in")
        # Of `<=` and `<`, found at the same place, the longer one is meant.
        op = next(one for one in ops if words.startswith(one, at))
        value: Any = words[at + len(op) :].strip()
        if op == " in ":
            value = [part.strip() for part in value.split("/")]
        return {"column": words[:at].strip(), "op": op.strip(), "value": value}

    def words(self) -> str:
        if isinstance(self.value, tuple):
            return f"{self.column} in {'/'.join(map(plain, self.value))}"
        return f"{self.column}{self.op}{plain(self.value)}"

    @property
    def counts_itself(self) -> bool:
        return True


class Random(Weighed):
    """Chance: 1 / E with E exponential, so that beside weights w items are drawn in
    proportion to w, without replacement. Strength is 1 over a temperature."""

    name: Literal["random"] = "random"
    when = "you want a baseline, the best mean coverage, or a draw by weights or by class"
    cost = "n"
    example = "random"


AnySpec = Annotated[
    Diversity
    | Typicality
    | Outliers
    | Similarity
    | Weights
    | Balance
    | Threshold
    | Random
    | FacilityLocation
    | KMedoids
    | Deduplicate
    | Sequence,
    Field(discriminator="name"),
]
SPECS: dict[str, type[Spec]] = {
    spec.model_fields["name"].default: spec for spec in get_args(get_args(AnySpec)[0])
}


def shares_in_words(shares: dict[str, float]) -> str:
    """As in day:0.5/night:0.3."""
    return "/".join(f"{name}:{plain(share)}" for name, share in shares.items())


def _number(value: Any) -> Any:
    """A number where text is the plain spelling of one: "20", but not "007"."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return float(value)
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return value
        return number if math.isfinite(number) and plain(number) == value else value
    return value
