"""What every strategy may be told, and how that is written as text."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


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
